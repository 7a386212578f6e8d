// Pictures of visitors, shrunk in the browser to the square that the net sees: upright, transparent parts white.
const SIDE = 224, MOST_BYTES = 20e6, MOST_PIXELS = 40e6;
const KINDS = /^image\/(jpeg|png|webp|gif|bmp|avif|heic|heif)$/;

function say(place, zh, en) {
  place.replaceChildren(...[["zh", zh], ["en", en]].map(([lang, textContent]) =>
    Object.assign(document.createElement("span"), { lang, textContent })));
}
function square(source, width, height) { // image, video -> data URL of the square in its middle
  const page = Object.assign(document.createElement("canvas"), { width: SIDE, height: SIDE });
  const pen = page.getContext("2d"), side = Math.min(width, height);
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, SIDE, SIDE);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(source, (width - side) / 2, (height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  return page.toDataURL("image/jpeg", 0.9);
}
function whole(data) { // bytes of a file -> whether it goes on to its end; browsers show half a photo without a word
  const at32 = (at) => ((data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3]) >>> 0;
  if (at32(0) === 0x89504e47) { // PNG: chunk after chunk
    for (let at = 8; at + 12 <= data.length; at += 12 + at32(at)) if (at32(at + 4) === 0x49454e44) return true;
    return false;
  }
  if (data[0] !== 0xff || data[1] !== 0xd8) return true;
  for (let at = 2; at + 1 < data.length; ) { // JPEG: marker after marker, between them what is compressed
    const mark = data[at] === 0xff ? data[at + 1] : 0;
    if (mark === 0xd9) return true;
    if (mark === 0 || mark === 0xff || (mark >= 0xd0 && mark <= 0xd7)) at += 1;
    else at += 2 + data[at + 2] * 256 + data[at + 3];
  }
  return false;
}
async function shrink(file) { // -> data URL; throws [zh, en]
  if (file.size > MOST_BYTES) throw ["文件太大，请用 20 MB 以内的照片", "Use a photo file below 20 MB"];
  const picture = new Image(), address = URL.createObjectURL(file);
  try {
    if (!KINDS.test(file.type) || !whole(new Uint8Array(await file.arrayBuffer()))) throw new Error("no whole photo");
    picture.src = address;
    await new Promise((done, failed) => Object.assign(picture, { onload: done, onerror: failed }));
    // Known from the header, before the pixels are decoded.
    if (picture.naturalWidth * picture.naturalHeight > MOST_PIXELS) {
      throw ["照片像素太多，请缩小到 4000 万像素以内", "Shrink the photo to 40 megapixels or fewer"];
    }
    await picture.decode();
    return square(picture, picture.naturalWidth, picture.naturalHeight);
  } catch (cause) {
    if (Array.isArray(cause)) throw cause;
    if (/hei[cf]$/i.test(file.type) || /\.hei[cf]$/i.test(file.name)) {
      throw ["读不了 HEIC 照片，请另存为 JPEG 再试", "HEIC photos cannot be read; save it as JPEG"];
    }
    throw ["读不了这个文件，请换一张完整的 JPEG、PNG 或 WebP 照片", "This file cannot be read; choose a complete JPEG, PNG or WebP photo"];
  } finally {
    URL.revokeObjectURL(address);
  }
}
function choose(several, then) { // asks for files
  const input = Object.assign(document.createElement("input"), { type: "file", accept: "image/*", multiple: several });
  input.addEventListener("change", () => then([...input.files]));
  input.click();
}
function given(transfer) { return [...(transfer?.files ?? [])]; } // files that were pasted or dropped
async function film(video) { // starts the webcam; throws [zh, en]
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
    await video.play();
  } catch {
    throw ["没有可用的摄像头，或未允许使用", "No webcam, or it may not be used"];
  }
}
function cut(video) { // ends it
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
}
function shownNow() { return element.isConnected && element.offsetParent !== null; }

