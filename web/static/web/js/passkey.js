/* Asks the device for a passkey and puts its answer into the form. An app's six digits do the same without this file. */
const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const keys = (list) => (list ?? []).map((key) => ({ ...key, id: bytes(key.id) }));

const create = (options) => navigator.credentials.create({ publicKey: {
  ...options,
  challenge: bytes(options.challenge),
  user: { ...options.user, id: bytes(options.user.id) },
  excludeCredentials: keys(options.excludeCredentials),
} });

const get = (options) => navigator.credentials.get({ publicKey: {
  ...options,
  challenge: bytes(options.challenge),
  allowCredentials: keys(options.allowCredentials),
} });

const answer = ({ id, rawId, type, response }) => JSON.stringify({
  id,
  rawId: text(rawId),
  type,
  response: Object.fromEntries(
    ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]
      .filter((name) => response[name])
      .map((name) => [name, text(response[name])]),
  ),
});

for (const form of window.PublicKeyCredential ? document.querySelectorAll("form[data-passkey]") : []) {
  const part = (name) => form.querySelector(`[data-passkey-${name}]`);
  part("ready").hidden = false;
  part("missing").hidden = true;
  part("ask").addEventListener("click", async () => {
    part("failed").hidden = true;
    try {
      const ask = form.dataset.passkey === "create" ? create : get;
      form.elements.answer.value = answer(await ask(JSON.parse(form.dataset.options)));
      form.requestSubmit();
    } catch {
      part("failed").hidden = false;
    }
  });
}
