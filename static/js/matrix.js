// The matrix: arrow keys move from cell to cell, R, A, C and I give or take the letter, a click offers the four.
// Without this file a letter is a link to a small form of the same, and a row has a link to ask somebody.
const ROLES = { r: "responsible", a: "accountable", c: "consulted", i: "informed" };
const tableOf = (node) => node?.closest?.("[data-matrix]");
const token = () => {
  try { return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? ""; } catch { return ""; }
};
const say = (text) => { const line = document.getElementById("matrix-said"); if (line) line.textContent = text; };
const place = (cell) => [cell.parentElement.rowIndex, cell.cellIndex];
const at = (table, row, column) => table.rows[row]?.cells[column];
const target = (cell) => cell.querySelector(":scope > a") ?? cell;
const heldIn = (cell) => [...cell.querySelectorAll(".letter")].map((mark) => ROLES[mark.textContent.trim().toLowerCase()]);

// An empty cell comes without its link, which would be most of the page's bytes: row and column know its address.
const offer = (table) => {
  const heads = [...table.tHead.rows[0].cells];
  for (const row of table.querySelectorAll("tbody tr[data-cells]")) {
    for (const cell of row.querySelectorAll(":scope > td:empty")) {
      const { party, name } = heads[cell.cellIndex].dataset;
      const link = document.createElement("a");
      link.href = `${row.dataset.cells}?party=${party}`;
      link.setAttribute("aria-label", `${name}: ${table.dataset.nothing}`);
      link.append(document.createElement("i"));
      cell.append(link);
    }
  }
};

// One cell of the table is in the order of Tab, the arrow keys reach the rest. Where rows are cards there is no grid:
// what is held is a list of links.
const narrow = matchMedia("(max-width: 44rem)");
const ready = (root) => {
  for (const table of root.querySelectorAll("[data-matrix]")) {
    offer(table);
    if (narrow.matches) {
      table.removeAttribute("role");
      for (const cell of table.querySelectorAll("tbody td")) { cell.removeAttribute("tabindex"); cell.querySelector(":scope > a")?.removeAttribute("tabindex"); }
      continue;
    }
    table.setAttribute("role", "grid");
    for (const cell of table.querySelectorAll("tbody td")) target(cell).tabIndex = -1;
    const first = table.querySelector("tbody td");
    if (first) target(first).tabIndex = 0;
  }
};
const go = (table, row, column) => {
  const cell = at(table, row, column);
  if (!cell || cell.tagName !== "TD") return;
  for (const one of table.querySelectorAll("tbody td [tabindex='0'], tbody td[tabindex='0']")) one.tabIndex = -1;
  target(cell).tabIndex = 0;
  target(cell).focus();
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
};

const toggle = async (cell, role) => {
  const link = cell.querySelector(":scope > a");
  if (!link || link.hasAttribute("aria-busy")) return;
  const was = heldIn(cell);
  const roles = was.includes(role) ? was.filter((one) => one !== role) : [...was, role];
  const body = new FormData();
  for (const one of was) body.append("was", one);
  for (const one of roles) body.append("roles", one);
  link.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(link.href, { method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": token(), "HX-Request": "true" } });
    if (answer.redirected) { location.assign(link.href); return; }
    const text = await answer.text();
    if (!answer.ok) { link.removeAttribute("aria-busy"); const reason = [409, 422].includes(answer.status) ? text : ""; say(reason); link.title = reason; return; }
    const parts = new DOMParser().parseFromString(text, "text/html");
    const had = cell.contains(document.activeElement);
    const fresh = parts.querySelector("[data-cell]");
    if (fresh) cell.replaceChildren(document.importNode(fresh.content, true));
    const finds = cell.parentElement.querySelector(".finds");
    if (finds) finds.replaceChildren(document.importNode(parts.querySelector("[data-finds]").content, true));
    target(cell).tabIndex = 0;
    if (had) target(cell).focus();
    say(target(cell).getAttribute("aria-label") ?? "");
  } catch {
    link.removeAttribute("aria-busy");
    location.assign(link.href);
  }
};

let open = null;
const menu = () => document.getElementById("letters");
const show = (cell) => {
  const box = menu();
  if (!box) return false;
  open = cell;
  const held = heldIn(cell);
  for (const button of box.querySelectorAll("button")) button.setAttribute("aria-pressed", String(held.includes(button.dataset.role)));
  box.showPopover();
  const spot = cell.getBoundingClientRect();
  box.style.position = "fixed";
  box.style.inset = "auto";
  box.style.margin = "0";
  box.style.left = `${Math.max(8, Math.min(spot.left, innerWidth - box.offsetWidth - 8))}px`;
  box.style.top = `${spot.bottom + box.offsetHeight + 8 > innerHeight ? spot.top - box.offsetHeight - 4 : spot.bottom + 4}px`;
  box.querySelector("button").focus();
  return true;
};

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("[data-matrix] tbody td");
  if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
  const table = tableOf(cell);
  const [row, column] = place(cell);
  const moves = { ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1], ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], Home: [row, 1], End: [row, cell.parentElement.cells.length - 1] };
  if (moves[event.key] && !narrow.matches) { event.preventDefault(); go(table, ...moves[event.key]); return; }
  const role = ROLES[event.key.toLowerCase()];
  if (role) { event.preventDefault(); toggle(cell, role); return; }
  if (event.key === "Enter" || event.key === " ") { if (cell.querySelector(":scope > a") && show(cell)) event.preventDefault(); }
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#letters button");
  if (button && open) { const cell = open; menu().hidePopover(); target(cell).focus(); toggle(cell, button.dataset.role); return; }
  const link = event.target.closest?.("[data-matrix] tbody td > a");
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (show(link.parentElement)) event.preventDefault();
});
document.addEventListener("htmx:afterSwap", (event) => ready(event.target));
narrow.addEventListener("change", () => ready(document));
ready(document);
