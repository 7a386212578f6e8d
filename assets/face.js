// A photo that stays off the server's disk: chosen, dropped, pasted or taken here, made small and sent as a data URL.
const SIDE = 1280; // pixels
const EVERY = 200; // milliseconds between two looks whether the tab was left, which ends the camera
const drop = element.querySelector(".face-drop");
const picture = drop.querySelector("img");
const video = drop.querySelector("video");
const file = element.querySelector("input[type=file]");
const camera = element.querySelector(".face-camera");
let stream = null, watching = null;

function show(value) {
  picture.hidden = !value;
  if (value) picture.src = value;
  else picture.removeAttribute("src");
  drop.classList.toggle("full", Boolean(value));
}
function tell(value) {
  show(value);
  props.value = value;
  trigger("input");
}
function shrink(source, width, height) {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // behind what is transparent
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", 0.92);
}
async function take(blob) {
  if (!blob) return;
  stop();
  try {
    const bitmap = await createImageBitmap(blob, { imageOrientation: "from-image" });
    tell(shrink(bitmap, bitmap.width, bitmap.height));
    bitmap.close();
  } catch {
    hub.say("读不了这个文件，请换一张 JPEG、PNG 或 WebP 照片", "This file cannot be read; choose a JPEG, PNG or WebP photo");
  }
}
function stop() {
  clearInterval(watching);
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  video.hidden = true;
  camera.classList.remove("on");
}
async function look() {
  if (stream) {
    if (video.videoWidth) tell(shrink(video, video.videoWidth, video.videoHeight));
    return stop();
  }
  try {
    const asked = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
    stop(); // a second click may have been answered first
    stream = asked;
    watching = setInterval(() => { if (!element.isConnected || !element.offsetParent) stop(); }, EVERY);
    video.srcObject = stream;
    video.hidden = false;
    camera.classList.add("on");
    await video.play();
  } catch {
    stop();
    hub.say("打不开摄像头，请允许使用或改为选文件", "No camera; allow its use or choose a file");
  }
}

element.querySelector(".face-choose").addEventListener("click", () => file.click());
drop.addEventListener("click", () => (stream ? look() : file.click()));
drop.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) file.click();
});
file.addEventListener("change", () => {
  take(file.files[0]);
  file.value = "";
});
camera.addEventListener("click", look);
element.querySelector(".face-clear").addEventListener("click", () => {
  stop();
  show("");
  props.value = "";
});
drop.addEventListener("dragover", (event) => event.preventDefault());
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  take(event.dataTransfer.files[0]);
});
drop.addEventListener("paste", (event) => {
  take([...event.clipboardData.files].find((one) => one.type.startsWith("image/")));
});
watch("value", () => show(props.value));
show(props.value);
