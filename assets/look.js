// A picture to try, by file, paste, drop, or from the webcam several times a second while the tab is looked at.
const [stage, camera, file] = [".look-stage", ".look-camera", ".look-file"].map((name) => element.querySelector(name));
const [shown, video, hint, note] = ["img", "video", "span", ".lesson-note"].map((name) => (name === ".lesson-note" ? element : stage).querySelector(name));
const EVERY = 200; // milliseconds between two looks; the server answers the newest
let timer = null, own = null;

function tell(address) {
  own = address;
  props.value = own;
  trigger("input");
}
function show(address) {
  shown.hidden = !address;
  if (address) shown.src = address;
  hint.hidden = Boolean(address);
}
function dress() { say(camera, ...(timer ? ["关摄像头", "Stop camera"] : ["开摄像头", "Start camera"])); }
function stop() {
  clearInterval(timer);
  timer = null;
  cut(video);
  video.hidden = true;
  dress();
}
async function take(files) {
  if (!files.length) return;
  note.replaceChildren();
  try {
    const address = await shrink(files[0]);
    stop();
    show(address);
    tell(address);
  } catch (told) {
    say(note, ...told);
  }
}
camera.addEventListener("click", async () => {
  if (timer) {
    stop();
    return show(own);
  }
  note.replaceChildren();
  try {
    await film(video);
  } catch (told) {
    return say(note, ...told);
  }
  show("");
  hint.hidden = true;
  video.hidden = false;
  timer = setInterval(() => {
    if (!shownNow()) return stop();
    if (video.videoWidth && !document.hidden) tell(square(video, video.videoWidth, video.videoHeight));
  }, EVERY);
  dress();
});
file.addEventListener("click", () => choose(false, take));
stage.addEventListener("dragover", (event) => event.preventDefault());
stage.addEventListener("drop", (event) => {
  event.preventDefault();
  take(given(event.dataTransfer));
});
document.addEventListener("paste", (event) => {
  const files = given(event.clipboardData);
  if (!files.length || !shownNow() || !document.querySelector(".look-box:hover, .look-box:focus-within")) return;
  event.preventDefault();
  take(files);
});
watch("value", () => {
  if (props.value === own) return;
  stop();
  own = props.value;
  show(own);
});
dress();
show(props.value);
