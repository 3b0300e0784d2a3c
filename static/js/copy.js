// Copies a field's text: <button data-copy="id of the field" data-done="Copied" hidden>. Without scripts people copy it by hand.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  const words = button.querySelector("span");
  const before = words.textContent;
  button.hidden = false;
  field.addEventListener("focus", () => field.select());
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      return; // not over plain http: it is selected, ready for Ctrl-C
    }
    words.textContent = button.dataset.done;
    setTimeout(() => { words.textContent = before; }, 3000);
  });
}
