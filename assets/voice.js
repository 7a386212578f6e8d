// A voice: pieces of sound are played without a gap while more come; words and phonemes follow the sound.
const find = (name) => element.querySelector(`.voice-${name}`);
const [play, told, text, scroll, sheet, drawn, mel, sounds, head] =
  ["play", "told", "text", "scroll", "sheet", "wave", "mel", "sounds", "head"].map(find);
const HEADER = 44, SOON = 0.04; // bytes before the samples of a WAV file; seconds that a sound is planned ahead
const EACH = 19, HIGH = 46; // pixels of a phoneme, on average; of the waveform
const PATIENCE = 20; // seconds without a sound after which none is expected any more
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
let audio = null, data = null, buffers = [], planned = [], origin = 0, until = 0, from = 0, shown = -1, frame = 0;
let playing = false, ended = false, wanted = false, loading = Promise.resolve();

function say(place, zh, en) {
  place.replaceChildren(...[["zh", zh], ["en", en]].map(([lang, textContent]) => Object.assign(document.createElement("span"), { lang, textContent })));
}
function address(path) {
  return `${(window.gradio_config?.root || "").replace(/\/$/, "")}/gradio_api/file=${path}`;
}
function open() { // browsers let a page sound only after a click or a key
  if (!audio) audio = new AudioContext({ sampleRate: 22050 });
  if (audio.state === "suspended" && wanted) audio.resume();
  return audio;
}
for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, () => element.isConnected && open(), true);
document.addEventListener("click", (event) => playing && event.target.closest(".hub-stop") && pause(), true);

// Sound
async function load(piece) {
  const bytes = await (await fetch(address(piece.file))).arrayBuffer();
  const samples = new Int16Array(bytes, HEADER);
  const buffer = open().createBuffer(1, Math.max(1, samples.length), 22050);
  buffer.getChannelData(0).set(Float32Array.from(samples, (one) => one / 32768));
  return { buffer, start: piece.start };
}
function plan(one) {
  const end = one.start + one.buffer.duration;
  if (end <= from) return;
  const now = open().currentTime;
  const into = Math.max(0, from - one.start);
  if (!planned.length) origin = now + SOON - Math.max(from, one.start);
  else if (origin + one.start < now) origin = now + SOON - one.start; // it came late: go on from now
  const source = audio.createBufferSource();
  source.buffer = one.buffer;
  source.connect(audio.destination);
  source.start(origin + one.start + into, into);
  planned.push(source);
  until = end;
}
function at() { return playing && audio ? Math.max(from, audio.currentTime - origin) : from; }
function halt() {
  planned.forEach((one) => { one.onended = null; one.stop(); });
  planned = [];
}
function begin(second) {
  halt();
  from = second;
  ended = false;
  wanted = playing = true;
  open();
  until = 0;
  buffers.forEach(plan);
  dress();
  tick();
}
function pause() {
  from = at();
  playing = wanted = false;
  halt();
  dress();
}
function dress() {
  if (playing) say(play, "暂停", "Pause");
  else say(play, ended || from === 0 ? "播放" : "继续", ended || from === 0 ? "Play" : "Go on");
  play.disabled = !data;
  element.classList.toggle("voice-silent", !data);
}
function tick() {
  cancelAnimationFrame(frame);
  if (!element.isConnected) return halt();
  const second = at();
  follow(second);
  if (!playing) return;
  if (second >= until + (data.done && buffers.length === count() ? 0 : PATIENCE)) {
    playing = wanted = false;
    ended = true;
    from = 0;
    halt();
    dress();
    return follow(0);
  }
  frame = requestAnimationFrame(tick);
}
function count() { return data.sentences.reduce((sum, one) => sum + one.pieces.length, 0); }
play.addEventListener("click", () => {
  if (!data) return;
  if (playing) pause();
  else begin(ended ? 0 : from);
});

