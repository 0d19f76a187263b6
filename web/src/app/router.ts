import { query } from "../api/http";
import { createStore, useStore } from "./store";

export const settingsSections = ["profile", "connections", "people", "keys", "models", "jobs", "appearance"] as const;
export type SettingsSection = typeof settingsSections[number];

/** For whoever administers the server. */
export const adminSections: SettingsSection[] = ["people", "keys", "models", "jobs"];

export type Route =
  | { page: "chat"; session: string | null }
  | { page: "approvals" }
  | { page: "runs" }
  | { page: "run"; run: string }
  | { page: "usage" }
  | { page: "prompts"; prompt: string | null }
  | { page: "memory" }
  | { page: "settings"; section: SettingsSection }
  | { page: "login"; reason: string | null }
  | { page: "missing" };

/** As it stands where it is no encoding: such an address is nobody's, and must not stop the page. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function parseRoute(pathname: string, search: string): Route {
  const [first = "", second = "", ...rest] = pathname.split("/").filter(Boolean).map(decoded);
  if (rest.length > 0) return { page: "missing" };
  if (first === "") return { page: "chat", session: null };
  if (first === "s" && second !== "") return { page: "chat", session: second };
  if (first === "runs") return second === "" ? { page: "runs" } : { page: "run", run: second };
  if (first === "settings") return settings(second);
  if (first === "prompts") return { page: "prompts", prompt: second || null };
  if (second !== "") return { page: "missing" };
  if (first === "approvals" || first === "usage" || first === "memory") return { page: first };
  if (first === "login") return { page: "login", reason: new URLSearchParams(search).get("reason") };
  return { page: "missing" };
}

function settings(word: string): Route {
  if (word === "") return { page: "settings", section: "profile" };
  const section = settingsSections.find((known) => known === word);
  return section ? { page: "settings", section } : { page: "missing" };
}

const here = (): Route => parseRoute(location.pathname, location.search);
const route = createStore<Route>(here());

addEventListener("popstate", () => route.set(here()));

export const useRoute = (): Route => useStore(route);

/** Goes to a path of this page. `replace` leaves no step to go back to. */
export function navigate(path: string, options: { replace?: boolean } = {}): void {
  if (path === location.pathname + location.search) return;
  if (options.replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  route.set(here());
}

export const paths = {
  home: "/",
  session: (id: string) => `/s/${encodeURIComponent(id)}`,
  approvals: "/approvals",
  runs: "/runs",
  run: (id: string) => `/runs/${encodeURIComponent(id)}`,
  usage: "/usage",
  prompts: "/prompts",
  prompt: (name: string) => `/prompts/${encodeURIComponent(name)}`,
  memory: "/memory",
  settings: (section: SettingsSection) => `/settings/${section}`,
  login: "/login",
  /** Signing in, and back to where one was. */
  loginFor: (place: string, reason: "signed_out" | null = null) => `/login${query({ reason, next: place === "/" ? null : place })}`,
};

/** The place that a `next` names: one of this page's own, never another site's. */
export function placeAfterLogin(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  if (!/^\/(?![/\\])/.test(next)) return paths.home;
  const { page } = parseRoute(next.split(/[?#]/)[0] ?? "/", "");
  return page === "missing" || page === "login" ? paths.home : next;
}
