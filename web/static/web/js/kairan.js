/* Kairan works without this file; it only removes waiting and surprises. No words here: they come from the page. */
(() => {
  "use strict";
  const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

  // htmx only saves waiting for a next step: it comes when the page stands, so that a weak line has the page to itself.
  const { later } = document.currentScript.dataset;
  window.addEventListener("load", () => {
    const script = document.createElement("script");
    script.src = later;
    (window.requestIdleCallback ?? setTimeout)(() => document.head.append(script));
  });

  // A form is sent once: a second tap while it is on its way does nothing.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "get" || "again" in form.dataset) return; // data-again: downloads
    if (form.getAttribute("aria-busy") === "true") event.preventDefault();
    else form.setAttribute("aria-busy", "true");
  });
  const ready = () => each('form[aria-busy="true"]', (form) => form.removeAttribute("aria-busy"));
  window.addEventListener("pageshow", ready);
  document.addEventListener("htmx:afterRequest", ready);

  // Back may fetch a page anew while the browser puts back what was typed: the form then needs the key it was sent under.
  const own = () => [...document.querySelectorAll("form:not([hx-post]) > input[name=form_key]")];
  const [arrival] = performance.getEntriesByType("navigation");
  const before = arrival?.type === "back_forward" ? (history.state?.keys ?? []) : [];
  own().forEach((key, n) => { if (before[n]?.[0] === key.form.action) key.value = before[n][1]; });
  history.replaceState({ ...history.state, keys: own().map((key) => [key.form.action, key.value]) }, "");

  // What takes longer than a moment says so, in words and to whoever listens; nothing moves.
  let slow, busy;
  const begin = (patience, part) => {
    end();
    slow = setTimeout(() => {
      const told = document.getElementById("loading");
      if (told) told.textContent = told.dataset.words;
      busy = part;
      busy?.setAttribute("aria-busy", "true");
      slow = setTimeout(end, 8000); // a download never shows another page
    }, patience);
  };
  const end = () => {
    clearTimeout(slow);
    document.getElementById("loading")?.replaceChildren();
    busy?.removeAttribute("aria-busy");
    busy = null;
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const stays = !link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey;
    if (stays || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (/\.\w+$/.test(link.pathname)) return; // a file
    if (link.pathname + link.search !== location.pathname + location.search || !link.hash) begin(800);
  });
  document.addEventListener("submit", (event) => { if (!event.defaultPrevented) begin(800); });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt.matches("[hx-trigger^=every], [hx-trigger^=load]")) return; // what looks by itself stays quiet
    begin(400, event.detail.target);
  });
  document.addEventListener("htmx:afterRequest", end);
  window.addEventListener("pageshow", end);

  // Buttons that only make sense with script.
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-print], [data-copy]");
    if (!button) return;
    if ("print" in button.dataset) window.print();
    else navigator.clipboard.writeText(button.dataset.copy).then(() => {
      if (button.dataset.copied) button.textContent = button.dataset.copied;
    });
  });

  // The names of chosen files, under the field.
  document.addEventListener("change", (event) => {
    const list = event.target.type === "file" && document.querySelector(`[data-chosen="${event.target.name}"]`);
    if (!list) return;
    list.replaceChildren(...Array.from(event.target.files, (file) => {
      const item = document.createElement("li");
      item.textContent = file.name;
      return item;
    }));
    list.hidden = !list.children.length;
  });

  // The summary of errors, or whatever the server marks, is where reading goes on.
  const focus = (root) => root.querySelector("[data-focus]")?.focus();
  document.addEventListener("DOMContentLoaded", () => focus(document));
  document.addEventListener("htmx:afterSettle", (event) => focus(event.target.parentNode ?? document));

  // What is exchanged takes the focus with it: it goes back to the same control of the new part, or else to the first
  // one there; and a part that says so (data-say) is read out.
  let had;
  const twin = (one, other) => one.tagName === other.tagName && one.name === other.name && one.type === other.type &&
    (one.type !== "submit" || one.value === other.value) && one.getAttribute("href") === other.getAttribute("href") &&
    one.form?.action === other.form?.action;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { activeElement } = document;
    had = event.detail.target.contains(activeElement) ? activeElement : null;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const part = event.target;
    const words = part.querySelector("[data-say]")?.textContent;
    const said = document.getElementById("said");
    if (words && said) said.textContent = words;
    if (had && document.activeElement === document.body) {
      const controls = [...part.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea")];
      if (part.matches("a[href], button")) controls.unshift(part);
      (controls.find((each) => twin(each, had)) ?? controls[0])?.focus();
      had = null;
    }
  });

  // A request that did not come through leaves the page as it was, and says so.
  const trouble = (hidden) => {
    const box = document.getElementById("trouble");
    if (box) box.hidden = hidden;
  };
  document.addEventListener("htmx:beforeRequest", () => trouble(true));
  document.addEventListener("htmx:responseError", () => trouble(false));
  document.addEventListener("htmx:sendError", () => trouble(false));
})();