// What comes from the server
function renew() {
  const before = data;
  data = props.value || null;
  if (!data || !before || before.id !== data.id) {
    halt();
    buffers = [];
    loading = Promise.resolve();
    [from, until, shown, ended] = [0, 0, -1, false];
    playing = wanted = Boolean(data) && !data.still;
    text.replaceChildren();
    sheet.style.display = data ? "" : "none";
    if (!data) return dress();
  }
  say(told, data.notes[0], data.notes[1]);
  const mine = data.id;
  const all = data.sentences.flatMap((one) => one.pieces);
  let known = renew.id === mine ? renew.known : 0;
  for (; known < all.length; known++) {
    const arrival = load(all[known]);
    loading = loading.then(() => arrival).then((one) => {
      if (!data || data.id !== mine) return;
      buffers.push(one);
      if (playing) plan(one);
    }).catch(() => say(told, "声音没有取到，请再运行一次", "The sound did not arrive; run it again"));
  }
  [renew.id, renew.known] = [mine, known];
  words();
  if (shown >= 0 && data.sentences[shown].mel && !mel.src.startsWith("data:")) picture(shown);
  dress();
  if (playing) (open(), tick());
  else follow(at());
}
function words() {
  data.sentences.slice(text.children.length).forEach((sentence) => {
    const row = Object.assign(document.createElement("p"), { className: "voice-sentence" });
    row.setAttribute("role", "listitem");
    sentence.words.forEach(([written, word, source], place) => {
      const mine = sentence.phonemes.filter((one) => one[0] === place);
      if (!word) {
        row.lastChild?.append(Object.assign(document.createElement("i"), { textContent: written }));
        return;
      }
      const chip = Object.assign(document.createElement("button"), { type: "button", className: `voice-word ${source}` });
      chip.append(Object.assign(document.createElement("b"), { textContent: word }),
        Object.assign(document.createElement("small"), { textContent: mine.map((one) => one[2]).join("") }));
      chip.title = `${written} → ${word}\n${mine.map((one) => one[1]).join(" ")}`;
      const start = sentence.start + (mine.length ? mine[0][3] : 0);
      chip.addEventListener("click", () => begin(start));
      row.append(chip);
    });
    text.append(row);
  });
}
function picture(number) { // waveform, mel spectrogram and phonemes of one sentence
  shown = number;
  const sentence = data.sentences[number];
  const width = Math.max(scroll.clientWidth || 300, sentence.phonemes.length * EACH);
  sheet.style.width = `${width}px`;
  drawn.width = width;
  drawn.height = HIGH;
  const pen = drawn.getContext("2d");
  pen.fillStyle = "#0f9d8a";
  const step = width / Math.max(1, sentence.wave.length);
  sentence.wave.forEach((size, i) => pen.fillRect(i * step, HIGH / 2 * (1 - size), Math.max(1, step), Math.max(1, HIGH * size)));
  mel.style.visibility = sentence.mel ? "" : "hidden";
  if (sentence.mel) mel.src = sentence.mel;
  else mel.removeAttribute("src");
  sounds.replaceChildren(...sentence.phonemes.map(([, sound, signs, start, end]) => {
    const one = Object.assign(document.createElement("span"), { textContent: signs, title: `${sound} ${start.toFixed(2)} - ${end.toFixed(2)} s` });
    one.style.left = `${(100 * start) / sentence.seconds}%`;
    one.style.width = `${(100 * (end - start)) / sentence.seconds}%`;
    return one;
  }));
  scroll.scrollLeft = 0;
}
function follow(second) {
  if (!data || !data.sentences.length) return;
  let number = data.sentences.findLastIndex((one) => one.start <= second + 1e-3);
  number = Math.max(0, number);
  if (number !== shown) picture(number);
  const sentence = data.sentences[number], here = second - sentence.start;
  const now = sentence.phonemes.findIndex((one) => one[3] <= here && here < one[4]);
  sounds.querySelector(".now")?.classList.remove("now");
  text.querySelector(".now")?.classList.remove("now");
  if (playing && now >= 0) {
    sounds.children[now].classList.add("now");
    const place = sentence.phonemes[now][0];
    const chips = sentence.words.slice(0, place + 1).filter((one) => one[1]).length - 1;
    text.children[number]?.children[chips]?.classList.add("now");
  }
  const share = Math.min(1, here / sentence.seconds);
  head.style.left = `${100 * share}%`;
  head.style.visibility = playing || here > 0 ? "" : "hidden";
  const x = share * sheet.clientWidth;
  if (playing && (x < scroll.scrollLeft || x > scroll.scrollLeft + scroll.clientWidth * 0.85))
    scroll.scrollTo({ left: Math.max(0, x - scroll.clientWidth * 0.15), behavior: calm ? "auto" : "smooth" });
}

watch("value", renew);
renew();
