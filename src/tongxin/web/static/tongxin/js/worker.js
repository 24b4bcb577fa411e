// The service worker, served as /sw.js: opens the pages that say so without signal, sends what waits when there is signal
// again, takes what is shared to Tongxin, and shows what was pushed. Everything works without it but for that.

import { putShared, sendAll } from "./outbox.js";

const PAGES = "tongxin-pages:"; // one cache, of whoever is signed in; offline.js throws away any other
const HASHED = /\.[0-9a-f]{12}\.\w+$/;

const otherPages = async (mine = "") => {
  for (const name of await caches.keys()) if (name.startsWith(PAGES) && name !== mine) await caches.delete(name);
};

// A page names whose it is, if it may be kept: X-Tongxin-Keep.
const keepPage = async (request, answer) => {
  const owner = answer.headers.get("X-Tongxin-Keep");
  if (!owner || answer.status !== 200 || answer.redirected) return;
  await otherPages(PAGES + owner);
  await (await caches.open(PAGES + owner)).put(request.url, answer.clone());
};

const keptPage = async (request) => {
  for (const name of await caches.keys()) {
    const found = name.startsWith(PAGES) && await (await caches.open(name)).match(request.url, { ignoreVary: true });
    if (found) return found;
  }
  return undefined;
};

export const serve = (worker, { version, shell, offline }) => {
  const SHELL = `tongxin-shell:${version}`;

  worker.addEventListener("install", (event) => event.waitUntil((async () => {
    await (await caches.open(SHELL)).addAll([...shell, offline].map((url) => new Request(url, { cache: "reload" })));
    await worker.skipWaiting();
  })()));

  worker.addEventListener("activate", (event) => event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("tongxin-shell:") && name !== SHELL) await caches.delete(name);
    await worker.clients.claim();
  })()));

  const page = async (request) => {
    try {
      const answer = await fetch(request);
      await keepPage(request, answer);
      return answer;
    } catch {
      return await keptPage(request) ?? await caches.match(offline, { ignoreVary: true }) ?? Response.error();
    }
  };

  const fixed = async (request) => {
    const kept = () => caches.match(request.url, { ignoreVary: true });
    if (HASHED.test(new URL(request.url).pathname)) {
      const found = await kept();
      if (found) return found;
    }
    try {
      const answer = await fetch(request);
      if (answer.ok) await (await caches.open(SHELL)).put(request.url, answer.clone());
      return answer;
    } catch (error) {
      const found = await kept();
      if (found) return found;
      throw error;
    }
  };

  // What another app gave: it waits here for the report form, which is opened at once, with or without signal.
  const shared = async (request) => {
    const given = await request.formData();
    const text = ["title", "text", "url"].map((name) => given.get(name)).filter(Boolean).join("\n");
    const files = given.getAll("photos").filter((file) => file instanceof File && file.size)
      .map((file) => ({ field: "photos", name: file.name, blob: new Blob([file], { type: file.type }) }));
    await putShared({ text, files });
    return Response.redirect("/report/#shared", 303);
  };

  worker.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (url.origin !== worker.location.origin) return;
    if (request.method === "POST" && url.pathname === "/report/shared/") event.respondWith(shared(request));
    else if (request.method === "POST" && url.pathname === "/sign-out/") event.waitUntil(otherPages());
    else if (request.method !== "GET") return;
    else if (request.mode === "navigate") event.respondWith(page(request));
    else if (url.pathname.startsWith("/static/")) event.respondWith(fixed(request));
  });

  worker.addEventListener("message", (event) => event.waitUntil((async () => {
    for (const path of event.data.keep ?? []) {
      const request = new Request(new URL(path, worker.location.origin), { credentials: "same-origin" });
      await keepPage(request, await fetch(request).catch(() => Response.error()));
    }
    event.ports[0]?.postMessage("kept");
  })()));

  // What is pushed says that something waits, never what.
  worker.addEventListener("push", (event) => {
    const said = event.data?.json() ?? {};
    event.waitUntil(worker.registration.showNotification(said.title ?? "同心", { body: said.body, tag: said.tag, icon: "/static/tongxin/icon-192.png", data: { url: said.url ?? "/notices/" } }));
  });

  worker.addEventListener("notificationclick", (event) => {
    event.notification.close();
    event.waitUntil((async () => {
      const [open] = await worker.clients.matchAll({ type: "window" });
      if (!open) return worker.clients.openWindow(event.notification.data.url);
      await open.focus();
      return open.navigate(event.notification.data.url);
    })());
  });

  worker.addEventListener("sync", (event) => {
    if (event.tag === "tongxin-outbox") {
      event.waitUntil((async () => {
        const changed = await sendAll();
        if (changed === null) throw new Error("no signal"); // the browser tries again later
        if (changed) new BroadcastChannel("tongxin-outbox").postMessage("changed");
      })());
    }
  });
};
