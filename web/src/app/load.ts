import { useCallback, useEffect, useRef, useState } from "react";
import { Page, Problem } from "../api/http";
import { onceBack } from "./live";

export type Loaded<Value> = { state: "loading" } | { state: "failed"; problem: Problem } | { state: "ready"; value: Value };

export interface Resource<Value> {
  now: Loaded<Value>;
  /** Reads again; what is shown stays until the answer is there. */
  reload(): void;
  set(value: Value): void;
}

/** Something of the server's, read when `key` changes. */
export function useResource<Value>(key: string, read: (signal: AbortSignal) => Promise<Value>): Resource<Value> {
  const [now, setNow] = useState<Loaded<Value>>({ state: "loading" });
  const reading = useRef(read);
  reading.current = read;
  const abort = useRef<AbortController | null>(null);
  const load = useCallback(async () => {
    abort.current?.abort();
    const mine = (abort.current = new AbortController());
    try {
      const value = await reading.current(mine.signal);
      if (!mine.signal.aborted) setNow({ state: "ready", value });
    } catch (error) {
      if (mine.signal.aborted) return;
      setNow((before) => (before.state === "ready" ? before : { state: "failed", problem: Problem.of(error) }));
    }
  }, []);
  useEffect(() => (now.state === "failed" ? onceBack(now.problem, () => void load()) : undefined), [now, load]);
  useEffect(() => {
    setNow({ state: "loading" });
    void load();
    return () => abort.current?.abort();
  }, [key, load]);
  const reload = useCallback(() => {
    setNow((before) => (before.state === "failed" ? { state: "loading" } : before));
    void load();
  }, [load]);
  const set = useCallback((value: Value) => setNow({ state: "ready", value }), []);
  return { now, reload, set };
}

export interface PagedState<Item> {
  state: "loading" | "failed" | "ready" | "more";
  items: Item[];
  cursor: string | null;
  problem: Problem | null;
}

export interface Paged<Item> extends PagedState<Item> {
  more(): void;
  reload(): void;
  change(edit: (items: Item[]) => Item[]): void;
}

type Read<Item> = (cursor: string | null, signal: AbortSignal) => Promise<Page<Item>>;
const nothing = { state: "loading", items: [], cursor: null, problem: null } as const;

/** A list of the server's, page after page, from its beginning when `key` changes. */
export function usePaged<Item extends { id: string }>(key: string, read: Read<Item>): Paged<Item> {
  const [now, setNow] = useState<PagedState<Item>>(nothing as unknown as PagedState<Item>);
  const reading = useRef(read);
  reading.current = read;
  const abort = useRef<AbortController | null>(null);
  const load = useCallback(async (cursor: string | null) => {
    abort.current?.abort();
    const mine = (abort.current = new AbortController());
    try {
      const page = await reading.current(cursor, mine.signal);
      if (mine.signal.aborted) return;
      setNow((before) => ({ state: "ready", items: cursor === null ? page.data : joined(before.items, page.data), cursor: page.next_cursor, problem: null }));
    } catch (error) {
      if (!mine.signal.aborted) setNow((before) => ({ ...before, state: "failed", problem: Problem.of(error) }));
    }
  }, []);
  useEffect(() => (now.problem ? onceBack(now.problem, () => void load(null)) : undefined), [now.problem, load]);
  useEffect(() => {
    setNow(nothing as unknown as PagedState<Item>);
    void load(null);
    return () => abort.current?.abort();
  }, [key, load]);
  const more = () => {
    if (now.cursor === null || now.state === "more") return;
    setNow({ ...now, state: "more" });
    void load(now.cursor);
  };
  const reload = useCallback(() => {
    setNow((before) => (before.items.length > 0 ? before : { ...before, state: "loading" }));
    void load(null);
  }, [load]);
  const change = useCallback((edit: (items: Item[]) => Item[]) => setNow((before) => ({ ...before, items: edit(before.items) })), []);
  return { ...now, more, reload, change };
}

function joined<Item extends { id: string }>(before: Item[], next: Item[]): Item[] {
  const known = new Set(before.map((item) => item.id));
  return [...before, ...next.filter((item) => !known.has(item.id))];
}
