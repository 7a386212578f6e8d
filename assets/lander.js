// The moon: a flight is replayed, scrubbed and saved as a video; or flown by hand, or the agent pushed, piece by piece.
const [view, look] = ["view", "look"].map((name) => element.querySelector(`canvas.moon-${name}`));
const [told, note, replay, pads, legend] = ["told", "note", "replay", "pads", "legend"].map((name) => element.querySelector(`.moon-${name}`));
const [play, slider, save] = [replay.querySelector("button"), replay.querySelector("input"), element.querySelector(".moon-save")];
const [fly, push, slow] = ["fly", "push", "slow"].map((name) => element.querySelector(`.moon-${name}`));
const pen = view.getContext("2d"), pencil = look.getContext("2d");
const FPS = 50, PIECE = 3, AHEAD = 3; // steps a second; steps asked for at once; steps left when more are asked for
const METRE = view.width / 20, SHORT = 300; // pixels; steps that the look is at least wide
const HULL = [[-14, 17], [-17, 0], [-17, -10], [17, -10], [17, 0], [14, 17]].map((point) => point.map((v) => v / 30));
const LEG = [[-2, -8], [2, -8], [2, 8], [-2, 8]].map((point) => point.map((v) => v / 30));
const ENGINES = ["#94a3b8", "#2563eb", "#d97706", "#be123c"], VALUE = "#0f9d8a", REWARD = "#7c3aed";
const KEYS = { ArrowLeft: "left", KeyA: "left", ArrowUp: "main", KeyW: "main", ArrowRight: "right", KeyD: "right" };
const ENDS = { landed: ["已着陆", "landed"], crashed: ["坠毁", "crashed"], away: ["飞出视野", "flew out of sight"], time: ["时间到", "out of time"] };
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const stars = Array.from({ length: 90 }, (_, i) => [(i * 7919) % 997 / 997, (i * 6101) % 991 / 991, 0.5 + (i % 3) * 0.5]);
let data = null, track = null, mode = "replay", at = 0, playing = false, before = 0, letters = "", flights = 0, recorder = null;
const held = new Set(), tapped = new Set(); // keys that are down; keys that were since the last steps were asked for

function say(place, zh, en) {
  place.replaceChildren(...[["zh", zh], ["en", en]].map(([lang, textContent]) => Object.assign(document.createElement("span"), { lang, textContent })));
}
function whole() { return track ? track.poses.length - 1 : 0; }

// The agent's flight, or the moon before one, from the server.
function show() {
  if (!props.value) return; // a number that cannot be used: what was there stays
  const same = data && data.id === props.value.id;
  data = { ...props.value };
  for (const key of ["poses", "shares"]) data[key] = JSON.parse(data[key]);
  if (same && mode !== "replay") return;
  mode = "replay";
  flights += 1;
  letters = "";
  if (!same) at = 0;
  track = data;
  playing = whole() > 0 && (!calm || same);
  if (calm && !same) at = whole();
  say(note, "", "");
  dress();
}
function dress() { // what can be pressed now
  replay.style.display = mode === "replay" && whole() ? "" : "none";
  save.style.display = mode === "replay" && whole() && window.MediaRecorder ? "" : "none";
  pads.style.display = mode === "replay" ? "none" : "";
  pads.querySelector(".main").style.display = mode === "push" ? "none" : "";
  unfold();
  slider.max = whole();
  say(play, playing ? "暂停" : "重放", playing ? "Pause" : "Replay");
}

function unfold() { look.style.display = legend.style.display = whole() ? "" : "none"; }

