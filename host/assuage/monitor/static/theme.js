// Dark unless chosen otherwise; the choice is kept by this browser.

const KEY = "assuage-theme";

export function theme(button, changed) {
  const root = document.documentElement;
  const put = (name) => {
    root.dataset.theme = name;
    button.textContent = name === "dark" ? "Light theme" : "Dark theme";
    changed();
  };
  let kept = null;
  try {
    kept = localStorage.getItem(KEY);
  } catch {
    /* storage is barred: the choice lasts as long as the page */
  }
  put(kept === "light" ? "light" : "dark");
  button.onclick = () => {
    put(root.dataset.theme === "dark" ? "light" : "dark");
    try {
      localStorage.setItem(KEY, root.dataset.theme);
    } catch {
      /* as above */
    }
  };
}
