// Forms that work without signal: <form data-offline="KIND" method="post"> with a hidden `once`. What is typed is kept as
// a draft, what cannot be sent waits in the outbox and is sent once under its key. The contract: web/README.md.

import {
  draftOf, dropDraft, dropRow, fresh, newKey, othersWait, putDraft, putRow, rowOf, rowsOf, sendAll, sendRow, tidy, wipe,
} from "./outbox.js";

const holder = document.querySelector("template[data-outbox]");
const owner = holder?.dataset.owner ?? "";
const NEVER_KEPT = new Set(["csrfmiddlewaretoken", "written_at"]);
const piece = (name) => holder.content.querySelector(`[data-piece="${name}"]`).cloneNode(true);
const offlineForms = () => document.querySelectorAll("form[data-offline]");

// --- what a form holds, and putting it back ---

export const fieldsOf = (form) => [...new FormData(form)]
  .filter(([name, value]) => typeof value === "string" && !NEVER_KEPT.has(name));

export const filesOf = (form) => [...new FormData(form)]
  .filter(([, value]) => value instanceof File && value.size)
  .map(([field, file]) => ({ field, name: file.name, blob: new Blob([file], { type: file.type }) }));

export const fill = (form, { fields, files = [] }) => {
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  const changed = [];
  for (const field of form.elements) {
    const wanted = values.get(field.name);
    if (!field.name || NEVER_KEPT.has(field.name) || ["file", "submit", "button"].includes(field.type)) continue;
    if (field.type === "radio" || field.type === "checkbox") {
      const checked = wanted?.includes(field.value) ?? false;
      if (checked !== field.checked) changed.push(field);
      field.checked = checked;
    } else if (field.tagName === "SELECT") {
      const option = wanted && [...field.options].find(({ value }) => value && wanted.includes(value));
      if (!option || field.value === option.value) continue;
      field.value = option.value;
      changed.push(field);
    } else if (wanted) {
      field.value = wanted[0];
      changed.push(field);
    }
  }
  for (const field of changed) field.dispatchEvent(new Event("change", { bubbles: true }));
  for (const input of form.querySelectorAll("input[type=file]")) {
    const own = files.filter(({ field }) => field === input.name);
    if (!own.length) continue;
    const transfer = new DataTransfer();
    for (const { name, blob } of own) transfer.items.add(new File([blob], name, { type: blob.type }));
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
};

const wordsOf = (form) => {
  const named = form.querySelector(`[name="${CSS.escape(form.dataset.offlineWords ?? "text")}"]`) ?? form.querySelector("textarea");
  return (named?.value ?? "").trim() || document.title.split(" · ")[0];
};

const placeOf = (form) => {
  if (form.dataset.offlinePlace) return form.dataset.offlinePlace;
  const home = form.querySelector("input[name=home]:checked:not([value=other])");
  const picked = home ? [] : [...form.querySelectorAll("select[name=area]")].filter(({ value }) => value).map((select) => select.selectedOptions[0].text);
  const { lat, lng, spot } = form.elements;
  const said = [home?.closest("label").querySelector(".help")?.textContent ?? "", picked.at(-1) ?? "", spot?.value ?? ""].filter(Boolean);
  if (!said.length && lat?.value) said.push(`${Number(lat.value).toFixed(5)}, ${Number(lng.value).toFixed(5)}`);
  return said.join(" ");
};

export const rowFrom = (form, submitter = null, more = {}) => ({
  id: form.elements.once.value,
  owner,
  kind: form.dataset.offline,
  action: new URL(submitter?.hasAttribute("formaction") ? submitter.formAction : form.action).pathname,
  page: location.pathname + location.search,
  words: wordsOf(form),
  place: placeOf(form),
  fields: [...fieldsOf(form), ...(submitter?.name ? [[submitter.name, submitter.value]] : []), ...Object.entries(more)],
  files: filesOf(form),
  at: form.elements.written_at?.value || new Date().toISOString(),
  state: "waiting",
});

// The pages of whoever was here before go; those of one's own that open without signal are fetched ahead, once an hour.
const AHEAD_MINUTES = 60;

export const dropPages = async (but = "") => {
  for (const name of (await globalThis.caches?.keys()) ?? []) if (name.startsWith("tongxin-pages:") && name !== but) await caches.delete(name);
};

const helpedByWorker = async () => {
  await dropPages(owner && `tongxin-pages:${owner}`);
  if (!owner || !navigator.serviceWorker || !navigator.onLine) return;
  await navigator.serviceWorker.register("/sw.js", { type: "module", scope: "/" });
  const { active } = await navigator.serviceWorker.ready;
  const last = Number(localStorage.getItem("tongxin.ahead") ?? 0);
  if (Date.now() - last < AHEAD_MINUTES * 60_000) return;
  const tasks = [...document.querySelectorAll("a[href='/work/']")].length ? ["/work/"] : [];
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => localStorage.setItem("tongxin.ahead", Date.now());
  active.postMessage({ keep: ["/report/", ...tasks] }, [port2]);
};

// Where the browser can, the service worker sends it even when the page is closed.
export const askForSync = async () => {
  const worker = await navigator.serviceWorker?.getRegistration();
  await worker?.sync?.register("tongxin-outbox").catch(() => {});
};

// --- the outbox on the page ---

const wrongOf = ({ answer, status }) => {
  const page = new DOMParser().parseFromString(answer ?? "", "text/html");
  for (const hidden of page.querySelectorAll("[hidden]")) hidden.remove();
  for (const where of ["[data-focus] li", ".field-error span", "main .notice-error p", "main .notice-warn p, main .empty p"]) {
    const said = [...page.querySelectorAll(where)].map((part) => part.textContent.trim()).filter(Boolean);
    if (said.length) return [...new Set(said)].slice(0, 4).join(" ");
  }
  return `${status}`;
};

const drawRow = (row) => {
  const item = piece("row");
  const part = (name) => item.querySelector(`[data-row-${name}]`);
  part("words").textContent = row.words.length > 80 ? `${row.words.slice(0, 80)}…` : row.words;
  const photos = row.files.length ? ` · ${holder.dataset.nPhotos.replace("{n}", row.files.length)}` : "";
  part("place").textContent = [row.place, new Date(row.at).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" })]
    .filter(Boolean).join(" · ") + photos;
  if (row.state === "sent") {
    part("open").href = row.url;
    part("open").textContent = holder.dataset.see;
    part("remove").remove();
    part("said").textContent = holder.dataset.sent;
    return item;
  }
  part("open").href = `${row.page.split("#")[0]}#outbox=${row.id}`;
  if (row.state === "wrong") {
    part("said").className = "field-error";
    part("said").textContent = `${holder.dataset.wrong} ${wrongOf(row)}`;
  } else part("said").textContent = row.lost ? holder.dataset.lost : holder.dataset.waits;
  part("remove").addEventListener("click", async () => {
    const dialog = document.body.appendChild(piece("sure"));
    dialog.addEventListener("close", async () => {
      dialog.remove();
      if (dialog.returnValue !== "yes") return;
      await dropRow(row.id);
      await draw();
    });
    dialog.showModal();
  });
  return item;
};

const arrived = new Map(); // what this page has told of: it leaves the store at once, and stands here until one goes on

export const draw = async () => {
  if (!holder) return;
  const stored = owner ? await rowsOf(owner) : [];
  for (const row of stored.filter(({ state }) => state === "sent")) {
    arrived.set(row.id, row);
    await dropRow(row.id);
  }
  const rows = [...stored.filter(({ state }) => state !== "sent"), ...arrived.values()];
  const others = owner ? 0 : await othersWait(owner);
  let list = document.querySelector("[data-piece=list]");
  if (!rows.length && !others) {
    list?.remove();
    return;
  }
  if (!list) {
    list = piece("list");
    const main = document.querySelector("#main");
    (main.querySelector(".page, .desk-main") ?? main).prepend(list);
  }
  const waiting = rows.filter(({ state }) => state !== "sent").length + others;
  list.querySelector("[data-title]").textContent = waiting ? holder.dataset.title.replace("{n}", waiting) : holder.dataset.done;
  for (const said of document.querySelectorAll("[data-piece=kept]")) {
    // What the page said when it was kept is over once it has arrived.
    if (rows.some(({ id, state }) => id === said.dataset.row && state !== "waiting")) said.querySelector("[data-kept]").hidden = true;
  }
  list.querySelector("[data-others]").hidden = !others;
  list.querySelector("[data-rows]").replaceChildren(...rows.map(drawRow));
};

const flush = async () => {
  if (await sendAll() === null) await askForSync();
  await draw(); // the service worker may have sent it meanwhile
};

// --- forms ---

const draftKey = (form) => `${form.dataset.offline} ${new URL(form.action).pathname}`;
const ownDraft = (form) => form.dataset.offlineDraft === "own"; // the page keeps its draft itself

const saying = (form, name) => {
  document.querySelector(`[data-offline-said]`)?.remove();
  const said = piece(name);
  said.dataset.offlineSaid = "";
  form.before(said);
  said.scrollIntoView({ block: "center" });
  return said;
};

// Into the outbox, said plainly; the form makes room, so that nothing is written into it that goes nowhere.
export const keep = async (form, submitter, more) => {
  await putRow(rowFrom(form, submitter, more));
  if (!ownDraft(form)) await dropDraft(owner, draftKey(form));
  form.dispatchEvent(new CustomEvent("offline-kept"));
  const said = saying(form, "kept");
  said.dataset.row = form.elements.once.value;
  const buttons = [...document.querySelectorAll(`[form="${CSS.escape(form.id || "-")}"]`)];
  const parts = [form, ...buttons.map((button) => button.closest(".action-bar") ?? button)];
  for (const part of parts) part.hidden = true;
  said.querySelector("[data-another]").addEventListener("click", () => {
    form.reset();
    form.elements.once.value = newKey();
    for (const input of form.querySelectorAll("input[type=file]")) input.dispatchEvent(new Event("clear-photos"));
    for (const part of parts) part.hidden = false;
    said.remove();
    form.querySelector("input:not([type=hidden]), textarea, select")?.focus();
  });
  await draw();
  await askForSync();
};

const natively = (form, submitter) => {
  if (submitter?.name) {
    const said = Object.assign(document.createElement("input"), { type: "hidden", name: submitter.name, value: submitter.value });
    form.append(said);
  }
  form.submit();
};

const whole = (form) => (form.dataset.offlineWhole ? Object.fromEntries(new URLSearchParams(form.dataset.offlineWhole)) : {});

const send = async (form, submitter) => {
  const now = navigator.onLine ? await fresh() : null;
  if (now && now.owner !== owner) {
    location.reload(); // signed out meanwhile, or somebody else: the draft is kept
    return;
  }
  if (now && form.dataset.offlineAsk !== undefined) {
    form.elements.csrfmiddlewaretoken.value = now.token;
    natively(form, submitter);
    return;
  }
  if (!now) {
    if (form.dataset.offlineAsk !== undefined && !form.dataset.noSignal) {
      form.dispatchEvent(new CustomEvent("no-signal")); // the page has more to ask where nothing can be asked later
      return;
    }
    if (owner) await keep(form, submitter, whole(form));
    else saying(form, "draft"); // nobody is signed in: whose it is would be anyone's guess
    return;
  }
  const row = rowFrom(form, submitter);
  const after = await sendRow(row, now.token);
  if (after.state === "sent") {
    await dropRow(row.id);
    if (!ownDraft(form)) await dropDraft(owner, draftKey(form));
    location.assign(after.url);
  } else if (after.state === "waiting") await keep(form, submitter, whole(form));
  else {
    form.elements.csrfmiddlewaretoken.value = now.token;
    natively(form, submitter); // the server says on its page what is wrong
  }
};

const mended = () => new URLSearchParams(location.hash.slice(1)).get("outbox");

const watch = async (form) => {
  const wanted = mended();
  const row = wanted && owner ? await rowOf(owner, wanted) : null;
  if (row && row.kind === form.dataset.offline) {
    fill(form, row);
    form.elements.once.value = row.id;
    if (form.elements.written_at) form.elements.written_at.value = row.at;
    if (row.state === "wrong") saying(form, "mend").querySelector("[data-wrong]").textContent = wrongOf(row);
  } else if (!ownDraft(form) && owner) {
    const draft = await draftOf(owner, draftKey(form));
    if (draft) {
      fill(form, draft);
      saying(form, "restored").querySelector("[data-anew]").addEventListener("click", async () => {
        await dropDraft(owner, draftKey(form));
        location.reload();
      });
    }
  }
  if (ownDraft(form) || !owner) return;
  let timer = 0;
  const save = () => {
    clearTimeout(timer);
    timer = setTimeout(() => putDraft(owner, draftKey(form), { fields: fieldsOf(form), files: filesOf(form) }), 250);
  };
  for (const happening of ["input", "change", "photos"]) form.addEventListener(happening, save);
  form.addEventListener("offline-kept", () => clearTimeout(timer));
};

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-offline]") || event.defaultPrevented) return;
  // What leads back or to a finer list needs the server, and is not the sending.
  if (event.submitter?.matches("[data-offline-not], [formnovalidate]")) return;
  event.preventDefault();
  if (form.dataset.sending) return;
  form.dataset.sending = "1";
  send(form, event.submitter).finally(() => { delete form.dataset.sending; });
}, { capture: true });

