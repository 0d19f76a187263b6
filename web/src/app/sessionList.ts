import { deleteSession, listSessions, renameSession } from "../api/sessions";
import { Problem } from "../api/http";
import type { Session } from "../api/types";
import type { AnyEvent } from "../model/events";
import { socket } from "./live";
import { createStore } from "./store";

export interface SessionListState {
  items: Session[];
  query: string;
  cursor: string | null;
  state: "loading" | "more" | "ready" | "failed";
  /** Sessions in which something is running at this moment. */
  running: ReadonlySet<string>;
}

export const sessionList = createStore<SessionListState>({ items: [], query: "", cursor: null, state: "loading", running: new Set() });

const pageSize = 40;
let reading: AbortController | null = null;

const change = (part: Partial<SessionListState>) => sessionList.set((now) => ({ ...now, ...part }));

/** A session that was only made to hold a file, and got no message, is not listed. */
const hasBegun = (session: Session) => session.title !== null || session.last_event > 0;

/** Reads the list from its beginning. What is shown stays until the answer is there. */
export async function readSessions(query = sessionList.get().query): Promise<void> {
  reading?.abort();
  const mine = (reading = new AbortController());
  change({ query, state: sessionList.get().items.length > 0 ? "ready" : "loading" });
  try {
    const page = await listSessions({ q: query, limit: pageSize }, mine.signal);
    change({ items: page.data.filter(hasBegun), cursor: page.next_cursor, state: "ready" });
  } catch (error) {
    if (!mine.signal.aborted && Problem.of(error).status !== 401) change({ state: "failed" });
    if (Problem.of(error).isOffline) socket.check();
  }
}

export async function readMoreSessions(): Promise<void> {
  const { cursor, query, state } = sessionList.get();
  if (cursor === null || state !== "ready") return;
  change({ state: "more" });
  try {
    const page = await listSessions({ q: query, cursor, limit: pageSize });
    const seen = new Set(sessionList.get().items.map((item) => item.id));
    const fresh = page.data.filter((item) => hasBegun(item) && !seen.has(item.id));
    change({ items: [...sessionList.get().items, ...fresh], cursor: page.next_cursor, state: "ready" });
  } catch {
    change({ state: "ready" });
  }
}

export async function rename(id: string, title: string): Promise<void> {
  const before = sessionList.get().items;
  change({ items: before.map((item) => (item.id === id ? { ...item, title } : item)) });
  try {
    await renameSession(id, title);
  } catch (error) {
    change({ items: before });
    throw error;
  }
}

export async function removeSession(id: string): Promise<void> {
  await deleteSession(id);
  change({ items: sessionList.get().items.filter((item) => item.id !== id) });
}

/** Events of all sessions: a new one is read into the list, a running one gets its dot. */
function see(event: AnyEvent): void {
  const id = event.session_id;
  if (!sessionList.get().items.some((item) => item.id === id) && event.type === "message") void readSessions();
  if (event.parent_run_id !== null) return;
  if (event.type === "complete" || (event.type === "error" && !(event.data as { recoverable: boolean }).recoverable)) mark(id, false);
  if (event.type === "status") mark(id, ["queued", "running", "stopping"].includes((event.data as { status: string }).status));
}

function mark(id: string, running: boolean): void {
  const now = sessionList.get().running;
  if (now.has(id) === running) return;
  const next = new Set(now);
  if (running) next.add(id);
  else next.delete(id);
  change({ running: next });
}

socket.watch(see);
socket.onReconnect(() => void readSessions());
