// A report that has not been sent: kept in this browser alone, with its photos, sent once when there is a signal again,
// and wiped when it was sent or its owner signs out (base.js) or somebody else signs in.

const KEY = "tongxin.report";
const BASE = "tongxin";

const store = () => new Promise((done, fail) => {
  const opening = indexedDB.open(BASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("photos");
  opening.onsuccess = () => done(opening.result);
  opening.onerror = () => fail(opening.error);
});

const finished = (transaction) => new Promise((done, fail) => {
  transaction.oncomplete = done;
  transaction.onerror = () => fail(transaction.error);
});

export const readDraft = (owner) => {
  const raw = localStorage.getItem(KEY);
  if (!raw) return null;
  try {
    const draft = JSON.parse(raw);
    if (draft.owner && owner !== draft.owner) {
      if (owner) wipeDraft(); // somebody else uses this phone now
      return null;
    }
    return draft;
  } catch {
    localStorage.removeItem(KEY);
    return null;
  }
};

export const writeDraft = (draft) => localStorage.setItem(KEY, JSON.stringify(draft));

export const wipeDraft = () => {
  localStorage.removeItem(KEY);
  indexedDB.deleteDatabase(BASE);
};

export const keepPhotos = async (files) => {
  const base = await store();
  const transaction = base.transaction("photos", "readwrite");
  const photos = transaction.objectStore("photos");
  photos.clear();
  files.forEach((file, n) => photos.put({ name: file.name, blob: file }, n));
  await finished(transaction);
  base.close();
};

export const keptPhotos = async () => {
  const base = await store();
  const asking = base.transaction("photos").objectStore("photos").getAll();
  const rows = await new Promise((done, fail) => {
    asking.onsuccess = () => done(asking.result);
    asking.onerror = () => fail(asking.error);
  });
  base.close();
  return rows.map(({ name, blob }) => new File([blob], name, { type: blob.type }));
};

// Sends what is kept. True: it is there (the browser goes on to its page). False: no signal. Anything else is thrown.
export const sendDraft = async (draft) => {
  const data = new FormData();
  const photos = await keptPhotos();
  for (const [name, value] of draft.fields) if (name !== "csrfmiddlewaretoken") data.append(name, value);
  data.append("send", "1");
  data.append("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
  for (const photo of photos) data.append("photos", photo);
  let answer;
  try {
    answer = await fetch("/report/", { method: "POST", body: data });
  } catch {
    return false;
  }
  if (!answer.redirected || !new URL(answer.url).pathname.startsWith("/report/sent/")) throw new Error("not taken");
  wipeDraft();
  location.assign(answer.url);
  return true;
};

const say = async () => {
  for (const part of document.querySelectorAll("[data-draft]")) {
    const draft = readDraft(part.dataset.draft);
    const text = draft?.fields.find(([name]) => name === "text")?.[1] ?? "";
    if (!text) continue;
    part.querySelector("[data-draft-text]").textContent = text.length > 60 ? `${text.slice(0, 60)}…` : text;
    part.hidden = false;
    const forWhom = draft.fields.find(([name]) => name === "for_person")?.[1];
    if (forWhom) part.querySelector("a").href = `/report/?for_person=${encodeURIComponent(forWhom)}`;
    if (draft.unsent && part.dataset.draft) {
      // Refused for a reason: the report's own page says which.
      await sendDraft(draft).catch(() => writeDraft({ ...draft, unsent: false }));
    }
  }
  if (document.querySelector("[data-draft-sent]")) wipeDraft();
};

say();
window.addEventListener("online", say);
