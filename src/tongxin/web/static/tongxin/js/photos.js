// Photos are made smaller before they travel: at most 1600 pixels, JPEG. Where a camera noted its position and time, the
// note is kept (the server shows it to staff only). Without this module the original files are sent.

const MOST = 9;
const LONGEST = 1600;
const SHOWN = /^image\/(jpeg|png|webp)$/;

// The EXIF segment of a JPEG, its orientation set upright because the picture is drawn upright; null if there is none.
export const exifOf = (bytes) => {
  const view = new DataView(bytes);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return null;
  let at = 2;
  while (at + 4 <= view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    const size = view.getUint16(at + 2);
    if (marker === 0xda) return null;
    if (marker === 0xe1 && at + 2 + size <= view.byteLength && view.getUint32(at + 4) === 0x45786966) {
      const segment = bytes.slice(at, at + 2 + size);
      upright(new DataView(segment));
      return segment;
    }
    at += 2 + size;
  }
  return null;
};

const upright = (segment) => {
  const tiff = 10;
  const little = segment.getUint16(tiff) === 0x4949;
  const first = tiff + segment.getUint32(tiff + 4, little);
  const count = segment.getUint16(first, little);
  for (let n = 0; n < count; n += 1) {
    const entry = first + 2 + n * 12;
    if (entry + 12 > segment.byteLength) return;
    if (segment.getUint16(entry, little) === 0x0112) segment.setUint16(entry + 8, 1, little);
  }
};

export const smaller = async (file) => {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && file.type === "image/jpeg" && file.size < 600_000) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  const drawn = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.85); });
  let exif = null;
  try {
    exif = file.type === "image/jpeg" ? exifOf(await file.arrayBuffer()) : null;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // a torn note is left behind, the picture is whole
  }
  const parts = exif ? [drawn.slice(0, 2), exif, drawn.slice(2)] : [drawn];
  return new File(parts, file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: "image/jpeg" });
};

const give = (input, files) => {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
};

// One field of photos: chosen ones add up, each can be taken out again. `changed` is told of every change.
export const watchPhotos = (part, { initial = [], changed = () => {} } = {}) => {
  const input = part.querySelector("input[type=file]");
  const list = part.querySelector("[data-photos-list]");
  const error = part.querySelector("[data-photos-error]");
  let files = initial;

  const draw = () => {
    for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    list.replaceChildren(...files.map((file, n) => {
      const item = document.createElement("li");
      const image = new Image();
      image.src = URL.createObjectURL(file);
      image.alt = "";
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "btn btn-ghost";
      remove.textContent = `${error.dataset.remove} ${n + 1}`;
      remove.addEventListener("click", () => { files = files.filter((other) => other !== file); settle(); });
      item.append(image, remove);
      return item;
    }));
    list.hidden = !files.length;
  };
  const settle = () => {
    give(input, files);
    draw();
    changed(files);
    input.dispatchEvent(new Event("photos", { bubbles: true }));
  };
  const say = (text) => { error.textContent = text; error.hidden = !text; };

  input.addEventListener("change", async () => {
    say("");
    const chosen = [...input.files];
    give(input, files); // what is not ready yet is not sent
    for (const file of chosen) {
      if (files.length >= MOST) { say(error.dataset.tooMany); break; }
      if (!SHOWN.test(file.type)) { say(error.dataset.odd + file.name); continue; }
      try {
        files = [...files, await smaller(file)];
      } catch {
        say(error.dataset.odd + file.name);
      }
    }
    settle();
  });
  input.addEventListener("clear-photos", () => { files = []; settle(); });
  if (files.length) settle();
};

for (const part of document.querySelectorAll("[data-photos]:not([data-photos-store])")) watchPhotos(part);
