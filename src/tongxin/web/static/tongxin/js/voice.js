// To speak instead of writing: one button records, the same button ends it, and what was said can be heard before it is
// sent. Where the browser cannot record, the file field stays, by which a telephone offers its own recorder.

const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus", "audio/webm"];
const ENDINGS = { "audio/webm": "weba", "audio/mp4": "m4a", "audio/ogg": "ogg" };

const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

const watchVoice = (part) => {
  const input = part.querySelector("input[type=file]");
  const button = part.querySelector("[data-voice-button]");
  const label = part.querySelector("[data-voice-label]");
  const said = part.querySelector("[data-voice-said]");
  const player = part.querySelector("audio");
  const remove = part.querySelector("[data-voice-remove]");
  const most = Number(part.dataset.voice);
  const kind = KINDS.find((one) => globalThis.MediaRecorder?.isTypeSupported(one));
  let recorder = null;
  let ticking = 0;

  const show = () => {
    if (player.src) URL.revokeObjectURL(player.src);
    const [file] = input.files;
    player.hidden = remove.hidden = !file;
    if (file) player.src = URL.createObjectURL(file);
    else player.removeAttribute("src");
    label.textContent = file ? part.dataset.again : part.dataset.speak;
  };

  const keep = (chunks) => {
    const type = kind.split(";")[0];
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Blob(chunks, { type })], `voice.${ENDINGS[type]}`, { type }));
    input.files = transfer.files;
    said.textContent = part.dataset.done;
    show();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const stop = () => {
    clearInterval(ticking);
    recorder?.stop();
    recorder = null;
    button.setAttribute("aria-pressed", "false");
  };

  const start = async () => {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch {
      said.textContent = part.dataset.refused;
      return;
    }
    const chunks = [];
    recorder = new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: 32_000 });
    recorder.addEventListener("dataavailable", ({ data }) => chunks.push(data));
    recorder.addEventListener("stop", () => {
      for (const track of stream.getTracks()) track.stop();
      keep(chunks);
    });
    recorder.start();
    button.setAttribute("aria-pressed", "true");
    label.textContent = part.dataset.stop;
    said.textContent = part.dataset.listening;
    const began = Date.now();
    ticking = setInterval(() => {
      const seconds = Math.round((Date.now() - began) / 1000);
      label.textContent = `${part.dataset.stop} ${clock(seconds)}`;
      if (seconds >= most) stop();
    }, 500);
  };

  input.addEventListener("change", show);
  remove.addEventListener("click", () => {
    input.value = "";
    said.textContent = "";
    show();
    button.focus();
  });
  if (!kind || !navigator.mediaDevices || !window.isSecureContext) return;
  button.hidden = false;
  button.addEventListener("click", () => (recorder ? stop() : start()));
  input.form?.addEventListener("submit", () => recorder && stop());
};

for (const part of document.querySelectorAll("[data-voice]")) watchVoice(part);