// Flying: keys held now decide the next few steps, which the server computes; what came is shown at an even pace.
async function start(wanted) {
  if (!data) return;
  const mine = ++flights;
  mode = wanted;
  letters = "";
  at = 0;
  held.clear();
  tapped.clear();
  playing = false;
  track = { ...data, engines: [], poses: data.poses.slice(0, 1), rewards: [0], shares: data.shares.slice(0, 1), values: data.values.slice(0, 1), ended: "" };
  if (wanted === "fly") say(note, "按 ← ↑ → 键或箭头按钮就开始；虚影是它的飞法", "Press ← ↑ → or the arrow buttons to begin; the shadow is how it flew");
  else say(note, "它自己飞；按 ← → 键或箭头按钮推它", "It flies by itself; press ← → or the arrow buttons to push it");
  dress();
  view.focus({ preventScroll: true });
  while (wanted === "fly" && !tapped.size && mine === flights) await pause(15);
  playing = true;
  while (mine === flights && !track.ended) {
    if (whole() - at > AHEAD || document.hidden) await pause(5);
    else if (!(await more(mine))) return;
  }
}
async function more(mine) {
  const now = letter();
  const { seed, wind, gravity } = data;
  const piece = await server.steer({ seed, wind, gravity, before: letters, now }).catch(() => null);
  if (mine !== flights) return false;
  if (!piece || piece.refused) {
    playing = false;
    say(note, ...(piece ? piece.refused : ["连不上服务器，请再试", "The server cannot be reached; try again"]));
    return false;
  }
  letters += now.slice(0, piece.engines.length);
  for (const key of ["engines", "poses", "rewards", "shares", "values"]) track[key] = track[key].concat(piece[key]);
  track.ended = piece.ended;
  unfold();
  return true;
}
function letter() { // of the next steps; main and a side engine held together take turns
  const now = new Set([...held, ...tapped]);
  tapped.clear();
  const side = now.has("left") !== now.has("right") && (now.has("left") ? "left" : "right");
  if (mode === "push") return (side ? side[0] : "a").repeat(PIECE);
  const engine = side === "left" ? "1" : side === "right" ? "3" : "0";
  if (!now.has("main")) return engine.repeat(PIECE);
  return side ? `2${engine}2` : "222";
}
function pause(milliseconds) { return new Promise((done) => setTimeout(done, milliseconds)); }
function finish() {
  playing = false;
  const [zh, en] = ENDS[track.ended] ?? ["", ""];
  const points = Math.round(track.rewards.at(-1));
  if (mode === "replay") return;
  const [zh2, en2] = data.ended ? [`；它自己：${ENDS[data.ended][0]}，${Math.round(data.rewards.at(-1))} 分`, `; it alone: ${ENDS[data.ended][1]}, ${Math.round(data.rewards.at(-1))} points`] : ["", ""];
  if (mode === "fly") say(note, `你：${zh}，${points} 分${zh2}`, `You: ${en}, ${points} points${en2}`);
  else say(note, `被推之后：${zh}，${points} 分${zh2}`, `Pushed: ${en}, ${points} points${en2}`);
  pads.style.display = "none";
  mode = "replay"; // what was flown can be watched again
  flights += 1;
  dress();
}

