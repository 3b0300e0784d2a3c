// The frame: theme switch, search and jump, dialogs, menus, toasts, focus after a swap, waiting. Pages work without it.
const words = document.getElementById("words")?.dataset ?? {};
const root = document.documentElement;

// Look: system, light or dark
const store = (key, value) => {
  try {
    if (value === undefined) return localStorage.getItem(key);
    if (value === null) localStorage.removeItem(key); else localStorage.setItem(key, value);
  } catch { /* storage is closed: nothing is remembered */ }
  return null;
};
for (const box of document.querySelectorAll("[data-theme-switch]")) {
  box.hidden = false;
  const chosen = root.dataset.theme ?? "system";
  for (const input of box.querySelectorAll("input")) input.checked = input.value === chosen;
  box.addEventListener("change", (event) => {
    const value = event.target.value;
    if (value === "system") delete root.dataset.theme; else root.dataset.theme = value;
    store("theme", value === "system" ? null : value);
  });
}

// Dialogs
const open = (dialog) => { if (dialog && !dialog.open) dialog.showModal(); };
const sheet = document.getElementById("sheet");
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  if (opener && !event.defaultPrevented && !event.metaKey && !event.ctrlKey && !event.shiftKey) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!dialog?.showModal) return;
    event.preventDefault();
    opener.closest("[popover]")?.hidePopover?.();
    if (dialog === sheet && opener.href && window.htmx) {
      const body = document.getElementById("sheet-body");
      body.replaceChildren();
      window.htmx.ajax("GET", opener.href, { target: body, swap: "innerHTML", source: opener }).then(() => {
        if (body.childElementCount) open(sheet);
      });
    } else open(dialog);
    return;
  }
  if (event.target.closest?.("[data-close]")) event.target.closest("dialog")?.close();
  else if (event.target instanceof HTMLDialogElement && event.target.open) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.clientX + event.clientY > 0) event.target.close();
  }
});

// Search and jump
const find = document.getElementById("find");
const input = document.getElementById("find-input");
const typing = (element) => element?.closest?.("input, textarea, select, [contenteditable]");
document.addEventListener("keydown", (event) => {
  const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
  const jump = event.key?.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (find && (slash || jump) && !document.querySelector("dialog[open]:not(#find)")) {
    event.preventDefault();
    open(find);
    input.select();
  }
});
let answered = ""; // the words whose results are shown: Enter never follows what was found for others
const options = () => [...(find?.querySelectorAll('[role="option"]') ?? [])];
const choose = (index) => {
  const all = options();
  all.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
  if (all[index]) {
    input.setAttribute("aria-activedescendant", all[index].id);
    all[index].scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
};
input?.addEventListener("keydown", (event) => {
  const all = options();
  const now = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" && all.length) choose((now + 1) % all.length);
  else if (event.key === "ArrowUp" && all.length) choose((now - 1 + all.length) % all.length);
  else if (event.key === "Enter" && now >= 0 && answered === input.value) all[now].click();
  else return;
  event.preventDefault();
});

// Menus: where the browser cannot anchor, put them beside their button; arrows move through them
const anchors = CSS.supports("position-area", "block-end");
const openers = new WeakMap();
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[popovertarget]");
  if (button) openers.set(document.getElementById(button.getAttribute("popovertarget")), button);
}, true);
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!menu.matches?.(".menu")) return;
  const button = openers.get(menu);
  button?.setAttribute("aria-expanded", String(event.newState === "open"));
  if (event.newState !== "open" || anchors || menu.matches(".sheet") || !button) return;
  const at = button.getBoundingClientRect();
  const below = at.bottom + menu.offsetHeight + 12 < innerHeight;
  menu.style.top = `${below ? at.bottom + 6 : Math.max(8, at.top - menu.offsetHeight - 6)}px`;
  menu.style.left = `${Math.max(8, Math.min(at.left > innerWidth / 2 ? at.right - menu.offsetWidth : at.left, innerWidth - menu.offsetWidth - 8))}px`;
}, true);
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.(".menu:popover-open") ?? (event.target.matches?.("[popovertarget]") ? document.querySelector(".menu:popover-open") : null);
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key) || event.target.matches("input")) return;
  const items = [...menu.querySelectorAll("a[href], button")].filter((item) => item.offsetParent !== null);
  const now = items.indexOf(document.activeElement);
  const next = event.key === "ArrowDown" ? now + 1 : now - 1;
  items.at(next % items.length)?.focus();
  event.preventDefault();
});

