// The report form: what is typed stays in this browser until it is sent; emergency numbers come up as the words call for
// them; the phone may tell where one stands; photos are made smaller and survive a lost signal.

import { keepPhotos, keptPhotos, readDraft, sendDraft, wipeDraft, writeDraft } from "./drafts.js";
import { watchKinds } from "./kinds.js";
import { takeShared } from "./outbox.js";
import { watchPhotos } from "./photos.js";
import { followKind } from "./questions.js";

const form = document.querySelector("[data-report]");
const owner = form.dataset.report;
const step = form.dataset.step;
const NOT_KEPT = new Set(["csrfmiddlewaretoken", "photos", "send", "back", "next_area"]);

const typed = () => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.has(name));

const save = (more = {}) => {
  const fields = typed();
  if (fields.some(([name, value]) => name === "text" && value.trim())) {
    writeDraft({ owner, fields, unsent: false, ...more });
  }
};

const restore = (draft) => {
  const areas = draft.fields.filter(([name, value]) => name === "area" && value);
  for (const [name, value] of draft.fields) {
    if (name === "area") continue;
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
      else field.value = value;
      if (field.checked) break;
    }
  }
  const select = form.querySelector("select[name=area]");
  const wanted = areas.find(([, value]) => [...(select?.options ?? [])].some((option) => option.value === value));
  if (wanted) {
    select.value = wanted[1];
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }
};

// --- emergencies ---

const watchWords = () => {
  const holder = document.querySelector("[data-emergencies]");
  const template = document.querySelector("[data-emergency-words]");
  const text = form.querySelector("[name=text]");
  if (!holder || !template) return;
  let shown = "";
  const look = () => {
    const said = text.value.toLowerCase();
    const rows = [...template.content.querySelectorAll("[data-words]")]
      .filter((row) => row.dataset.words.split("|").some((word) => said.includes(word)));
    const key = rows.map((row) => row.textContent).join();
    if (key === shown) return;
    shown = key;
    const box = document.createElement("div");
    box.className = "notice notice-error";
    const body = document.createElement("div");
    body.className = "notice-body";
    body.append(template.content.querySelector("p").cloneNode(true), ...rows.map((row) => row.cloneNode(true)));
    box.append(body);
    holder.replaceChildren(...(rows.length ? [box] : []));
  };
  text.addEventListener("input", look);
  look();
};

// --- where one stands ---

const watchPosition = () => {
  const part = document.querySelector("[data-here]");
  if (!part || !navigator.geolocation || !window.isSecureContext) return;
  part.hidden = false;
  const said = part.querySelector("[data-here-said]");
  const found = async ({ coords }) => {
    form.elements.lat.value = coords.latitude.toFixed(6);
    form.elements.lng.value = coords.longitude.toFixed(6);
    // Without signal the position alone is noted; which place it lies in says the server later.
    const answer = navigator.onLine
      ? await fetch(`/report/here.json?lat=${form.elements.lat.value}&lng=${form.elements.lng.value}`).catch(() => null) : null;
    const place = answer?.ok ? await answer.json() : { name: "" };
    said.textContent = `${said.dataset.found} ${place.name || `${form.elements.lat.value}, ${form.elements.lng.value}`}`;
    save();
  };
  const failed = () => { said.textContent = said.dataset.failed; };
  part.querySelector("[data-locate]").addEventListener("click", () => {
    said.textContent = said.dataset.asking;
    navigator.geolocation.getCurrentPosition(
      (position) => found(position).catch(failed), failed, { enableHighAccuracy: true, timeout: 15_000 },
    );
  });
};

// --- at home, the lists are not needed ---

const watchHome = () => {
  const picker = document.querySelector("[data-picker]");
  const homes = form.querySelectorAll("input[type=radio][name=home]");
  if (!picker || !homes.length) return;
  const look = () => {
    const elsewhere = form.querySelector("[name=home]:checked")?.value === "other";
    picker.hidden = !elsewhere;
    const here = document.querySelector("[data-here]");
    if (here && navigator.geolocation && window.isSecureContext) here.hidden = !elsewhere;
  };
  for (const home of homes) home.addEventListener("change", look);
  look();
};

