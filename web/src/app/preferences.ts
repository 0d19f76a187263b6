import { initialLanguage, initialTheme, Language, onSystemTheme, showLanguage, showTheme, Theme } from "./appearance";
import { remember } from "./storage";
import { createStore } from "./store";

export type { Language, Theme };

/** Theme and language: applied at once, kept in the browser. `account.ts` keeps them with the person as well. */
export const theme = createStore<Theme>(initialTheme());
export const language = createStore<Language>(initialLanguage());

theme.subscribe(() => {
  remember("theme", theme.get() === "system" ? null : theme.get());
  showTheme(theme.get());
});

language.subscribe(() => {
  remember("language", language.get());
  showLanguage(language.get());
});

onSystemTheme(() => showTheme(theme.get()));
