// Order: rows of [data-reorder] move by dragging or by Alt+Up and Alt+Down on their handle. The server has the last word.
const words = document.getElementById("words")?.dataset ?? {};
// In a tree a row moves among its siblings (the same data-within), and what stands beneath it (a higher data-level) goes with it.
const rowsOf = (list, row) => [...list.querySelectorAll(":scope > [data-id]")].filter((one) => one.dataset.within === row.dataset.within);
const block = (row) => {
  const rows = [row];
  for (let next = row.nextElementSibling; next?.dataset.id && Number(next.dataset.level ?? 0) > Number(row.dataset.level ?? 0); next = next.nextElementSibling) rows.push(next);
  return rows;
};
const put = (row, other, below) => {
  const rows = block(row);
  if (below) block(other).at(-1).after(...rows); else other.before(...rows);
};
const listOf = (element) => element?.closest?.("[data-reorder]");
const token = () => {
  try { return JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? ""; } catch { return ""; }
};
let speaker = null;
const say = (text) => {
  if (!speaker) {
    speaker = document.createElement("div");
    speaker.className = "hidden";
    speaker.setAttribute("aria-live", "assertive");
    document.body.append(speaker);
  }
  speaker.textContent = "";
  setTimeout(() => { speaker.textContent = text; }, 30);
};
const place = (row) => {
  const all = rowsOf(listOf(row), row);
  return (words.moved ?? "").replace("%s", all.indexOf(row) + 1).replace("%t", all.length);
};
const orderOf = (list) => [...list.children];
const putBack = (list, order) => list.append(...order);

const send = async (row, before) => {
  const list = listOf(row);
  const all = rowsOf(list, row);
  const at = all.indexOf(row);
  const body = new FormData();
  body.append("id", row.dataset.id);
  // `after` is the neighbour above, `before` the neighbour below: the row stands after the one and before the other.
  body.append("after", all[at - 1]?.dataset.id ?? "");
  body.append("before", all[at + 1]?.dataset.id ?? "");
  if (list.dataset.kind) body.append("kind", list.dataset.kind);
  try {
    const answer = await fetch(row.dataset.url ?? list.dataset.url, { method: "POST", body, credentials: "same-origin", headers: { "X-CSRFToken": token(), "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    all.forEach((one, index) => { const rank = one.querySelector("[data-rank]"); if (rank) rank.textContent = String(index + 1); });
    say(place(row));
  } catch {
    putBack(list, before);
    say(words.notMoved ?? "");
    row.classList.add("not-moved");
    setTimeout(() => row.classList.remove("not-moved"), 1200);
  }
};

let pending = 0;
document.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  const handle = event.target.closest?.("[data-handle]");
  const row = handle?.closest("[data-id]");
  const list = listOf(row);
  if (!list) return;
  event.preventDefault();
  const all = rowsOf(list, row);
  const other = all[all.indexOf(row) + (event.key === "ArrowUp" ? -1 : 1)];
  if (!other) return;
  // Several steps in a row become one request.
  list.reorderBefore ??= orderOf(list);
  put(row, other, event.key === "ArrowDown");
  handle.focus();
  say(place(row));
  clearTimeout(pending);
  pending = setTimeout(() => {
    const before = list.reorderBefore;
    list.reorderBefore = undefined;
    send(row, before);
  }, 350);
});

// Dragging by pointer, so that it works with a finger as well
let drag = null;
const clearMarks = (list) => list.querySelectorAll(".drop-before, .drop-after").forEach((row) => row.classList.remove("drop-before", "drop-after"));
document.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest?.("[data-handle]");
  const row = handle?.closest("[data-id]");
  const list = listOf(row);
  if (!list || event.button !== 0) return;
  drag = { row, list, handle, before: orderOf(list), target: null, below: false, moved: false };
  handle.setPointerCapture(event.pointerId);
});
document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  drag.moved = true;
  drag.row.classList.add("dragging");
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-id]");
  clearMarks(drag.list);
  drag.target = under && under !== drag.row && listOf(under) === drag.list && under.dataset.within === drag.row.dataset.within ? under : null;
  if (drag.target) {
    const box = drag.target.getBoundingClientRect();
    drag.below = event.clientY > box.top + box.height / 2;
    drag.target.classList.add(drag.below ? "drop-after" : "drop-before");
  }
  if (event.clientY < 90) scrollBy(0, -12); else if (event.clientY > innerHeight - 70) scrollBy(0, 12);
});
const drop = (keep) => {
  if (!drag) return;
  const { row, list, before, target, below } = drag;
  drag = null;
  clearMarks(list);
  row.classList.remove("dragging");
  if (!keep || !target) return;
  put(row, target, below);
  if (orderOf(list).some((one, index) => one !== before[index])) send(row, before);
};
document.addEventListener("pointerup", () => drop(true));
document.addEventListener("pointercancel", () => drop(false));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") drop(false); });
