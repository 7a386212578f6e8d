// A page to draw on: pen, finger or mouse; its value is a PNG data URL, sent while the line is drawn.
const canvas = element.querySelector("canvas");
const pen = canvas.getContext("2d", { willReadFrequently: true });
const steps = []; // the page before each stroke, for Undo
const EVERY = 150; // milliseconds between two looks at an unfinished stroke
const KIND = "data:image/png;base64,"; // a link could name an address elsewhere, which is not to be fetched
let own = "", told = 0, at = null; // own: what the page shows, as a value

function wipe() {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
}
function show() {
  if ((props.value || "") === own) return;
  const value = own = props.value || "";
  if (!String(value).startsWith(KIND)) return wipe();
  const picture = new Image();
  picture.onload = () => {
    if (value !== own) return; // something newer came
    wipe();
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  };
  picture.src = value;
}
function tell() {
  told = performance.now();
  own = canvas.toDataURL("image/png");
  props.value = own;
  trigger("input");
}
function place(event) {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) * canvas.width) / box.width,
          ((event.clientY - box.top) * canvas.height) / box.height];
}
function line(to) {
  pen.strokeStyle = "#111";
  pen.lineWidth = 18;
  pen.lineCap = pen.lineJoin = "round";
  pen.beginPath();
  pen.moveTo(...at);
  pen.lineTo(...to);
  pen.stroke();
  at = to;
}

canvas.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  steps.push(pen.getImageData(0, 0, canvas.width, canvas.height));
  if (steps.length > 30) steps.shift();
  at = place(event);
  line(at);
});
canvas.addEventListener("pointermove", (event) => {
  if (!at) return;
  for (const part of event.getCoalescedEvents?.() ?? [event]) line(place(part));
  if (performance.now() - told > EVERY) tell();
});
for (const end of ["pointerup", "pointercancel"])
  canvas.addEventListener(end, () => {
    if (at) tell();
    at = null;
  });
element.querySelector(".sketch-undo").addEventListener("click", () => {
  if (!steps.length) return;
  pen.putImageData(steps.pop(), 0, 0);
  tell();
});
element.querySelector(".sketch-clear").addEventListener("click", () => {
  steps.length = 0;
  wipe();
  props.value = own = "";
});
watch("value", show);
wipe();
show();