// --- signing out: all that is theirs goes, and they are asked first if something waits ---

const leave = async (form) => {
  const waiting = (await rowsOf(owner)).filter(({ state }) => state !== "sent");
  if (waiting.length) {
    const dialog = document.body.appendChild(piece("leaving"));
    dialog.querySelector("[data-count]").textContent = holder.dataset.title.replace("{n}", waiting.length);
    dialog.showModal();
    await new Promise((done) => { dialog.addEventListener("close", done); });
    dialog.remove();
    if (dialog.returnValue !== "yes") return;
  }
  const worker = await navigator.serviceWorker?.getRegistration();
  await (await worker?.pushManager?.getSubscription())?.unsubscribe().catch(() => {});
  await wipe(owner);
  await dropPages();
  localStorage.removeItem("tongxin.ahead");
  form.submit();
};

document.addEventListener("submit", (event) => {
  if (new URL(event.target.action).pathname !== "/sign-out/" || !owner) return;
  event.preventDefault();
  // What drafts.js keeps is for its owner alone.
  localStorage.removeItem("tongxin.report");
  indexedDB.deleteDatabase("tongxin");
  leave(event.target).catch(() => event.target.submit());
}, { capture: true });

if (holder) {
  window.addEventListener("online", flush);
  window.addEventListener("hashchange", () => mended() && location.reload()); // opened from its own page
  if ("BroadcastChannel" in window) new BroadcastChannel("tongxin-outbox").addEventListener("message", draw);
  await tidy(owner);
  for (const form of offlineForms()) await watch(form);
  await draw();
  await flush();
  helpedByWorker().catch(() => {}); // an old browser, or no https: it works without
}