// Drawing
function place([x, y]) { return [x * METRE, view.height - y * METRE]; }
function shape(points, [x, y, angle], fill, line) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  pen.beginPath();
  for (const [px, py] of points) pen.lineTo(...place([x + px * cos - py * sin, y + px * sin + py * cos]));
  pen.closePath();
  pen.fillStyle = fill;
  pen.fill();
  if (line) Object.assign(pen, { strokeStyle: line, lineWidth: 2 }), pen.stroke();
}
function flame(pose, engine) {
  const long = 0.55 + 0.35 * Math.random(), short = 0.35 + 0.2 * Math.random();
  if (engine === 2) {
    shape([[-0.28, -0.34], [0.28, -0.34], [0, -0.5 - long]], pose, "#f59e0b");
    shape([[-0.14, -0.34], [0.14, -0.34], [0, -0.4 - long / 2]], pose, "#fef3c7");
  } else if (engine) {
    const out = engine === 1 ? 1 : -1; // the exhaust leaves on the other side of where it pushes
    shape([[out * 0.52, 0.55], [out * 0.56, 0.33], [out * (0.6 + short), 0.42]], pose, "#fbbf24");
  }
}
function between(poses, where) { // between two steps the pose is in between
  const low = Math.min(Math.floor(where), poses.length - 1), high = Math.min(low + 1, poses.length - 1);
  return poses[low].map((v, i) => v + (poses[high][i] - v) * (where - low));
}
function lander(pose, see, engine) {
  pen.globalAlpha = see;
  flame(pose.slice(0, 3), engine);
  for (const leg of [3, 6]) shape(LEG, pose.slice(leg, leg + 3), "#a8a2d8", "#5b54a6");
  shape(HULL, pose.slice(0, 3), "#8b7cf0", "#c7c0ff");
  pen.globalAlpha = 1;
}
function scene() {
  const sky = pen.createLinearGradient(0, 0, 0, view.height);
  sky.addColorStop(0, "#050b18");
  sky.addColorStop(1, "#12213f");
  pen.fillStyle = sky;
  pen.fillRect(0, 0, view.width, view.height);
  pen.fillStyle = "#cbd5e1";
  for (const [x, y, size] of stars) pen.fillRect(x * view.width, y * view.height * 0.8, size * 1.6, size * 1.6);
  pen.beginPath();
  pen.moveTo(0, view.height);
  for (const point of data.ground.line) pen.lineTo(...place(point));
  pen.lineTo(view.width, view.height);
  pen.closePath();
  Object.assign(pen, { fillStyle: "#64748b", strokeStyle: "#cbd5e1", lineWidth: 2 });
  pen.fill();
  pen.stroke();
  for (const x of data.ground.flags) {
    const [left, foot] = place([x, data.ground.pad]);
    pen.strokeStyle = "#fff";
    pen.beginPath();
    pen.moveTo(left, foot);
    pen.lineTo(left, foot - 60);
    pen.stroke();
    pen.fillStyle = "#facc15";
    pen.beginPath();
    pen.moveTo(left, foot - 60);
    pen.lineTo(left + 30, foot - 52);
    pen.lineTo(left, foot - 44);
    pen.fill();
  }
}
function path(poses, colour, until) {
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.setLineDash([6, 6]);
  pen.beginPath();
  for (const pose of poses.slice(0, until + 1)) pen.lineTo(...place(pose));
  pen.stroke();
  pen.setLineDash([]);
}
function arrow(force, colour, height) { // a force from the side
  if (Math.abs(force) < 0.5) return;
  const long = force * 7, x = view.width / 2 - long / 2, tip = Math.sign(long) * 14;
  Object.assign(pen, { strokeStyle: colour, fillStyle: colour, lineWidth: 5 });
  pen.beginPath();
  pen.moveTo(x, height);
  pen.lineTo(x + long - tip, height);
  pen.stroke();
  pen.beginPath();
  pen.moveTo(x + long, height);
  pen.lineTo(x + long - tip * 1.4, height - 10);
  pen.lineTo(x + long - tip * 1.4, height + 10);
  pen.fill();
}
function draw() {
  const step = Math.min(Math.floor(at), whole()), pose = between(track.poses, at);
  scene();
  if (track !== data && data.poses.length > 1) {
    path(data.poses, "#ffffff40", data.poses.length);
    lander(between(data.poses, Math.min(at, data.poses.length - 1)), 0.3, 0);
  }
  path(track.poses, "#facc1590", step);
  lander(pose, 1, playing || mode !== "replay" || at < whole() ? track.engines[step] ?? 0 : 0);
  arrow(pose[9], "#7dd3fc", 34);
  if (mode === "push" && held.size) arrow(held.has("left") ? -20 : 20, "#f87171", 62);
  tell(step);
}
function tell(step) {
  const [value, reward, wind] = [track.values[step], track.rewards[step], track.poses[step][9]];
  const share = track.shares[step];
  const facts = [`${(step / FPS).toFixed(1)} s`, ...[reward, value, wind].map((v) => String(Math.round(v ?? 0) || 0))];
  const next = share ? share.indexOf(Math.max(...share)) : 0;
  const zh = ["不动", "左发动机", "主发动机", "右发动机"][next], en = ["no engine", "left engine", "main engine", "right engine"][next];
  const sure = share ? `${(100 * share[next]).toFixed(0)} %` : "";
  say(told, `${facts[0]} · 已得 ${facts[1]} 分 · 它估计还能得 ${facts[2]} 分 · 它会用：${zh} ${sure} · 风 ${facts[3]}`,
            `${facts[0]} · earned ${facts[1]} · it expects ${facts[2]} more · it would fire: ${en} ${sure} · wind ${facts[3]}`);
  if (document.activeElement !== slider) slider.value = step;
}
function chart() {
  const count = Math.max(whole(), mode === "replay" ? 1 : SHORT), half = look.height / 2 - 8, across = look.width / count;
  pencil.clearRect(0, 0, look.width, look.height);
  const floors = track.shares.map((share) => share.reduce((sums, v) => [...sums, sums.at(-1) + v], [0]));
  ENGINES.forEach((colour, engine) => { // shares of the four engines, stacked
    pencil.fillStyle = colour;
    pencil.beginPath();
    floors.forEach((floor, i) => pencil.lineTo(i * across, half * (1 - floor[engine])));
    floors.toReversed().forEach((floor, i) => pencil.lineTo((floors.length - 1 - i) * across, half * (1 - floor[engine + 1])));
    pencil.fill();
  });
  const all = [...track.values, ...track.rewards], [low, high] = [Math.min(0, ...all), Math.max(1, ...all)];
  const height = (v) => look.height - 4 - ((v - low) / (high - low)) * (half - 6);
  const ink = getComputedStyle(element).color;
  line([[0, height(0)], [look.width, height(0)]], "#94a3b880", 1);
  line(track.values.map((v, i) => [i * across, height(v)]), VALUE, 3);
  line(track.rewards.map((v, i) => [i * across, height(v)]), REWARD, 3);
  line([[at * across, 0], [at * across, look.height]], ink, 2);
  Object.assign(pencil, { fillStyle: ink, font: "20px system-ui, sans-serif", textAlign: "right" });
  pencil.fillText(high.toFixed(0), look.width - 4, look.height / 2 + 22);
  pencil.fillText(low.toFixed(0), look.width - 4, look.height - 8);
}
function line(points, colour, width) {
  Object.assign(pencil, { strokeStyle: colour, lineWidth: width });
  pencil.beginPath();
  for (const point of points) pencil.lineTo(...point);
  pencil.stroke();
}
function tick(now) {
  if (!element.isConnected) return;
  const passed = Math.min(now - before, 100);
  before = now;
  if (track && view.offsetParent) {
    if (playing) {
      const speed = mode === "replay" ? 1 : Number(slow.value);
      at = Math.min(whole(), at + (passed / 1000) * FPS * speed);
      if (at >= whole() && track.ended) {
        finish();
        dress();
        if (recorder) recorder.stop();
      }
    }
    draw();
    if (look.style.display !== "none") chart();
  }
  requestAnimationFrame(tick);
}

