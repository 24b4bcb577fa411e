// A signature on the screen: drawn with finger, pen or mouse, kept as a PNG in a hidden field, so that it travels with the
// form, also from the outbox. Without this module the paper is signed and photographed.

const draw = (part) => {
  const canvas = part.querySelector("canvas");
  const field = part.querySelector("input[type=hidden]");
  const pen = canvas.getContext("2d");
  const clear = () => {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    field.value = "";
  };
  const place = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return [(clientX - box.left) * (canvas.width / box.width), (clientY - box.top) * (canvas.height / box.height)];
  };
  pen.lineWidth = 4;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  pen.strokeStyle = "#1d2829";
  let down = false;
  canvas.addEventListener("pointerdown", (event) => {
    down = true;
    canvas.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!down) return;
    pen.lineTo(...place(event));
    pen.stroke();
  });
  const up = () => {
    if (!down) return;
    down = false;
    field.value = canvas.toDataURL("image/png");
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  field.addEventListener("change", () => {
    if (down || !field.value || field.dataset.drawn === field.value) return;
    field.dataset.drawn = field.value;
    const picture = new Image();
    picture.onload = () => pen.drawImage(picture, 0, 0);
    picture.src = field.value;
  });
  part.querySelector("[data-sign-clear]").addEventListener("click", clear);
  part.closest("form")?.addEventListener("reset", () => setTimeout(clear));
  const kept = field.value;
  clear();
  if (kept) {
    field.value = kept;
    field.dispatchEvent(new Event("change"));
  }
  part.hidden = false;
};

for (const part of document.querySelectorAll("[data-sign]")) draw(part);
