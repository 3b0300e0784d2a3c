// Signing up and in: proposes the browser's time zone, and lets people look at the password they type.
for (const field of document.querySelectorAll("[data-timezone]")) {
  if (!field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

for (const field of document.querySelectorAll("input[type=password][data-show]")) {
  const box = document.createElement("div");
  const button = document.createElement("button");
  const draw = () => {
    const shown = field.type === "text";
    button.replaceChildren(document.getElementById(shown ? "eye-off" : "eye").content.cloneNode(true));
    button.setAttribute("aria-label", shown ? field.dataset.hide : field.dataset.show);
    button.title = shown ? field.dataset.hide : field.dataset.show;
  };
  box.className = "secret-field";
  Object.assign(button, { type: "button", className: "button quiet small icon-only" });
  field.replaceWith(box);
  box.append(field, button);
  button.addEventListener("click", () => {
    field.type = field.type === "password" ? "text" : "password";
    draw();
    field.focus();
  });
  // A shown password is not kept by the browser as what was typed into a text field.
  field.form?.addEventListener("submit", () => { field.type = "password"; });
  draw();
}
document.querySelector("[data-focus]")?.focus();
document.querySelector(".account-tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
