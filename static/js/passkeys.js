// Passkeys: forms with data-passkey are filled by the browser's own dialog (Web Authentication, level 2). They show only where it exists.
const supported = Boolean(window.PublicKeyCredential && navigator.credentials?.create);

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const known = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

const create = ({ publicKey }, alone) => navigator.credentials.create({
  publicKey: {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    user: { ...publicKey.user, id: bytes(publicKey.user.id) },
    excludeCredentials: known(publicKey.excludeCredentials),
    authenticatorSelection: {
      ...publicKey.authenticatorSelection,
      residentKey: alone ? "required" : "discouraged",
      requireResidentKey: alone,
      ...(alone ? { userVerification: "required" } : {}),
    },
  },
});
const get = ({ publicKey }) => navigator.credentials.get({
  publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials) },
});
const asJson = (credential) => {
  const { response } = credential;
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) if (response[name]) parts[name] = text(response[name]);
  if (response.getTransports) parts.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: parts,
  });
};

const optionsOf = async (form) => {
  if (!form.dataset.optionsUrl) return JSON.parse(document.getElementById("passkey-options").textContent);
  const answer = await fetch(form.dataset.optionsUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
};

const fill = async (form) => {
  const options = await optionsOf(form);
  const credential = form.dataset.passkey === "create"
    ? await create(options.creation_options, form.elements.passwordless?.checked ?? true)
    : await get(options.request_options);
  form.elements.credential.value = asJson(credential);
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!supported) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const line = form.querySelector("[data-passkey-error]");
    const button = form.querySelector("button:not([type=button])");
    line.hidden = true;
    button.disabled = true;
    try {
      await fill(form);
      form.submit();
    } catch (error) {
      line.textContent = error.name === "NotAllowedError" ? form.dataset.refused : form.dataset.failed;
      line.hidden = false;
      button.disabled = false;
    }
  });
}
if (supported) for (const part of document.querySelectorAll("[data-with-passkeys]")) part.hidden = false;
