// A network of people: drag, point, click, walk with the arrow keys; frames play on it and on a plane beside it.
const [net, plane] = ["net", "plane"].map((name) => element.querySelector(`.graph-${name}`));
const [note, legend, told, replay] = ["note", "legend", "told", "replay"].map((name) => element.querySelector(`.graph-${name}`));
const [again, slider] = [replay.querySelector("button"), replay.querySelector("input")];
const WIDE = 480, SIDE = 420, RIM = 30, PLANE = 1.8; // pixels, and units of the plane that reach its rim
const FRAME = 70, STILL = 4; // milliseconds of a frame; pixels that a click may stray
const NAMED = 40, LEADING = 12; // people up to whom all are named; beyond, those with most friends
const GREY = [148, 163, 184];
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
let data = null, people = [], lines = [], dots = [], at = 0, timer = null, chosen = null, moving = null;

function make(tag, attributes, parent) {
  const one = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  return parent ? parent.appendChild(one) : one;
}
function say(place, ...parts) { // text, or [zh, en]
  place.replaceChildren(...parts.flatMap((part) =>
    Array.isArray(part)
      ? part.map((text, second) => Object.assign(document.createElement("span"), { lang: second ? "en" : "zh", textContent: text }))
      : [part]));
}
function same(a, b) {
  return a && b && JSON.stringify([a.names, a.ties]) === JSON.stringify([b.names, b.ties]);
}
function colour(shares) { // of the likeliest group, the greyer the less sure; nobody told: grey
  const most = Math.max(...shares);
  if (!(most > 0)) return `rgb(${GREY})`;
  const hex = data.colours[shares.indexOf(most)];
  const sure = shares.length < 2 ? 1 : Math.max(0.15, (most - 1 / shares.length) / (1 - 1 / shares.length));
  return `rgb(${GREY.map((grey, i) => Math.round(grey + sure * (parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16) - grey)))})`;
}

function draw() {
  const before = data;
  data = props.value && { ...props.value, frames: JSON.parse(props.value.frames) };
  stop();
  if (!data) {
    net.replaceChildren();
    plane.style.display = replay.style.display = "none";
    return say(note, ["这里会画出网络", "The network is drawn here"]);
  }
  if (!same(before, data)) build();
  if (!same(before, data) || String(before.fresh) !== String(data.fresh)) renewLines();
  people.forEach((one, i) => one.mark.classList.toggle("labelled", data.labelled[i] >= 0));
  dots.forEach((dot, i) => dot.classList.toggle("labelled", data.labelled[i] >= 0));
  const hasPlane = Boolean(data.frames.length && data.frames[0].plane);
  plane.style.display = hasPlane ? "" : "none";
  replay.style.display = data.frames.length > 1 ? "" : "none";
  slider.max = Math.max(0, data.frames.length - 1);
  legend.replaceChildren(...data.classes.map((name, i) => {
    const item = Object.assign(document.createElement("b"), { textContent: `● ${name} ` });
    item.style.setProperty("color", data.colours[i], "important");
    return item;
  }));
  if (data.left_out) {
    const rest = document.createElement("span");
    say(rest, [`另有 ${data.left_out} 人未画出`, `${data.left_out} more people are not drawn`]);
    legend.append(rest);
  }
  if (data.frames.length > 1 && !calm) play();
  else show(data.frames.length - 1);
  if (chosen !== null) tell(chosen);
}
function build() {
  net.replaceChildren();
  plane.replaceChildren();
  chosen = null;
  say(note, "");
  const layer = make("g", { class: "graph-lines" }, net);
  const few = data.names.length <= NAMED;
  const limit = [...data.friends].sort((a, b) => b - a)[LEADING] ?? 0;
  people = data.names.map((name, i) => {
    const place = [RIM + data.places[i][0] * (WIDE - 2 * RIM), RIM + data.places[i][1] * (SIDE - 2 * RIM)];
    const mark = make("g", { class: "person", tabindex: i ? -1 : 0, role: "button", "aria-label": name }, net);
    const radius = Math.min(12, 4 + Math.sqrt(data.friends[i]) * (few ? 1.6 : 1));
    make("circle", { r: radius }, mark);
    const text = make("text", { y: -radius - 3 }, mark);
    text.textContent = name.length > 18 ? name.slice(0, 17) + "…" : name;
    if (!few && data.friends[i] <= limit) mark.classList.add("quiet");
    return { place, mark, layer };
  });
  people.forEach((_, i) => put(i));
  dots = data.names.map((name) => make("circle", { r: 6, class: "dot" }, plane));
}
function renewLines() {
  const layer = people[0].layer;
  layer.replaceChildren();
  lines = [...data.ties.map((pair) => ["tie", pair]), ...data.fresh.map((pair) => ["fresh", pair])].map(
    ([kind, [a, b]]) => ({ a, b, line: make("line", { class: kind }, layer) }));
  people.forEach((_, i) => put(i));
}
function put(i) {
  const [x, y] = people[i].place;
  people[i].mark.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
  for (const { a, b, line } of lines) {
    if (a === i) (line.setAttribute("x1", x), line.setAttribute("y1", y));
    if (b === i) (line.setAttribute("x2", x), line.setAttribute("y2", y));
  }
}

