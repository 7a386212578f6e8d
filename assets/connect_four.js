// A Connect Four board: a button for each column, also by arrow keys and 1 to 7; `picked` fires with event.column.
const [grid, told] = ["grid", "told"].map((name) => element.querySelector(`.four-${name}`));
const ROWS = 6;
const columns = [...grid.children];

function say(place, [zh, en]) {
  place.replaceChildren(...[["zh", zh], ["en", en]].map(([lang, textContent]) =>
    Object.assign(document.createElement("span"), { lang, textContent })));
}
function draw() {
  const game = props.value;
  if (!game) return;
  say(told, game.told);
  element.querySelector(".four-notes").hidden = !game.notes.some(Boolean);
  told.className = `four-told ${game.mover}`;
  columns.forEach((column, c) => {
    const stones = game.board[c];
    const discs = [...column.querySelectorAll(".four-disc")];
    discs.forEach((disc, r) => {
      disc.className = "four-disc";
      if (!stones[r]) return;
      disc.classList.add(stones[r] === 1 ? "yellow" : "red");
      if (game.last && game.last[0] === c && game.last[1] === r) disc.classList.add("last");
      if (game.line.some(([x, y]) => x === c && y === r)) disc.classList.add("four");
    });
    const height = stones.filter(Boolean).length;
    const closed = game.ended || height === ROWS;
    column.setAttribute("aria-disabled", closed); // not disabled: the keyboard stays where it is
    column.classList.toggle("advised", game.advice === c);
    const colours = stones.filter(Boolean).map((stone) => (stone === 1 ? "yellow 黄" : "red 红")).join(", ");
    const judged = game.notes[c] ? `, ${game.notes[c].join(" ")}` : "";
    column.setAttribute("aria-label", `column 第 ${c + 1} 列: ${colours || "empty 空"}${judged}`);
    const note = column.querySelector("small");
    note.replaceChildren(...(game.notes[c] || ["", ""]).map((text, i) =>
      Object.assign(document.createElement(i ? "span" : "b"), { textContent: text || "\u00a0" })));
  });
}
function pick(column) {
  if (!props.value || columns[column].getAttribute("aria-disabled") === "true") return;
  trigger("picked", { column: column + 1 });
}
grid.addEventListener("click", (event) => {
  const column = columns.indexOf(event.target.closest("button"));
  if (column >= 0) pick(column);
});
grid.addEventListener("keydown", (event) => {
  const at = columns.indexOf(event.target.closest("button"));
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) {
    event.preventDefault();
    columns[(at + step + columns.length) % columns.length].focus();
  } else if (/^[1-7]$/.test(event.key)) {
    columns[event.key - 1].focus();
    pick(event.key - 1);
  }
});
watch("value", draw);
draw();
