// A trained classifier: which classes it knows; saved and loaded without leaving a file on the server.
const [told, save, load, note] = [".classifier-told", ".classifier-save", ".classifier-load", ".lesson-note"].map((name) => element.querySelector(name));
const MOST_BYTES = 64e3;

function say(place, zh, en) {
  place.replaceChildren(...[["zh", zh], ["en", en]].map(([lang, textContent]) =>
    Object.assign(document.createElement("span"), { lang, textContent })));
}
function bytes() { return Uint8Array.from(atob(props.value), (sign) => sign.charCodeAt(0)); }
function labels() { // of a file that the server has checked or written
  const data = bytes(), size = Number(new DataView(data.buffer).getBigUint64(0, true));
  return JSON.parse(JSON.parse(new TextDecoder().decode(data.subarray(8, 8 + size))).__metadata__.labels);
}
function show() {
  save.disabled = !props.value;
  if (!props.value) return say(told, "还没有分类器", "No classifier yet");
  try {
    told.textContent = labels().join(" · ");
    note.replaceChildren();
  } catch {
    told.textContent = "…"; // was just chosen; the server says what is wrong with it
  }
}
save.addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes()], { type: "application/octet-stream" }));
  link.download = "classifier.safetensors";
  link.click();
  URL.revokeObjectURL(link.href);
});
load.addEventListener("click", () => {
  const input = Object.assign(document.createElement("input"), { type: "file", accept: ".safetensors" });
  input.addEventListener("change", async () => {
    const file = input.files[0];
    if (!file) return;
    if (file.size > MOST_BYTES) return say(note, "文件太大，分类器不超过 64 kB", "A classifier has at most 64 kB; this file is larger");
    note.replaceChildren();
    const data = new Uint8Array(await file.arrayBuffer());
    props.value = btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join("")) || "=";
    show();
    trigger("input");
  });
  input.click();
});
watch("value", show);
show();
