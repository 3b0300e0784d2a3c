// Drafts: what is typed into <form data-draft="key"> stays in this browser until the server says it was saved.
const words = document.getElementById("words")?.dataset ?? {};
const member = document.body.dataset.member ?? "";
const prefix = "draft:";
const keyOf = (form) => `${prefix}${member}:${form.dataset.draft}`;
const memory = {
  read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } },
  write(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or closed: the form itself still holds it */ } },
  drop(key) { try { localStorage.removeItem(key); } catch { /* nothing was kept */ } },
};
const skipped = new Set(["password", "file", "hidden", "submit", "button"]);
// The version goes with what was typed: the server compares a draft with what the form said when it was opened, not with what it says today.
const kept = (field) => field.name === "version" || !skipped.has(field.type);
const fields = (form) => [...form.elements].filter((field) => field.name && kept(field) && !field.closest("[data-no-draft]"));
const valueOf = (field) => {
  if (field.type === "checkbox" || field.type === "radio") return field.checked;
  if (field.type === "select-multiple") return [...field.selectedOptions].map((option) => ({ value: option.value, label: option.textContent }));
  if (field.type === "select-one") return { value: field.value, label: field.selectedOptions[0]?.textContent ?? "" };
  return field.value;
};
const read = (form) => fields(form).map((field) => [field.name, field.type === "checkbox" || field.type === "radio" ? field.value : "", valueOf(field)]);
const addMissing = (select, { value, label }) => {
  if (![...select.options].some((option) => option.value === value)) select.add(new Option(label, value));
};
const put = (field, value) => {
  if (field.type === "checkbox" || field.type === "radio") field.checked = value === true;
  else if (field.type === "select-multiple" && Array.isArray(value)) {
    value.forEach((one) => addMissing(field, one));
    const chosen = new Set(value.map((one) => one.value));
    for (const option of field.options) option.selected = chosen.has(option.value);
  } else if (field.type === "select-one" && value) {
    addMissing(field, value);
    field.value = value.value;
  } else if (typeof value === "string") field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
};
const fill = (form, state) => {
  const all = fields(form);
  const taken = new Set();
  for (const [name, own, value] of state) {
    const field = all.find((one) => one.name === name && !taken.has(one) && (own === "" || one.value === own));
    if (!field) continue;
    taken.add(field);
    put(field, value);
  }
};
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

const restoredLine = (form, first, key) => {
  const line = document.createElement("p");
  const button = document.createElement("button");
  const text = document.createElement("span");
  line.className = "draft-line";
  line.setAttribute("role", "status");
  text.textContent = words.restored ?? "";
  Object.assign(button, { type: "button", className: "button quiet small", textContent: words.discard ?? "" });
  button.addEventListener("click", () => {
    memory.drop(key);
    fill(form, first);
    memory.drop(key);
    line.remove();
    fields(form).find((field) => field.type !== "hidden")?.focus();
  });
  line.append(text, button);
  form.prepend(line);
};

const start = (form) => {
  if (form.dataset.draftReady) return;
  form.dataset.draftReady = "yes";
  const key = keyOf(form);
  let first = read(form);
  const draft = memory.read(key);
  // An answer with errors already holds what was sent: the newest of the two is the form itself.
  const answered = form.querySelector('[aria-invalid="true"], .summary');
  if (Array.isArray(draft?.state) && !answered && !same(draft.state, first)) {
    fill(form, draft.state);
    restoredLine(form, first, key);
  }
  let timer = 0;
  const save = () => {
    clearTimeout(timer);
    timer = 0;
    const state = read(form);
    if (same(state, first)) memory.drop(key); else memory.write(key, { state, at: Date.now() });
  };
  // A form that was swapped out has been answered: what it still meant to keep would come back as a draft of what is saved.
  const later = () => { clearTimeout(timer); timer = setTimeout(() => { if (form.isConnected) save(); }, 250); };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", save);
  form.addEventListener("draft:saved", () => {
    clearTimeout(timer);
    timer = 0;
    first = read(form);
    form.querySelector(".draft-line")?.remove();
  });
  addEventListener("pagehide", () => { if (form.isConnected && timer) save(); });
};

const saved = (key) => {
  memory.drop(`${prefix}${member}:${key}`);
  for (const form of document.querySelectorAll("form[data-draft]")) if (form.dataset.draft === key) form.dispatchEvent(new Event("draft:saved"));
};
const clearSaved = (part) => {
  const told = 'meta[name="draft-saved"]';
  for (const meta of [...(part.matches?.(told) ? [part] : []), ...(part.querySelectorAll?.(told) ?? [])]) saved(meta.content);
};
const startAll = (part) => part.querySelectorAll?.("form[data-draft]").forEach(start);

clearSaved(document);
startAll(document);
document.addEventListener("htmx:load", (event) => {
  clearSaved(event.detail.elt);
  if (event.detail.elt.matches?.("form[data-draft]")) start(event.detail.elt);
  startAll(event.detail.elt);
});
document.addEventListener("draft-saved", (event) => saved(event.detail?.value ?? event.detail));
// A draft that nobody came back to for a month goes.
try {
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(prefix) && !((memory.read(key)?.at ?? 0) > Date.now() - 30 * 864e5)) memory.drop(key);
  }
} catch { /* storage is closed */ }
