// Choosing among many: a <select data-combobox> gets a text box and a list (ARIA combobox pattern). The select keeps the value and is sent.
const words = document.getElementById("words")?.dataset ?? {};
let count = 0;
const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

class Combobox {
  constructor(select) {
    this.select = select;
    this.many = select.multiple;
    this.id = `combo-${++count}`;
    this.found = [];
    this.active = -1;
    this.build();
    this.show();
  }

  build() {
    const { select } = this;
    this.box = element("div", { className: "combo" });
    this.chosen = element("div", { className: "combo-chosen", hidden: true });
    this.input = element("input", { type: "text", autocomplete: "off", spellcheck: false, id: `${this.id}-input`, placeholder: select.dataset.placeholder ?? "" });
    this.list = element("ul", { className: "combo-list", id: this.id, hidden: true });
    this.status = element("div", { className: "hidden" });
    this.status.setAttribute("aria-live", "polite");
    const attributes = { role: "combobox", "aria-expanded": "false", "aria-controls": this.id, "aria-autocomplete": "list", "data-no-draft": "" };
    for (const [name, value] of Object.entries(attributes)) this.input.setAttribute(name, value);
    for (const name of ["aria-describedby", "aria-invalid"]) if (select.hasAttribute(name)) this.input.setAttribute(name, select.getAttribute(name));
    this.list.setAttribute("role", "listbox");
    const label = select.id ? document.querySelector(`label[for="${CSS.escape(select.id)}"]`) : null;
    if (label) {
      label.htmlFor = this.input.id;
      label.id ||= `${this.id}-label`;
      this.list.setAttribute("aria-labelledby", label.id);
    } else {
      const name = select.getAttribute("aria-label") ?? "";
      this.input.setAttribute("aria-label", name);
      this.list.setAttribute("aria-label", name);
    }
    select.before(this.box);
    this.box.append(this.chosen, this.input, this.list, this.status, select);
    // A required select without a box cannot be pointed at by the browser: the server's own check answers.
    select.required = false;
    select.tabIndex = -1;
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("click", () => this.search(""));
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => { this.close(); if (!this.many) this.leave(); });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take(Number(option.dataset.index));
    });
    select.addEventListener("change", () => this.show());
  }

  show() {
    const picked = [...this.select.selectedOptions].filter((option) => option.value !== "");
    if (!this.many) { this.input.value = picked[0]?.textContent.trim() ?? ""; return; }
    this.chosen.replaceChildren(...picked.map((option) => {
      const button = element("button", { type: "button", className: "chip", textContent: `${option.textContent.trim()} ×` });
      button.setAttribute("aria-label", (words.remove ?? "").replace("%s", option.textContent.trim()));
      button.addEventListener("click", () => { option.selected = false; this.changed(); this.input.focus(); });
      return button;
    }));
    this.chosen.hidden = picked.length === 0;
  }

  leave() {
    if (this.input.value.trim() === "" && [...this.select.options].some((option) => option.value === "")) {
      if (this.select.value !== "") { this.select.value = ""; this.changed(); }
    } else this.show();
  }

  changed() { this.select.dispatchEvent(new Event("change", { bubbles: true })); }

  later() {
    this.pending = true; // what the list shows, if anything, was found for other words
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.search(this.input.value.trim()), this.select.dataset.url ? 180 : 0);
  }

  async search(text) {
    const turn = this.turn = (this.turn ?? 0) + 1;
    const wanted = fold(text);
    const own = [...this.select.options].filter((option) => option.value !== "" && fold(option.textContent).includes(wanted))
      .map((option) => ({ value: option.value, label: option.textContent.trim() }));
    let found;
    if (this.select.dataset.url) {
      const always = (this.select.dataset.always ?? "").split(" ");
      try {
        const url = new URL(this.select.dataset.url, location.href);
        url.searchParams.set("q", text);
        const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } });
        found = answer.ok ? (await answer.json()).results : [];
      } catch { found = []; }
      found = [...own.filter((one) => always.includes(one.value)), ...found];
    } else found = own.slice(0, 60);
    if (turn !== this.turn || document.activeElement !== this.input) return;
    const taken = this.many ? new Set([...this.select.selectedOptions].map((option) => option.value)) : new Set();
    this.found = found.filter((one) => !taken.has(String(one.value)));
    this.pending = false;
    this.draw(text);
  }

  draw(text) {
    this.active = this.found.length && text ? 0 : -1;
    const rows = this.found.map((one, index) => {
      const row = element("li", { id: `${this.id}-${index}` }, element("bdi", { textContent: one.label }));
      if (one.detail) row.append(element("small", { textContent: one.detail }));
      row.setAttribute("role", "option");
      row.dataset.index = index;
      return row;
    });
    const none = element("li", { className: "none", textContent: words.none ?? "" });
    none.setAttribute("role", "presentation");
    this.list.replaceChildren(...(rows.length ? rows : [none]));
    this.list.hidden = false;
    this.input.setAttribute("aria-expanded", "true");
    this.status.textContent = rows.length ? (words.found ?? "").replace("%s", rows.length) : words.none ?? "";
    this.mark();
  }

  mark() {
    [...this.list.children].forEach((row, index) => {
      row.classList.toggle("active", index === this.active);
      row.setAttribute("aria-selected", String(index === this.active));
    });
    const row = this.active >= 0 ? this.list.children[this.active] : null;
    if (row) { this.input.setAttribute("aria-activedescendant", row.id); row.scrollIntoView({ block: "nearest" }); } else this.input.removeAttribute("aria-activedescendant");
  }

  close() {
    this.pending = false;
    this.turn = (this.turn ?? 0) + 1;
    clearTimeout(this.timer);
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  take(index) {
    const one = this.found[index];
    if (!one) return;
    const value = String(one.value);
    let option = [...this.select.options].find((known) => known.value === value);
    if (!option) { option = new Option(one.label, value); this.select.add(option); }
    if (!this.many) for (const other of this.select.options) other.selected = false;
    option.selected = true;
    this.input.value = "";
    this.close();
    this.changed();
  }

  async enter() {
    if (this.pending) {
      clearTimeout(this.timer);
      await this.search(this.input.value.trim());
    }
    if (!this.pending && !this.list.hidden && this.active >= 0) this.take(this.active);
  }

  key(event) {
    const opened = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!opened) { this.search(""); return; }
      const length = this.found.length;
      if (length) this.active = (this.active + (event.key === "ArrowDown" ? 1 : -1) + length) % length;
      this.mark();
    } else if (event.key === "Enter" && (opened || this.pending)) {
      event.preventDefault();
      this.enter();
    } else if (event.key === "Escape" && opened) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
      this.show();
    } else if (event.key === "Backspace" && this.many && this.input.value === "") {
      const last = [...this.select.selectedOptions].at(-1);
      if (last) { last.selected = false; this.changed(); }
    }
  }
}

const start = (part) => part.querySelectorAll?.("select[data-combobox]").forEach((select) => {
  if (select.closest(".combo")) return;
  new Combobox(select);
});
start(document);
document.addEventListener("htmx:load", (event) => start(event.detail.elt));
