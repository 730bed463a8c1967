/* Without a line: says that a page was kept, and keeps answers until they can be sent. Words come from #line. */
(() => {
  "use strict";
  const line = document.getElementById("line");
  if (!line || !("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("/sw.js").catch(() => null);

  const say = (name, values = {}) => {
    const box = line.querySelector(`[data-say="${name}"]`);
    box.textContent = Object.entries(values).reduce((text, [key, value]) => text.replace(`{${key}}`, value), box.dataset.words);
    box.hidden = false;
    line.hidden = false;
  };
  const unsay = (name) => {
    line.querySelector(`[data-say="${name}"]`).hidden = true;
    line.hidden = !line.querySelector("[data-say]:not([hidden])");
  };

  // Whether this very page came from what the phone keeps.
  const [arrival] = performance.getEntriesByType("navigation");
  const mark = arrival?.serverTiming?.find((entry) => entry.name === "kept");
  if (mark) {
    const form = { month: "long", day: "numeric", weekday: "short", hour: "numeric", minute: "2-digit" };
    const at = new Date(Number(mark.description)).toLocaleString(document.documentElement.lang, form);
    say("kept", { at });
  }

  // Answers that wait. One answer per question: a newer one takes the older one's place.
  const STORE = `later:${line.dataset.me}`;
  const waiting = () => JSON.parse(localStorage.getItem(STORE) ?? "{}");
  const store = (answers) => localStorage.setItem(STORE, JSON.stringify(answers));
  const count = (answers) => Object.keys(answers).length;

  const wait = (form, body) => {
    const answers = waiting();
    delete answers[form.dataset.later];
    answers[form.dataset.later] = { action: form.action, body: body.toString() };
    store(answers);
    say("waiting", { n: count(answers) });
  };

  const press = (button) => button?.form.querySelectorAll("button[aria-pressed]").forEach((each) => {
    if (each.name === button.name) each.setAttribute("aria-pressed", String(each === button));
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (navigator.onLine || !form.dataset.later) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const body = new URLSearchParams(new FormData(form, event.submitter));
    wait(form, body);
    press(event.submitter);
  }, true);

  document.addEventListener("htmx:sendError", ({ detail }) => {
    const form = detail.elt.closest("form[data-later]");
    if (form) wait(form, new URLSearchParams(detail.requestConfig.formData));
  });

  const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];

  async function send() {
    const answers = waiting();
    if (!count(answers) || !navigator.onLine) return count(answers) ? say("waiting", { n: count(answers) }) : undefined;
    let sent = 0, refused = 0;
    for (const [question, { action, body }] of Object.entries(answers)) {
      const words = new URLSearchParams(body);
      words.set("csrfmiddlewaretoken", token());
      try {
        const answer = await fetch(action, { method: "POST", body: words, headers: { "X-CSRFToken": token() } });
        if (answer.status >= 500) break; // later, then
        answer.ok && !answer.url.includes("/sign-in/") ? (sent += 1) : (refused += 1);
      } catch {
        break;
      }
      const rest = waiting();
      delete rest[question];
      store(rest);
    }
    count(waiting()) ? say("waiting", { n: count(waiting()) }) : unsay("waiting");
    if (sent) say("sent", { n: sent });
    if (refused) say("refused", { n: refused });
  }
  window.addEventListener("online", send);
  send();

  // What is being written stays in the phone until it was sent.
  const draft = (form) => `draft:${line.dataset.me}:${form.dataset.keep}`;
  const writing = (element) => element.closest("form[data-keep]");
  document.querySelectorAll("form[data-keep] textarea").forEach((field) => {
    field.value ||= localStorage.getItem(draft(writing(field))) ?? "";
  });
  document.addEventListener("input", ({ target }) => {
    if (target.matches("form[data-keep] textarea")) localStorage.setItem(draft(writing(target)), target.value);
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = detail.successful && writing(detail.elt);
    if (form) localStorage.removeItem(draft(form));
  });

  // On the page for everything that was not kept: what was.
  const list = document.querySelector("[data-kept-pages]");
  if (list) caches.open("pages-1").then(async (cache) => {
    for (const request of (await cache.keys()).reverse()) {
      const text = await (await cache.match(request)).text();
      const title = new DOMParser().parseFromString(text, "text/html").title.split("｜")[0];
      const item = document.createElement("li");
      const link = Object.assign(document.createElement("a"), { href: request.url, textContent: title });
      item.append(link);
      list.querySelector("ul").append(item);
      list.hidden = false;
    }
  });
})();