// Frames
function show(number) {
  at = number;
  const frame = data.frames[number];
  slider.value = Math.max(0, number);
  say(told, ...(frame ? [frame.told] : [""]));
  people.forEach((one, i) => {
    const shares = frame ? frame.shares[i] : data.classes.map((_, k) => +(k === data.labelled[i]));
    one.mark.firstChild.style.fill = data.classes.length ? colour(shares) : "";
    if (!frame?.plane) return;
    const [across, up] = frame.plane[i].map((value) => Math.max(-1, Math.min(1, value / PLANE)) * (SIDE / 2 - RIM));
    dots[i].setAttribute("cx", SIDE / 2 + across);
    dots[i].setAttribute("cy", SIDE / 2 - up);
    dots[i].style.fill = colour(shares);
  });
}
function stop() {
  clearInterval(timer);
  timer = null;
}
function play() {
  stop();
  show(0);
  timer = setInterval(() => (at + 1 < data.frames.length && element.isConnected ? show(at + 1) : stop()), FRAME);
}
again.addEventListener("click", play);
slider.addEventListener("input", () => (stop(), show(+slider.value)));

// People
function tell(i) {
  const shares = data.frames[at]?.shares[i];
  const parts = shares?.some((share) => share > 0)
    ? [data.classes.map((name, k) => `${name} ${Math.round(100 * shares[k])} %`).join(" · ")] : [];
  if (data.notes[i].length) parts.push(data.notes[i]);
  else parts.push([`认识 ${data.friends[i]} 人`, `knows ${data.friends[i]}`]);
  const name = Object.assign(document.createElement("b"), { textContent: data.names[i] + "  " });
  say(note, name, ...parts.flatMap((part, k) => (k ? ["  ·  ", part] : [part])));
}
function light(i) { // who this person knows; null: everybody as before
  const near = new Set([i]);
  for (const { a, b, line } of lines) {
    const touched = a === i || b === i;
    line.classList.toggle("lit", touched);
    if (touched) near.add(a).add(b);
  }
  people.forEach((one, k) => {
    one.mark.classList.toggle("dim", i !== null && !near.has(k));
    one.mark.classList.toggle("near", i !== null && near.has(k));
  });
  dots.forEach((dot, k) => dot.classList.toggle("near", k === i));
}
function choose(i) {
  chosen = i;
  people.forEach((one, k) => one.mark.setAttribute("tabindex", k === i ? 0 : -1));
  light(i);
  tell(i);
}
function pick(i) {
  choose(i);
  trigger("picked", { person: data.names[i] });
}
const which = (event) => {
  const mark = event.target.closest(".person, .dot");
  return mark ? (mark.matches(".dot") ? dots.indexOf(mark) : people.findIndex((one) => one.mark === mark)) : -1;
};
for (const panel of [net, plane]) {
  panel.addEventListener("pointerover", (event) => {
    const i = which(event);
    if (i >= 0 && !moving) (light(i), tell(i));
  });
  panel.addEventListener("pointerout", (event) => {
    if (which(event) < 0 || moving) return;
    light(chosen);
    if (chosen === null) say(note, "");
    else tell(chosen);
  });
}
plane.addEventListener("click", (event) => which(event) >= 0 && pick(which(event)));
net.addEventListener("pointerdown", (event) => {
  const i = which(event);
  if (i < 0 || event.button) return;
  people[i].mark.setPointerCapture(event.pointerId);
  moving = { i, from: [event.clientX, event.clientY], start: [...people[i].place], far: false };
});
net.addEventListener("pointermove", (event) => {
  if (!moving) return;
  const shift = [event.clientX - moving.from[0], event.clientY - moving.from[1]];
  moving.far ||= Math.hypot(...shift) > STILL;
  if (!moving.far) return;
  const scale = WIDE / net.getBoundingClientRect().width;
  people[moving.i].place = moving.start.map((start, k) =>
    Math.min([WIDE, SIDE][k] - 8, Math.max(8, start + shift[k] * scale)));
  put(moving.i);
});
net.addEventListener("pointerup", () => {
  const done = moving;
  moving = null;
  if (done && !done.far) pick(done.i);
});
net.addEventListener("pointercancel", () => (moving = null));
const ARROWS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
net.addEventListener("keydown", (event) => {
  const i = which(event);
  if (i < 0 || event.ctrlKey || event.metaKey) return;
  const way = ARROWS[event.key];
  if (way) walk(i, way);
  else if (event.key === "Enter" || event.key === " ") pick(i);
  else return;
  event.preventDefault();
});
function walk(i, [right, down]) { // to whom lies nearest that way
  const [x, y] = people[i].place;
  let best = null;
  people.forEach((one, k) => {
    const [dx, dy] = [one.place[0] - x, one.place[1] - y];
    const along = dx * right + dy * down, aside = Math.abs(dx * down) + Math.abs(dy * right);
    if (k === i || along <= 0) return;
    const far = along + 2 * aside;
    if (!best || far < best.far) best = { k, far };
  });
  if (!best) return;
  choose(best.k);
  people[best.k].mark.focus();
}
net.addEventListener("focusin", (event) => {
  const i = which(event);
  if (i >= 0 && i !== chosen && event.target.matches(":focus-visible")) choose(i);
});

watch("value", draw);
if (props.value) draw();
else server.start().then((first) => {
  if (props.value) return;
  props.value = first;
  draw();
});