// Buttons, keys and fingers
play.addEventListener("click", () => {
  if (at >= whole()) at = 0;
  else if (playing) return (playing = false), dress();
  playing = true;
  dress();
});
slider.addEventListener("input", () => { at = Number(slider.value); playing = false; dress(); });
look.addEventListener("pointerdown", (event) => { look.setPointerCapture(event.pointerId); scrub(event); });
look.addEventListener("pointermove", (event) => event.buttons && scrub(event));
function scrub(event) {
  if (mode !== "replay") return;
  const box = look.getBoundingClientRect();
  at = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * whole();
  playing = false;
  dress();
}
fly.addEventListener("click", () => start("fly"));
push.addEventListener("click", () => start("push"));
view.addEventListener("keydown", (event) => key(event, true));
view.addEventListener("keyup", (event) => key(event, false));
view.addEventListener("blur", () => held.clear());
function key(event, down) {
  const engine = KEYS[event.code];
  if (!engine || mode === "replay" || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (!down) held.delete(engine);
  else if (!event.repeat) hold(engine);
}
function hold(engine) { held.add(engine); tapped.add(engine); }
for (const pad of pads.querySelectorAll("button")) {
  pad.addEventListener("pointerdown", (event) => { event.preventDefault(); pad.setPointerCapture(event.pointerId); hold(pad.className); });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) pad.addEventListener(end, () => held.delete(pad.className));
  pad.addEventListener("contextmenu", (event) => event.preventDefault());
}
save.addEventListener("click", () => {
  if (recorder || !whole()) return;
  const kind = ["video/mp4", "video/webm"].find((one) => MediaRecorder.isTypeSupported(one));
  const parts = [];
  recorder = new MediaRecorder(view.captureStream(FPS), { mimeType: kind, videoBitsPerSecond: 4e6 });
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = () => {
    recorder = null;
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(new Blob(parts, { type: kind })), download: `lander-${data.seed}.${kind.slice(6)}` });
    link.click();
    URL.revokeObjectURL(link.href);
  };
  at = 0;
  playing = true;
  dress();
  recorder.start();
});

watch("value", show);
if (props.value) show();
else server.start().then((first) => { if (!props.value && first) { props.value = first; show(); } });
requestAnimationFrame(tick);
