// Tunes side by side: each is drawn, plays with a line that moves along, and shows what a note looked back at.
const list = element.querySelector(".tunes");
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const player = new Audio();
let data = null, cards = [], playing = -1, frame = 0;

function say(place, [zh, en]) {
  place.replaceChildren(...[["zh", zh], ["en", en]].map(([lang, textContent]) =>
    Object.assign(document.createElement("span"), { lang, textContent })));
}
function address(path) {
  return `${(window.gradio_config?.root || "").replace(/\/$/, "")}/gradio_api/file=${path}`;
}
function make(tag, className, parent) {
  const one = Object.assign(document.createElement(tag), { className });
  if (tag === "button") one.type = "button";
  parent.append(one);
  return one;
}
function card(number) {
  const box = make("section", "tune", list), head = make("p", "voice-row", box);
  const play = make("button", "voice-play", head);
  const one = { play, told: make("span", "voice-told", head), links: make("span", "tune-links", head), roll: make("div", "tune-roll", box) };
  one.told.setAttribute("role", "status");
  play.addEventListener("click", () => (playing === number ? pause() : begin(number)));
  one.roll.addEventListener("click", (event) => {
    const place = beat(one, event.clientX);
    if (place !== null) begin(number, place * 60 / data.bpm);
  });
  for (const kind of ["pointerover", "pointerout"]) one.roll.addEventListener(kind, (event) => {
    const note = kind === "pointerover" && event.target.closest(".roll-note");
    look(number, note ? notes(one).indexOf(note) : -1);
  });
  one.roll.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key], all = notes(one);
    if (!step || !all.length) return;
    event.preventDefault();
    one.at = Math.max(0, Math.min(all.length - 1, (one.at ?? -1) + step));
    look(number, one.at);
    const text = all[one.at].querySelector("title").textContent;
    say(one.told, [text, text]);
  });
  return one;
}
function notes(one) { return [...one.roll.querySelectorAll(".roll-note")]; }
function look(number, note) {
  const looks = Object.fromEntries(JSON.parse(data?.tunes[number]?.looks || "[]")[note] || []);
  notes(cards[number]).forEach((one, place) => {
    one.style.setProperty("--look", `${looks[place] || 0}%`);
    one.classList.toggle("here", place === note);
  });
}

// Sound
function begin(number, second = 0) {
  const tune = data?.tunes[number];
  if (!tune?.wav) return;
  if (playing >= 0) pause();
  playing = number;
  const source = address(tune.wav);
  if (!player.src.endsWith(source)) player.src = source;
  player.currentTime = second;
  player.play().catch(() => { pause(); say(cards[number].told, ["声音没有取到，请再运行一次", "The sound did not arrive; run it again"]); });
  dress();
  tick();
}
function pause() {
  player.pause();
  cancelAnimationFrame(frame);
  playing = -1;
  dress();
}
function dress() {
  cards.forEach((one, number) => {
    say(one.play, playing === number ? ["停", "Stop"] : ["播放", "Play"]);
    one.play.disabled = !data?.tunes[number]?.wav;
    if (playing !== number) one.roll.querySelector(".roll-head")?.remove();
  });
}
function beat(one, x) { // where on the line of time a click was, in quarter notes
  const svg = one.roll.querySelector("svg");
  if (!svg) return null;
  const { left, width } = svg.getBoundingClientRect();
  return Math.max(0, ((x - left) / width * svg.viewBox.baseVal.width - data.left) / data.beat);
}
function tick() {
  if (playing < 0) return;
  if (!element.isConnected || player.ended) return pause();
  const one = cards[playing], svg = one.roll.querySelector("svg"), scroll = one.roll.querySelector(".roll");
  let head = svg.querySelector(".roll-head");
  if (!head) {
    head = document.createElementNS("http://www.w3.org/2000/svg", "line");
    head.setAttribute("class", "roll-head");
    head.setAttribute("y2", svg.viewBox.baseVal.height);
    svg.append(head);
  }
  const x = Math.min(svg.viewBox.baseVal.width, data.left + data.beat * player.currentTime * data.bpm / 60);
  head.setAttribute("x1", x);
  head.setAttribute("x2", x);
  const seen = x / svg.viewBox.baseVal.width * svg.clientWidth;
  if (seen < scroll.scrollLeft || seen > scroll.scrollLeft + 0.85 * scroll.clientWidth)
    scroll.scrollTo({ left: Math.max(0, seen - 0.15 * scroll.clientWidth), behavior: calm ? "auto" : "smooth" });
  frame = requestAnimationFrame(tick);
}
player.addEventListener("ended", pause);
document.addEventListener("click", (event) => playing >= 0 && event.target.closest(".hub-stop") && pause(), true);

// What comes from the server
function renew() {
  const before = data;
  data = props.value || null;
  if (!data || data.id !== before?.id) {
    pause();
    list.replaceChildren();
    cards = [];
  }
  data?.tunes.forEach((tune, number) => {
    const one = cards[number] ||= card(number);
    if (one.html !== tune.roll) one.roll.innerHTML = one.html = tune.roll;
    say(one.told, tune.told);
    one.links.replaceChildren(...["midi", "wav"].filter((kind) => tune[kind]).map((kind) =>
      Object.assign(document.createElement("a"), { href: address(tune[kind]), download: tune[kind].split("/").pop(), textContent: kind.toUpperCase() })));
  });
  dress();
}
watch("value", renew);
renew();
