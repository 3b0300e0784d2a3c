// The check-in form: how far a reading moved from the last one, and what the slider says. Without scripts the form is the same.
const language = document.documentElement.lang || "en";
const figure = new Intl.NumberFormat(language, { maximumFractionDigits: 4, signDisplay: "exceptZero" });
const marks = Object.fromEntries(new Intl.NumberFormat(language).formatToParts(12345.6).map((part) => [part.type, part.value]));
// 1,234.5 or 1.234,5 as the reader's language writes it; a comma or a point alone is the decimal mark.
const parse = (text) => {
  let plain = text.replace(/[\s\u00a0\u202f']/g, "").replace("−", "-");
  if (plain.includes(",") && plain.includes(".")) plain = plain.replaceAll(marks.group ?? ",", "").replace(marks.decimal ?? ".", ".");
  else plain = plain.replace(",", ".");
  return plain === "" ? NaN : Number(plain);
};
const showChange = (box) => {
  const output = box.querySelector("output");
  const input = box.querySelector("input");
  if (!output || !input) return;
  const change = Number((parse(input.value) - Number(box.dataset.from)).toPrecision(12));
  output.textContent = Number.isFinite(change) && change !== 0 ? figure.format(change).replace("-", "−") : "";
  output.classList.toggle("better", change !== 0 && change > 0 === (box.dataset.up === "yes"));
  output.classList.toggle("worse", change !== 0 && change > 0 !== (box.dataset.up === "yes"));
};
const showShare = (slider) => {
  const output = slider.form?.querySelector("output[data-percent]");
  if (output) output.textContent = `${slider.value} %`;
};
const start = (part) => {
  part.querySelectorAll?.("[data-delta]").forEach(showChange);
  part.querySelectorAll?.("[data-slider]").forEach(showShare);
};
const follow = (event) => {
  const box = event.target.closest?.("[data-delta]");
  if (box) showChange(box);
  if (event.target.matches?.("[data-slider]")) showShare(event.target);
};
document.addEventListener("input", follow);
document.addEventListener("change", follow);
document.addEventListener("htmx:load", (event) => start(event.detail.elt));
start(document);
