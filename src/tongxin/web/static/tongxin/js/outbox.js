// What waits on this phone: drafts of forms and forms that could not be sent, with their photos, in the browser's own
// store. Each row belongs to the person who wrote it. Used by pages (offline.js) and by the service worker (worker.js).
// Where the browser has no store for photos, texts alone are kept in localStorage.

const BASE = "tongxin-offline";
const PLAIN = "tongxin.offline.";
const KEPT_DAYS = 30;
const ANSWER_CHARACTERS = 300_000;

const settled = (request) => new Promise((done, fail) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});

const open = async () => {
  const opening = indexedDB.open(BASE, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("outbox", { keyPath: "id" });
    opening.result.createObjectStore("drafts", { keyPath: "id" });
  };
  return settled(opening);
};

const inBase = async (name, mode, act) => {
  const base = await open();
  try {
    const transaction = base.transaction(name, mode);
    const ended = new Promise((done, fail) => {
      transaction.oncomplete = done;
      transaction.onabort = () => fail(transaction.error);
    });
    const result = await settled(act(transaction.objectStore(name)));
    await ended;
    return result;
  } finally {
    base.close();
  }
};

const plain = {
  all: (name) => Object.keys(localStorage).filter((key) => key.startsWith(`${PLAIN}${name}.`))
    .map((key) => JSON.parse(localStorage.getItem(key))),
  put: (name, row) => localStorage.setItem(`${PLAIN}${name}.${row.id}`, JSON.stringify({ ...row, files: [], lost: row.files?.length ?? 0 })),
  drop: (name, id) => localStorage.removeItem(`${PLAIN}${name}.${id}`),
};

const all = async (name) => {
  const beside = "localStorage" in globalThis ? plain.all(name) : [];
  try {
    return [...await inBase(name, "readonly", (store) => store.getAll()), ...beside];
  } catch (error) {
    if (!("localStorage" in globalThis)) throw error;
    return beside;
  }
};

const put = async (name, row) => {
  try {
    await inBase(name, "readwrite", (store) => store.put(row));
  } catch (error) {
    if (!("localStorage" in globalThis)) throw error;
    plain.put(name, row); // a private window, or no room for the photos: the words at least are kept
  }
};

const drop = async (name, id) => {
  if ("localStorage" in globalThis) plain.drop(name, id);
  await inBase(name, "readwrite", (store) => store.delete(id)).catch(() => {});
};

// --- rows: {id: the form's `once`, owner, kind, action, page, words, place, fields: [[name, value]], files:
// [{field, name, blob}], at: when it was written, state: "waiting" | "wrong" | "sent", status, answer, url} ---

export const rowsOf = async (owner) => (await all("outbox")).filter((row) => row.owner === owner)
  .sort((one, other) => one.at.localeCompare(other.at));

export const rowOf = async (owner, id) => (await rowsOf(owner)).find((row) => row.id === id) ?? null;

// How much waits for people who are not signed in here now; nothing of what it is.
export const othersWait = async (owner) => (await all("outbox")).filter((row) => row.owner !== owner && row.state !== "sent").length;

export const putRow = (row) => put("outbox", row);

export const dropRow = (id) => drop("outbox", id);

export const draftOf = async (owner, id) => (await all("drafts")).find((row) => row.id === `${owner} ${id}`) ?? null;

export const putDraft = (owner, id, draft) => put("drafts", { ...draft, id: `${owner} ${id}`, owner, at: new Date().toISOString() });

export const dropDraft = (owner, id) => drop("drafts", `${owner} ${id}`);

// What another app shared to Tongxin: for the report form that opens next, and gone with it.
export const putShared = (given) => put("drafts", { ...given, id: "shared", owner: "", at: new Date().toISOString() });

export const takeShared = async () => {
  const given = (await all("drafts")).find(({ id }) => id === "shared") ?? null;
  if (given) await drop("drafts", "shared");
  return given;
};

// Somebody signs out: all that is theirs goes.
export const wipe = async (owner) => {
  for (const name of ["drafts", "outbox"]) {
    for (const row of await all(name)) if (row.owner === owner || row.id === "shared") await drop(name, row.id);
  }
};

// Drafts of whoever was here before go when somebody else signs in; what waits unsent stays for its writer, unseen, thirty days.
export const tidy = async (owner) => {
  const oldest = new Date(Date.now() - KEPT_DAYS * 86_400_000).toISOString();
  for (const row of await all("drafts")) {
    const others = owner && row.owner !== owner && row.id !== "shared";
    if (others || row.at < oldest) await drop("drafts", row.id);
  }
  for (const row of await all("outbox")) if (row.at < oldest) await drop("outbox", row.id);
};

// Who is signed in now, and a fresh token for a form: the page may have stood open for days. Null: no signal.
export const fresh = async () => {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), 8_000);
  try {
    const answer = await fetch("/offline/token.json", { cache: "no-store", credentials: "same-origin", signal: patience.signal });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
};

const bodyOf = (row, token) => {
  const data = new FormData();
  for (const [name, value] of row.fields) data.append(name, value);
  data.set("csrfmiddlewaretoken", token);
  data.set("written_at", row.at);
  for (const { field, name, blob } of row.files) data.append(field, new File([blob], name, { type: blob.type }));
  return data;
};

// One try. The row as it is afterwards: "sent" with its address, "wrong" with the server's page, or still "waiting".
export const sendRow = async (row, token) => {
  let answer;
  try {
    answer = await fetch(row.action, { method: "POST", body: bodyOf(row, token), credentials: "same-origin", headers: { "X-Tongxin-Offline": "1" } });
  } catch {
    return { ...row, state: "waiting" };
  }
  const went = answer.headers.get("X-Tongxin-Went"); // where a redirect leads, which is not followed here
  const url = went && new URL(went, globalThis.location.origin);
  if (url?.pathname.endsWith("/sign-in/") || answer.status === 401) return { ...row, state: "waiting" };
  if (url) {
    const path = url.pathname + url.search + url.hash;
    return { id: row.id, owner: row.owner, kind: row.kind, at: row.at, words: row.words, place: row.place, fields: [], files: [], state: "sent", url: path };
  }
  if (answer.status >= 500 || answer.status === 408 || answer.status === 429) return { ...row, state: "waiting" };
  return { ...row, state: "wrong", status: answer.status, answer: (await answer.text()).slice(0, ANSWER_CHARACTERS) };
};

const alone = (act) => (navigator.locks ? navigator.locks.request("tongxin-outbox", act) : act());

// Sends everything of whoever is signed in now. What it gives back: true if something changed, null without signal.
export const sendAll = () => alone(async () => {
  if (!(await all("outbox")).some((row) => row.state === "waiting")) return false;
  const now = await fresh();
  if (now === null) return null;
  let changed = false;
  for (const row of now.owner ? await rowsOf(now.owner) : []) {
    if (row.state !== "waiting") continue;
    const after = await sendRow(row, now.token);
    if (after.state === "waiting") continue;
    await putRow(after);
    changed = true;
  }
  return changed;
});

// A key for a form, also where a page without https has no crypto.randomUUID.
export const newKey = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};
