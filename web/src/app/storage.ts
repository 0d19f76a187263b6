/** What the browser keeps for this page. Private windows may refuse; the page then forgets, and works. */

const prefix = "batuta.";

export function remembered(key: string): string | null {
  try {
    return localStorage.getItem(prefix + key);
  } catch {
    return null;
  }
}

export function remember(key: string, value: string | null): void {
  try {
    if (value === null || value === "") localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, value);
  } catch {
    // Full or refused: nothing that must survive is kept here.
  }
}
