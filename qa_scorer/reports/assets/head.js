// Runs before the first paint: the reader's own choice of theme, else the system's; and how packed parts are read.
(() => {
  // Base64 of zlib data -> text. Rejects in browsers that cannot inflate (older than 2023).
  globalThis.inflate = async (packed) => {
    const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
  };

  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try { chosen = localStorage.getItem("qa-scorer-theme"); } catch { /* storage may be off for files */ }
  const apply = () => { root.dataset.theme = chosen || (system.matches ? "dark" : "light"); };
  apply();
  system.addEventListener("change", () => { apply(); root.dispatchEvent(new Event("themechange")); });
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.querySelector("[data-theme-toggle]");
    button.hidden = false;
    button.addEventListener("click", () => {
      chosen = root.dataset.theme === "dark" ? "light" : "dark";
      try { localStorage.setItem("qa-scorer-theme", chosen); } catch { /* the choice then lasts for this page */ }
      apply();
      root.dispatchEvent(new Event("themechange"));
    });
  });
})();
