import { createStore } from "./store";

export interface Toast {
  id: number;
  text: string;
}

export const toasts = createStore<Toast[]>([]);
let next = 1;

/** A short word at the bottom of the page; it goes by itself. */
export function toast(text: string): void {
  const id = next++;
  toasts.set((now) => [...now.slice(-2), { id, text }]);
  setTimeout(() => toasts.set((now) => now.filter((item) => item.id !== id)), 4_000);
}
