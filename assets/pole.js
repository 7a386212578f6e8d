// A cart and its pole, as the player now plays, and the plane of its decisions.
const [view, plane] = ["view", "plane"].map((name) => element.querySelector(`canvas.pole-${name}`));
const told = element.querySelector(".pole-told");
const pen = view.getContext("2d"), pencil = plane.getContext("2d");
const FPS = 50, REACH = 2.6, LONG = 150; // steps a second; metres from the middle to the rim; pixels of the pole
const LEFT = [37, 99, 235], RIGHT = [217, 119, 6];
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
let data = null, at = 0, before = 0;

function say(place, zh, en) {
  place.replaceChildren(...[["zh", zh], ["en", en]].map(([lang, textContent]) => Object.assign(document.createElement("span"), { lang, textContent })));
}
function show() {
  if (!props.value) return;
  if (!data || props.value.look !== data.look) at = 0;
  data = props.value;
  const size = data.plane.length;
  plane.width = plane.height = size;
  data.plane.forEach((row, y) => row.forEach((right, x) => {
    pencil.fillStyle = `rgb(${LEFT.map((v, i) => Math.round(v + (RIGHT[i] - v) * right))})`;
    pencil.fillRect(x, size - 1 - y, 1, 1); // spin upwards
  }));
}
function draw() {
  const step = Math.min(Math.floor(at), data.episode.length - 1), [x, lean, push] = data.episode[step];
  const ink = getComputedStyle(element).color, floor = view.height - 50;
  const across = view.width / 2 + (x / REACH) * (view.width / 2);
  pen.clearRect(0, 0, view.width, view.height);
  Object.assign(pen, { strokeStyle: ink, lineWidth: 2, globalAlpha: 0.5 });
  pen.strokeRect(view.width / 2 - (2.4 / REACH) * (view.width / 2), floor + 20, (2.4 / REACH) * view.width, 0);
  pen.globalAlpha = 1;
  pen.fillStyle = "#0f766e";
  pen.beginPath();
  pen.roundRect(across - 45, floor - 24, 90, 40, 8);
  pen.fill();
  pen.fillStyle = `rgb(${push ? RIGHT : LEFT})`;
  const side = push ? 1 : -1; // which way the cart is pushed
  pen.beginPath();
  pen.moveTo(across - side * 52, floor - 4);
  pen.lineTo(across - side * 74, floor - 16);
  pen.lineTo(across - side * 74, floor + 8);
  pen.fill();
  Object.assign(pen, { strokeStyle: "#d97706", lineWidth: 12, lineCap: "round" });
  pen.beginPath();
  pen.moveTo(across, floor - 20);
  pen.lineTo(across + LONG * Math.sin(lean), floor - 20 - LONG * Math.cos(lean));
  pen.stroke();
  const fell = data.episode.length < 500 && step === data.episode.length - 1;
  const [zh, en] = data.told;
  say(told, `${zh} · 这一局第 ${step + 1} 步${fell ? "，倒了" : ""}`, `${en} · step ${step + 1} of this episode${fell ? ", it fell" : ""}`);
}
function tick(now) {
  if (!element.isConnected) return;
  const passed = Math.min(now - before, 100);
  before = now;
  if (data && view.offsetParent) {
    at = calm ? data.episode.length : at + (passed / 1000) * FPS;
    if (!calm && at > data.episode.length + FPS) at = 0; // looked at for a second more, then again
    draw();
  }
  requestAnimationFrame(tick);
}
watch("value", show);
show();
requestAnimationFrame(tick);
