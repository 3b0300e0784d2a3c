// Runs before the first paint: the chosen look, from this browser.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* storage is closed: the system's look stays */ }
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
})();
