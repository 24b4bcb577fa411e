// Rectangles to blur are drawn on the picture with the pointer; each fills the next empty line of numbers.

const holder = document.querySelector("[data-blur]");
const picture = holder.querySelector("img");
const lines = [...document.querySelectorAll("[data-regions] input")];
const NS = "http://www.w3.org/2000/svg";
const layer = document.createElementNS(NS, "svg");
layer.setAttribute("viewBox", "0 0 1000 1000");
layer.setAttribute("preserveAspectRatio", "none");
layer.setAttribute("aria-hidden", "true");
holder.append(layer);

const box = ([left, top, width, height]) => {
  const rect = document.createElementNS(NS, "rect");
  for (const [name, value] of Object.entries({ x: left, y: top, width, height })) rect.setAttribute(name, value);
  return rect;
};

const draw = () => {
  const given = lines.map((line) => line.value.split(",").map(Number)).filter((n) => n.length === 4 && !n.some(Number.isNaN));
  layer.replaceChildren(...given.map(box));
};

const at = (event) => {
  const frame = picture.getBoundingClientRect();
  const part = (value, size) => Math.min(1000, Math.max(0, Math.round((value / size) * 1000)));
  return [part(event.clientX - frame.left, frame.width), part(event.clientY - frame.top, frame.height)];
};

let start = null;
let live = null;
layer.addEventListener("pointerdown", (event) => {
  start = at(event);
  layer.setPointerCapture(event.pointerId);
  event.preventDefault();
});
const region = (end) => [Math.min(start[0], end[0]), Math.min(start[1], end[1]), Math.abs(end[0] - start[0]), Math.abs(end[1] - start[1])];
layer.addEventListener("pointermove", (event) => {
  if (!start) return;
  live?.remove();
  live = box(region(at(event)));
  layer.append(live);
});
layer.addEventListener("pointerup", (event) => {
  if (!start) return;
  const [left, top, width, height] = region(at(event));
  start = null;
  const free = lines.find((line) => !line.value);
  if (free && width > 5 && height > 5) free.value = `${left},${top},${width},${height}`;
  draw();
});
for (const line of lines) line.addEventListener("input", draw);
draw();
