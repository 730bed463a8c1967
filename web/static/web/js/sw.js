/* Keeps what was read last, so that it can be read again where there is no line. Served at /sw.js for the whole site.
   Only pages a member reads are kept, never the roster or a form of an officer; leaving or signing in anew throws them away. */
"use strict";

const PAGES = "pages-1"; // what a person has read
const FILES = "files-1"; // style, script and marks: the same for everybody
const MOST = { [PAGES]: 40, [FILES]: 120 };
const PATIENCE = 4000; // ms before a kept page is shown instead of one that does not come
const WORTH = /^\/(posts\/\d+\/(paper\/)?|calendar\/(\d+\/)?|communities\/(\d+\/)?|menu\/)?$/;
const OFFLINE = "/offline/";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((cache) => cache.add(OFFLINE)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const forget = (name) => (name in MOST ? null : caches.delete(name));
  event.waitUntil(caches.keys().then((names) => Promise.all(names.map(forget))).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(event));
  else if (request.mode === "navigate") event.respondWith(page(event, url));
});

async function file({ request }) {
  const known = await caches.match(request, { cacheName: FILES });
  const fresh = fetch(request).then(async (answer) => {
    if (answer.ok) await keep(FILES, request.url, answer.clone());
    return answer;
  });
  if (!known) return fresh;
  fresh.catch(() => null);
  return known;
}

async function page(event, url) {
  const kept = WORTH.test(url.pathname) ? await caches.match(url.href, { cacheName: PAGES }) : undefined;
  const fresh = fetch(event.request).then(async (answer) => {
    if (url.pathname === "/sign-in/") await caches.delete(PAGES); // somebody left, or somebody else comes
    else if (answer.ok && WORTH.test(url.pathname)) await keep(PAGES, url.href, dated(answer.clone()));
    return answer;
  });
  event.waitUntil(fresh.catch(() => null));
  try {
    return await (kept ? Promise.race([fresh, late()]) : fresh);
  } catch {
    return kept ?? (await caches.match(OFFLINE, { cacheName: FILES })) ?? Response.error();
  }
}

const late = () => new Promise((_answer, refuse) => setTimeout(() => refuse(new Error("late")), PATIENCE));

/* A page can read the Server-Timing of its own navigation: so it learns that it was kept, and when. */
function dated(answer) {
  const headers = new Headers(answer.headers);
  headers.set("Server-Timing", `kept;desc="${Date.now()}"`);
  headers.delete("Content-Encoding"); // the body is unpacked by now
  return new Response(answer.body, { status: answer.status, headers });
}

async function keep(name, key, answer) {
  const cache = await caches.open(name);
  await cache.delete(key); // the newest stands at the end
  await cache.put(key, answer);
  const keys = (await cache.keys()).filter((request) => !request.url.endsWith(OFFLINE));
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MOST[name])).map((old) => cache.delete(old)));
}
