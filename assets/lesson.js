// Classes to teach: cards with a name and pictures by file, paste, drop or webcam. All stays here until a run is asked for.
const [cards, more, note] = ["classes", "more", "note"].map((name) => element.querySelector(`.lesson-${name}`));
const { fewest, most, classes: mostClasses } = element.querySelector(".lesson").dataset;
const EVERY = 250; // milliseconds between two pictures while the button is held
const TEXTS = {
  name: ["这一类叫什么", "Name of this class"], add: ["＋ 图片", "+ Pictures"], camera: ["摄像头", "Webcam"],
  shoot: ["按住连拍", "Hold to take"], close: ["关闭", "Close"], drop: ["删掉这一类", "Remove this class"],
  remove: ["删掉这张", "Remove this picture"],
};
let taught = [], own = null, active = null, filming = null; // active: the class that the mouse or the keyboard is at

function make(tag, className, parent, text) {
  const one = Object.assign(document.createElement(tag), { className });
  if (tag === "button") one.type = "button";
  if (text) say(one, ...text);
  parent?.append(one);
  return one;
}
function spoken(text) { return text[hub.language() === "en" ? 1 : 0]; }
function tell() {
  own = taught.map(({ name, pictures }) => ({ name, pictures: [...pictures] }));
  props.value = own;
}
function stop() {
  if (!filming) return;
  clearInterval(filming.timer);
  clearInterval(filming.watching);
  cut(filming.video);
  filming.panel.remove();
  filming = null;
}
function draw() {
  stop();
  cards.replaceChildren(...taught.map(card));
  more.disabled = taught.length >= mostClasses;
}
function card(one, number) {
  const box = make("section", "lesson-class");
  box.addEventListener("pointerenter", () => { active = one; });
  box.addEventListener("focusin", () => { active = one; });
  box.addEventListener("dragover", (event) => event.preventDefault());
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    add(one, given(event.dataTransfer));
  });
  const head = make("p", "lesson-head", box);
  const name = Object.assign(make("input", "lesson-name", head), { value: one.name, maxLength: 40, placeholder: spoken(TEXTS.name) });
  name.setAttribute("aria-label", `class ${number + 1} 第 ${number + 1} 类`);
  name.dir = "auto";
  name.addEventListener("input", () => { one.name = name.value; tell(); });
  make("span", "lesson-count", head);
  const away = make("button", "lesson-away", head);
  away.textContent = "×";
  away.title = spoken(TEXTS.drop);
  away.setAttribute("aria-label", TEXTS.drop.join(" "));
  away.addEventListener("click", () => { taught.splice(number, 1); tell(); draw(); });
  make("div", "lesson-pictures", box);
  const row = make("p", "sketch-buttons", box);
  make("button", "lesson-add", row, TEXTS.add).addEventListener("click", () => choose(true, (files) => add(one, files)));
  make("button", "lesson-camera", row, TEXTS.camera).addEventListener("click", () => camera(one, box));
  fill(box, one);
  return box;
}
function fill(box, one) { // the pictures of a card
  const count = box.querySelector(".lesson-count");
  count.textContent = `${one.pictures.length}`;
  count.classList.toggle("enough", one.pictures.length >= fewest);
  box.querySelector(".lesson-pictures").replaceChildren(...one.pictures.map((address, i) => {
    const picture = make("button", "lesson-picture");
    picture.title = spoken(TEXTS.remove);
    picture.setAttribute("aria-label", `${TEXTS.remove.join(" ")} ${i + 1}`);
    picture.append(Object.assign(new Image(), { src: address, alt: "" }));
    picture.addEventListener("click", () => { one.pictures.splice(i, 1); tell(); fill(box, one); });
    return picture;
  }));
}
function put(one, address) { // one more picture of a class; whether there was room, and the class still is
  if (!taught.includes(one)) return false;
  if (one.pictures.length >= most) {
    say(note, `每类最多 ${most} 张`, `At most ${most} pictures a class`);
    return false;
  }
  one.pictures.push(address);
  tell();
  fill(cards.children[taught.indexOf(one)], one);
  return true;
}
async function add(one, files) {
  note.replaceChildren();
  for (const file of files) {
    try {
      if (!put(one, await shrink(file))) return;
    } catch (told) {
      say(note, `${file.name}：${told[0]}`, `${file.name}: ${told[1]}`);
    }
  }
}
async function camera(one, box) {
  const same = filming?.one === one;
  stop();
  if (same) return;
  note.replaceChildren();
  const panel = make("div", "lesson-film", box), video = make("video", "", panel), row = make("p", "sketch-buttons", panel);
  Object.assign(video, { muted: true, playsInline: true });
  const watching = setInterval(() => { if (!shownNow()) stop(); }, EVERY); // who leaves the tab is not filmed on
  filming = { one, video, panel, watching, timer: 0 };
  const shoot = make("button", "lesson-shoot", row, TEXTS.shoot);
  make("button", "", row, TEXTS.close).addEventListener("click", stop);
  const take = () => {
    if (video.videoWidth) put(one, square(video, video.videoWidth, video.videoHeight));
  };
  const end = () => clearInterval(filming?.timer);
  const begin = () => {
    end();
    take();
    if (filming) filming.timer = setInterval(take, EVERY);
  };
  shoot.addEventListener("pointerdown", (event) => { event.preventDefault(); shoot.setPointerCapture(event.pointerId); begin(); });
  for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) shoot.addEventListener(name, end);
  shoot.addEventListener("keydown", (event) => { if (["Enter", " "].includes(event.key)) { event.preventDefault(); take(); } });
  try {
    await film(video);
    if (filming?.video !== video) cut(video); // closed while the browser asked
  } catch (told) {
    stop();
    say(note, ...told);
  }
}

more.addEventListener("click", () => {
  taught.push({ name: "", pictures: [] });
  tell();
  draw();
  cards.lastChild.querySelector("input").focus();
});
document.addEventListener("paste", (event) => {
  const files = given(event.clipboardData);
  if (!files.length || !shownNow() || document.querySelector(".look-box:hover, .look-box:focus-within")) return;
  event.preventDefault();
  add(taught.includes(active) ? active : taught[0], files);
});
function show() {
  if (props.value === own) return;
  const blank = () => ({ name: "", pictures: [] });
  taught = Array.isArray(props.value) && props.value.length ? props.value.map(({ name, pictures }) => ({ name, pictures: [...pictures] })) : [blank(), blank()];
  own = props.value;
  draw();
}
watch("value", show);
taught = [{ name: "", pictures: [] }, { name: "", pictures: [] }];
draw();
if (props.value) show();
