import { changeMe, getInfo, getMe, logout } from "../api/account";
import { Problem, whenSignedOut } from "../api/http";
import type { Info, Me } from "../api/types";
import { forgetDrafts } from "./drafts";
import { socket, withNewCookie } from "./live";
import { language, Language, theme, Theme } from "./preferences";
import { navigate, paths } from "./router";
import { createStore, useStore } from "./store";

export type Account =
  | { state: "loading" }
  | { state: "signed_out" }
  | { state: "failed"; problem: Problem }
  | { state: "ready"; me: Me; info: Info };

export const account = createStore<Account>({ state: "loading" });

/** Reads who is here and what runs here; at the start, after signing in, and after a model was connected. */
export async function loadAccount(): Promise<void> {
  try {
    const [me, info] = await Promise.all([getMe(), getInfo()]);
    adopt(me);
    account.set({ state: "ready", me, info });
    socket.start();
  } catch (error) {
    const problem = Problem.of(error);
    if (problem.status === 401) return signedOut();
    if (account.get().state !== "ready") account.set({ state: "failed", problem });
  }
}

/** To the sign-in page, which leads back to `place`, and says why when it was not the person's own wish. */
export function signedOut(place = location.pathname + location.search, isOwnWish = false): void {
  const wasIn = account.get().state === "ready";
  socket.stop();
  account.set({ state: "signed_out" });
  if (location.pathname.startsWith(paths.login)) return;
  // A new page after somebody was in: nothing of theirs stays in memory for whoever is next.
  if (wasIn) location.replace(paths.loginFor(place, isOwnWish ? null : "signed_out"));
  else navigate(paths.loginFor(place), { replace: true });
}

export async function signOut(): Promise<void> {
  await logout().catch(() => undefined);
  forgetDrafts();
  signedOut(paths.home, true);
}

export async function refreshInfo(): Promise<void> {
  const info = await getInfo().catch(() => null);
  if (info) account.set((now) => (now.state === "ready" ? { ...now, info } : now));
}

whenSignedOut(() => account.get().state === "ready" && signedOut());

/** The person's own settings win over those of this browser. */
function adopt(me: Me): void {
  if (me.language) language.set(me.language);
  if (me.theme) theme.set(me.theme);
}

export function chooseTheme(next: Theme): void {
  theme.set(next);
  keep({ theme: next === "system" ? null : next });
}

export function chooseLanguage(next: Language): void {
  language.set(next);
  keep({ language: next }).then(() => socket.renew());
}

async function keep(change: Record<string, string | null>): Promise<void> {
  const now = account.get();
  if (now.state !== "ready") return;
  const me = await changeMe(change).catch(() => null);
  if (me) account.set({ ...now, me });
}

/** Changes one's own account; what is refused is thrown. */
export async function changeAccount(change: Record<string, string | null>): Promise<void> {
  const me = await ("password" in change ? withNewCookie(() => changeMe(change)) : changeMe(change));
  account.set((now) => (now.state === "ready" ? { ...now, me } : now));
}

/** Who is here; only for parts that are shown after signing in. */
export function useAccount(): { me: Me; info: Info } {
  const now = useStore(account);
  if (now.state !== "ready") throw new Error("shown before signing in");
  return now;
}
