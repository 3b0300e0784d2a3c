// The board of tasks: cards move between columns by dragging, or with Alt and an arrow. The server has the last word.
const token = () => {
  try { return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? ""; } catch { return ""; }
};
const columns = () => [...document.querySelectorAll(".board-column")];
const columnOf = (element) => element?.closest?.(".board-column");
const say = (text) => {
  const box = document.getElementById("board-said");
  if (!box) return;
  box.hidden = !text;
  box.textContent = text;
};
const said = (name) => document.getElementById("board-said")?.dataset[name] ?? "";
const count = (column, by) => {
  const number = column.querySelector("[data-count]");
  if (/^\d+$/.test(number.textContent)) number.textContent = String(Number(number.textContent) + by);
};

const move = async (card, column) => {
  const from = columnOf(card);
  if (!column || from === column || card.dataset.busy) return;
  const next = card.nextElementSibling;
  const list = card.parentElement;
  const focused = card.contains(document.activeElement);
  card.dataset.busy = "true";
  column.querySelector(".board-cards").prepend(card);
  if (focused) card.querySelector("a").focus();
  const body = new FormData();
  body.append("status", column.dataset.status);
  body.append("was", from.dataset.status);
  let refused = said("failed");
  try {
    const answer = await fetch(card.dataset.url, { method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": token(), "HX-Request": "true" } });
    if (answer.redirected) { location.reload(); return; }
    if ([409, 422].includes(answer.status)) refused = await answer.text();
    if (!answer.ok) throw new Error(String(answer.status));
    count(from, -1);
    count(column, 1);
    // Its buttons are those of the state it was in: they come anew with the page.
    card.querySelector("form")?.remove();
    say(said("moved").replace("%s", card.querySelector(".title").textContent).replace("%t", column.dataset.label));
  } catch {
    list.insertBefore(card, next);
    if (focused) card.querySelector("a").focus();
    say(refused);
  }
  delete card.dataset.busy;
};

document.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
  const card = event.target.closest?.(".task-card[data-url]");
  if (!card) return;
  event.preventDefault();
  const all = columns();
  move(card, all[all.indexOf(columnOf(card)) + (event.key === "ArrowRight" ? 1 : -1)]);
});

let dragged = null;
const unmark = () => columns().forEach((column) => column.classList.remove("over"));
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.(".task-card[data-url]") ?? null;
  if (!dragged) return;
  dragged.classList.add("dragging");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.querySelector(".title").textContent);
});
document.addEventListener("dragover", (event) => {
  const column = columnOf(event.target);
  if (!dragged || !column) return;
  event.preventDefault();
  if (!column.classList.contains("over")) { unmark(); column.classList.add("over"); }
});
document.addEventListener("drop", (event) => {
  const column = columnOf(event.target);
  if (!dragged || !column) return;
  event.preventDefault();
  move(dragged, column);
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragging");
  dragged = null;
  unmark();
});
