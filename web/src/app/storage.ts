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

/** Everything whose key begins so. */
export function forgetAll(start: string): void {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(prefix + start)) localStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}
