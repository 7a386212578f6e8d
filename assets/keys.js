// A keyboard: each key sounds and writes its note, in ABC, behind what stands in a text box.
const board = element.querySelector(".keys-board");
const lengths = [...element.querySelectorAll(".keys-length")];
const into = () => document.querySelector(`#${board.dataset.into} textarea`);
let length = "", audio = null;

function put(change) {
  const box = into();
  if (!box) return;
  Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(box, change(box.value));
  box.dispatchEvent(new Event("input", { bubbles: true })); // as if it was typed
}
function spelled(key, text) { // an accidental holds to the end of a bar, in all octaves: a white key then needs its natural sign
  const [sign, name] = key.match(/^(\^?)(.*)$/).slice(1);
  const bar = text.slice(text.lastIndexOf("|") + 1);
  const before = bar.match(new RegExp(`[\\^_=]${name[0]}`, "gi"));
  const other = /K:/.test(text) || (before && !before.at(-1).startsWith("=")); // in a key of its own, or after a sharp
  return sign || other ? `${sign || "="}${name}` : name;
}
function sound(pitch) {
  audio ||= new AudioContext();
  audio.resume();
  const tone = audio.createOscillator(), level = audio.createGain(), now = audio.currentTime;
  tone.type = "triangle";
  tone.frequency.value = 440 * 2 ** ((pitch - 69) / 12);
  level.gain.setValueAtTime(0, now);
  level.gain.linearRampToValueAtTime(0.25, now + 0.01);
  level.gain.exponentialRampToValueAtTime(0.001, now + 0.6);
  tone.connect(level).connect(audio.destination);
  tone.start(now);
  tone.stop(now + 0.6);
}
function add(note, text) { return `${text}${text && !/\s$/.test(text) ? " " : ""}${note}`; }
board.addEventListener("click", (event) => {
  const { key, pitch } = event.target.closest("button")?.dataset || {};
  if (!key) return;
  sound(Number(pitch));
  put((text) => add(spelled(key, text) + length, text));
});
lengths.forEach((one) => one.addEventListener("click", () => {
  length = one.dataset.length;
  lengths.forEach((other) => other.setAttribute("aria-pressed", other === one));
}));
element.querySelector(".keys-rest").addEventListener("click", () => put((text) => add(`z${length}`, text)));
element.querySelector(".keys-bar").addEventListener("click", () => put((text) => add("|", text)));
element.querySelector(".keys-back").addEventListener("click", () => put((text) => text.trimEnd().replace(/\s*\S+$/, "")));
element.querySelector(".keys-clear").addEventListener("click", () => put(() => ""));
