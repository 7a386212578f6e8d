// A guided tour: one stop after the other by button, arrow or a presenter's remote; each fills in its example and runs it.
const find = (name) => element.querySelector(`.tour-${name}`);
const [words, state, back, next, full, leave] = ["words", "state", "back", "next", "full", "leave"].map(find);
const STEPS = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };
const FIELDS = "input, textarea, select, [contenteditable=true], [role=slider], [role=listbox], [role=combobox]";
let stops = [], at = -1, turn = 0; // at: stops.length is the report

function say(place, parts) { // [tag, zh, en] each
  place.replaceChildren(...parts.map(([tag, ...texts]) => {
    const line = document.createElement(tag);
    line.append(...texts.map((textContent, i) => Object.assign(document.createElement("span"), { lang: i ? "en" : "zh", textContent })));
    return line;
  }));
}
function box() { return document.getElementById(`${stops[at]?.demo}-receipt`); }
function begin(number) {
  if (number === 1 || !document.cookie.includes("TOUR_COOKIE=")) { // else it goes on after a reload
    const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
    document.cookie = `TOUR_COOKIE=${id}; path=/; SameSite=Strict`;
  }
  document.body.classList.add("touring");
  go(Math.min(Math.max(number - 1, 0), stops.length));
}
async function go(number) {
  if (number < 0 || number > stops.length || number === at) return;
  const mine = ++turn;
  if (stops[at]) hub.click(`${stops[at].demo}-stop`); // what is left behind makes room, and is silent
  document.activeElement?.closest("#tour") || document.activeElement?.blur();
  at = number;
  const ended = at === stops.length;
  history.replaceState(null, "", `?tour=${at + 1}`);
  document.body.classList.toggle("tour-ended", ended);
  back.disabled = at === 0;
  next.disabled = ended;
  say(state, []);
  element.style.setProperty("--tour-share", Math.min(1, (at + 1) / stops.length));
  if (ended) {
    say(words, [["b", "导览结束", "The end of the tour"], ["p", "这里是刚才所展示内容的报告。", "Here is a report of what was shown."]]);
    return report();
  }
  const { demo, chip, title, sentence } = stops[at];
  const count = `${at + 1} / ${stops.length} · `;
  say(words, [["b", count + title[0], count + title[1]], ["p", ...sentence]]);
  await hub.openDemo(demo);
  const example = await hub.whenThere(chip);
  if (mine !== turn) return;
  if (matchMedia("(max-width: 760px)").matches) box().scrollIntoView(); // where the answer stands below its inputs
  else scrollTo({ top: 0 });
  example.click();
}
function report() { trigger("arrived", { language: hub.language().slice(0, 2) }); }
function tell() { // whether what stands there is live; a stopped run leaves what was prepared
  const receipt = box();
  if (!receipt || at === stops.length) return;
  if (receipt.querySelector(".receipt")) say(state, [["span", "● 现场结果", "● Live result"]]);
  else if (receipt.querySelector(".prepared")) say(state, [["span", "○ 事先备好的结果，现场正在算", "○ Prepared earlier; the live run is under way"]]);
  else if (receipt.querySelector("[role=status]")) say(state, [["span", "◐ 现场正在算", "◐ Running live"]]);
  else if (!state.textContent.startsWith("○")) say(state, []);
}
function quit() {
  document.cookie = "TOUR_COOKIE=; path=/; Max-Age=0; SameSite=Strict";
  document.body.classList.remove("touring", "tour-ended");
  if (document.fullscreenElement) document.exitFullscreen();
  const demo = stops[Math.min(at, stops.length - 1)]?.demo;
  history.replaceState(null, "", demo ? `?demo=${demo}` : location.pathname);
  at = -1;
  turn++;
}

back.addEventListener("click", () => go(at - 1));
next.addEventListener("click", () => go(at + 1));
leave.addEventListener("click", quit);
full.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
element.querySelector(".switch-language").addEventListener("click", () => at === stops.length && setTimeout(report)); // once it is switched
document.addEventListener("keydown", (event) => {
  if (at < 0 || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (event.target.closest?.(FIELDS)) return event.key === "Escape" && event.target.blur();
  if (event.key === "Escape") quit();
  if (!(event.key in STEPS)) return;
  event.preventDefault();
  go(at + STEPS[event.key]);
});
new MutationObserver((changes) => {
  const receipt = at >= 0 && box();
  if (receipt && changes.some((change) => receipt.contains(change.target))) tell();
}).observe(document.body, { childList: true, subtree: true });
watch("value", () => {
  stops = props.value ?? [];
  if (stops.length && at < 0 && hub.query.has("tour")) begin(Number(hub.query.get("tour")) || 1);
});