// --- without signal there is no second page: the photos are added here, and it is sent whole later ---

const watchSignal = () => {
  const parts = document.querySelectorAll("[data-no-signal]");
  const label = document.querySelector("[data-no-signal-label]");
  const withSignal = label.textContent;
  const look = (signal) => {
    for (const part of parts) part.hidden = signal;
    label.textContent = signal ? withSignal : label.dataset.noSignalLabel;
    form.elements.speak.hidden = !signal; // a recording is made on the second page
    if (signal) delete form.dataset.noSignal;
    else form.dataset.noSignal = "1";
  };
  window.addEventListener("online", () => look(true));
  window.addEventListener("offline", () => look(false));
  form.addEventListener("no-signal", () => {
    look(false);
    parts[0].scrollIntoView({ block: "center" });
  });
  look(navigator.onLine);
};

// --- first page ---

const first = async () => {
  const draft = readDraft(owner);
  if (draft?.unsent && owner) {
    sendDraft(draft).catch(() => writeDraft({ ...draft, unsent: false }));
  }
  // What was written for one person is never sent in the name of another.
  const forWhom = form.elements.for_person?.value ?? "";
  const same = (draft?.fields.find(([name]) => name === "for_person")?.[1] ?? "") === forWhom;
  if (draft && same && !form.querySelector("[name=text]").value) {
    restore(draft);
    document.querySelector("[data-restored]").hidden = false;
  }
  document.querySelector("[data-draft-clear]").addEventListener("click", () => {
    wipeDraft();
    location.assign(forWhom ? `/report/?for_person=${forWhom}` : "/report/");
  });
  watchWords();
  watchKinds(form, "/report/kinds.json");
  watchPosition();
  watchHome();
  watchSignal();
  const part = document.querySelector("[data-photos-store]");
  const given = location.hash === "#shared" ? await takeShared() : null;
  if (given) {
    // What another app shared: its words, if nothing is written yet, and its pictures.
    const text = form.querySelector("[name=text]");
    text.value ||= given.text;
    if (given.files.length) part.parentElement.hidden = false;
    history.replaceState(null, "", "/report/");
  }
  const again = !location.hash.startsWith("#outbox") && draft && same;
  watchPhotos(part, { initial: again ? await keptPhotos() : [], changed: keepPhotos });
  if (given?.files.length) {
    const transfer = new DataTransfer();
    for (const { name, blob } of given.files) transfer.items.add(new File([blob], name, { type: blob.type }));
    Object.assign(part.querySelector("input[type=file]"), { files: transfer.files }).dispatchEvent(new Event("change", { bubbles: true }));
  }
  form.addEventListener("offline-kept", () => {
    wipeDraft();
    form.elements.lat.value = form.elements.lng.value = form.elements.written_at.value = "";
    document.querySelector("[data-here-said]")?.replaceChildren();
  });
  form.addEventListener("input", () => save());
  form.addEventListener("change", () => save());
};

// --- second page: photos, and the sending ---

const second = async () => {
  const before = readDraft(owner);
  const part = document.querySelector("[data-photos-store]");
  const initial = before ? await keptPhotos() : [];
  watchPhotos(part, { initial, changed: keepPhotos });
  followKind(form, save);
  save();
  form.addEventListener("input", () => save());
  form.addEventListener("submit", (event) => {
    if (event.submitter?.name !== "send" || form.dataset.signed) return; // offline.js sends it
    // The photos wait here while the phone's code is asked for.
    save({ unsent: true });
    part.querySelector("input[type=file]").disabled = true;
  });
  form.addEventListener("offline-kept", wipeDraft);
  if (before?.unsent && form.dataset.signed) {
    save({ unsent: false });
    form.requestSubmit(document.querySelector("button[name=send]"));
  }
};

if (step === "1") first();
else second();

window.addEventListener("online", () => {
  const draft = readDraft(owner);
  if (draft?.unsent && owner) sendDraft(draft).catch(() => writeDraft({ ...draft, unsent: false }));
});
