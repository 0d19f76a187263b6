import { remembered } from "./storage";

export type Theme = "light" | "dark" | "system";
export type Language = "en" | "pt-BR";

const darkSystem = matchMedia("(prefers-color-scheme: dark)");

export function initialTheme(): Theme {
  const theme = remembered("theme");
  return theme === "light" || theme === "dark" ? theme : "system";
}

export function initialLanguage(): Language {
  const chosen = remembered("language") ?? navigator.language;
  return chosen.toLowerCase().startsWith("pt") ? "pt-BR" : "en";
}

export function showTheme(theme: Theme): void {
  const dark = theme === "dark" || (theme === "system" && darkSystem.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.querySelector('meta[name="theme-color"]')?.setAttribute("content", dark ? "#151614" : "#faf9f6");
}

export function showLanguage(language: Language): void {
  document.documentElement.lang = language;
}

/** Calls back when the system changes between light and dark. */
export function onSystemTheme(listener: () => void): void {
  darkSystem.addEventListener("change", listener);
}
