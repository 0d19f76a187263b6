import { createStore } from "./store";

/** Whether the sidebar is drawn over the page; only narrow windows have it as a drawer. */
export const drawer = createStore(false);
/** Whether the command palette is open. */
export const palette = createStore(false);
/** Whether the dialog that connects a model is open. */
export const connecting = createStore(false);
/** The provider at which it opens, when somebody pressed one. */
export const wantedProvider = createStore<string | null>(null);

export function connectTo(provider: string | null): void {
  wantedProvider.set(provider);
  connecting.set(true);
}
