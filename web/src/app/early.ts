/** Runs before the first paint: theme and language of the last visit, so that nothing flashes. */
import { initialLanguage, initialTheme, showLanguage, showTheme } from "./appearance";

showTheme(initialTheme());
showLanguage(initialLanguage());