// Toasts: those that only tell go by themselves, unless somebody reads them
const toasts = document.getElementById("toasts");
const arm = (toast) => {
  const button = toast.querySelector("[data-dismiss]");
  if (!button || !button.hidden) return;
  button.hidden = false;
  button.addEventListener("click", () => toast.remove());
  if (toast.classList.contains("error") || toast.classList.contains("warning")) return;
  let left = 9;
  const clock = setInterval(() => {
    if (toast.matches(":hover, :focus-within") || document.hidden) return;
    left -= 1;
    if (left > 0) return;
    clearInterval(clock);
    toast.remove();
  }, 1000);
};
const armAll = () => toasts?.querySelectorAll(".toast").forEach(arm);
armAll();
const tell = (text, kind = "error") => {
  if (!toasts || !text || [...toasts.children].some((toast) => toast.textContent.trim() === text)) return;
  const toast = document.createElement("div");
  const line = document.createElement("p");
  const button = document.createElement("button");
  toast.className = `toast ${kind}`;
  line.textContent = text;
  Object.assign(button, { type: "button", className: "button quiet small", textContent: "×", hidden: true });
  button.dataset.dismiss = "";
  button.setAttribute("aria-label", words.dismiss ?? "");
  toast.append(line, button);
  toasts.append(toast);
  arm(toast);
};

// Filters send themselves once a choice changes; what is typed waits for Enter or the button
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-autosubmit]");
  if (form && !event.target.matches("input[type=text], input[type=search], input[type=number]")) form.requestSubmit();
});

// htmx: focus after a swap, sessions that ran out, failures, the waiting line
let waiting = 0;
const wait = (by) => {
  waiting = Math.max(0, waiting + by);
  root.classList.toggle("is-waiting", waiting > 0);
};
document.addEventListener("htmx:beforeRequest", () => wait(1));
document.addEventListener("htmx:afterRequest", () => wait(-1));
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (!/<body[^>]*data-signed-out/.test(xhr.responseText.slice(0, 6000))) return;
  event.detail.shouldSwap = false;
  // Back to the page of the form that was being sent, where its draft waits; else to this page.
  const form = event.detail.requestConfig?.elt?.closest?.("form[data-draft][action]");
  const page = form ? new URL(form.action).pathname : location.pathname + location.search;
  location.assign(`${document.body.dataset.login}?next=${encodeURIComponent(page)}`);
});
document.addEventListener("htmx:afterSwap", ({ detail: { target, requestConfig } }) => {
  if (target.id !== "find-results") return;
  answered = requestConfig.parameters.q;
  input.setAttribute("aria-expanded", String(options().length > 0));
  choose(options().length ? 0 : -1);
});
document.addEventListener("htmx:afterSettle", (event) => {
  const target = event.detail.elt;
  armAll();
  if (target.id === "find-results") return;
  const wanted = target.querySelector?.("[data-focus]") ?? target.querySelector?.("[autofocus]");
  wanted?.focus();
});
document.addEventListener("htmx:responseError", ({ detail: { xhr } }) => tell(xhr.status === 409 ? xhr.responseText : words.failed));
document.addEventListener("htmx:sendError", () => tell(words.offline));
document.addEventListener("htmx:timeout", () => tell(words.offline));
document.querySelector("main [data-focus]")?.focus();
