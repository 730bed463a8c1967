/* Sends chosen files piece by piece (tus 1.0) as soon as they are chosen, goes on where a weak line broke, and puts what
   was received into the form. Without this file the same form sends them whole. No words here: they come from the page. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-uploads]");
  const state = form?.querySelector("[data-uploads-state]");
  if (!state || !window.fetch || !window.createImageBitmap) return;

  const FIRST = 128 * 1024, LARGEST = 1024 * 1024, LONGEST_WAIT = 30_000;
  const SIDE = 2048, SMALL_ENOUGH = 1_000_000; // the server keeps no larger photo
  const part = (name) => state.querySelector(`[data-uploads-${name}]`);
  const bar = state.querySelector("progress");
  const sent = form.querySelector("[data-uploads-sent]");
  const queue = [];
  let all = 0, done = 0, received = 0, busy = false, pressed = null;

  form.querySelector("[data-uploads-plain]")?.setAttribute("hidden", "");

  const say = (word, percent = 0) => {
    const text = state.dataset[word].replace("{all}", all).replace("{n}", done + 1).replace("{percent}", percent).replace("{sent}", received);
    if (part("words").textContent !== text) part("words").textContent = text;
    bar.value = all ? (done * 100 + percent) / all : 0;
  };
  const refuse = (file, text) => {
    const item = document.createElement("li");
    item.className = "alert stop";
    item.textContent = `${file.name}：${text}`;
    part("refused").append(item);
  };

  // --- the line ---

  class Refused extends Error {}
  const pause = (milliseconds) => new Promise((wake) => {
    const timer = setTimeout(wake, milliseconds);
    window.addEventListener("online", () => { clearTimeout(timer); wake(); }, { once: true });
  });
  const ask = (url, method, headers = {}, body = undefined) => fetch(url, {
    method,
    body,
    credentials: "same-origin",
    redirect: "manual", // signed out meanwhile: nothing to follow with a piece in the hand
    headers: { "Tus-Resumable": "1.0.0", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, ...headers },
  });
  // Asks until there is an answer. A refusal is final, but for a server that is busy.
  const insist = async (...request) => {
    for (let wait = 1000; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
      try {
        const answer = await ask(...request);
        if (answer.ok || (answer.status < 500 && answer.status !== 429) || answer.status === 507) return answer;
      } catch {
        // offline, or the line broke
      }
      say("waiting", Math.round(bar.value * all - done * 100));
      await pause(wait + Math.random() * 500);
    }
  };
  const sentence = async (answer) => {
    const plain = answer.headers.get("Content-Type")?.startsWith("text/plain");
    return new Refused((plain && await answer.text()) || state.dataset.failed);
  };

  // --- one file ---

  const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const memory = (file, blob) => `upload:${form.dataset.uploads}:${file.name}:${file.lastModified}:${blob.size}`;
  const recall = (key, url) => {
    try {
      if (url === undefined) return localStorage.getItem(key);
      return url ? localStorage.setItem(key, url) : localStorage.removeItem(key);
    } catch {
      return null; // a browser that keeps nothing starts anew
    }
  };

  // Large photos are drawn smaller, upright; what the browser cannot draw (some HEIC) goes as it is.
  const shrink = async (file) => {
    if (!/^image\/(jpeg|png|webp|heic|heif)$/.test(file.type) || file.size < SMALL_ENOUGH) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const pen = canvas.getContext("2d");
      pen.fillStyle = "white";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const small = await new Promise((give) => canvas.toBlob(give, "image/jpeg", 0.88));
      return small && small.size < file.size ? small : file;
    } catch {
      return file;
    }
  };

  const begin = async (file, blob) => {
    const known = recall(memory(file, blob));
    if (known) {
      const answer = await insist(known, "HEAD");
      if (answer.ok && Number(answer.headers.get("Upload-Length")) === blob.size) {
        return [known, Number(answer.headers.get("Upload-Offset"))];
      }
    }
    const metadata = `filename ${base64(file.name)}`;
    const answer = await insist(form.dataset.uploads, "POST", { "Upload-Length": String(blob.size), "Upload-Metadata": metadata });
    if (!answer.ok) throw await sentence(answer);
    const url = answer.headers.get("Location");
    recall(memory(file, blob), url);
    return [url, 0];
  };

  const send = async (url, blob, from) => {
    let offset = from, size = FIRST;
    while (offset < blob.size) {
      say("sending", Math.floor(offset / blob.size * 100));
      const started = performance.now();
      const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
      let answer = await insist(url, "PATCH", headers, blob.slice(offset, offset + size));
      if (answer.status === 409) answer = await insist(url, "HEAD"); // it got further than we heard
      if (!answer.ok) throw await sentence(answer);
      offset = Number(answer.headers.get("Upload-Offset"));
      if (performance.now() - started < 1000) size = Math.min(size * 2, LARGEST);
      else size = Math.max(size / 2, FIRST);
    }
  };

  const take = async (file) => {
    say("small");
    const blob = await shrink(file);
    const [url, offset] = await begin(file, blob);
    try {
      await send(url, blob, offset);
      say("checking", 100);
      const answer = await insist(`${url}attachment/`, "POST");
      if (!answer.ok) throw await sentence(answer);
      const holder = document.createElement("template");
      holder.innerHTML = await answer.text();
      const list = sent.querySelector("[data-uploads-list]");
      holder.content.querySelector("[name^=place-]").value = list.children.length + 1;
      list.append(holder.content);
      sent.hidden = false;
      received += 1;
    } finally {
      recall(memory(file, blob), "");
    }
  };

  // --- the form ---

  const work = async () => {
    busy = true;
    while (queue.length) {
      const file = queue.shift();
      try {
        await take(file);
      } catch (error) {
        refuse(file, error instanceof Refused ? error.message : state.dataset.failed);
      }
      done += 1;
    }
    busy = false;
    const whole = received === all;
    say(whole ? "done" : "partly");
    bar.hidden = true;
    all = done = received = 0;
    part("then").hidden = true;
    if (pressed && whole) form.requestSubmit(pressed.isConnected ? pressed : undefined);
    pressed = null;
  };

  form.addEventListener("change", (event) => {
    const field = event.target;
    if (field.type !== "file" || !field.files.length) return;
    event.stopPropagation(); // the list of chosen names is for those who send them whole
    queue.push(...field.files);
    all += field.files.length;
    field.value = "";
    state.hidden = bar.hidden = false;
    if (!busy) {
      part("refused").replaceChildren();
      work();
    }
  });

  // Sent early, the form waits for its photos.
  form.addEventListener("submit", (event) => {
    if (!busy) return;
    event.preventDefault();
    event.stopPropagation();
    pressed = event.submitter ?? form.querySelector("button");
    part("then").textContent = state.dataset.then;
    part("then").hidden = false;
    state.scrollIntoView({ block: "center" });
  });
})();
