import { store } from "../live/store";

export type Theme = "system" | "light" | "dark";

const KEPT = "crossdock-theme";
const THEMES: readonly Theme[] = ["system", "light", "dark"];

export const theme = store<Theme>(kept());

export function applyTheme(): void {
  const chosen = theme.now();
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
}

export function nextTheme(): void {
  const chosen = THEMES[(THEMES.indexOf(theme.now()) + 1) % THEMES.length] ?? "system";
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // A browser that keeps nothing still shows it until the page is left.
  }
  theme.change(chosen);
  applyTheme();
}

function kept(): Theme {
  try {
    const found = localStorage.getItem(KEPT);
    return THEMES.find((each) => each === found) ?? "system";
  } catch {
    return "system";
  }
}
