import { get, Page, query, remove, request } from "./http";

/** Something that is known of the reader. */
export interface Memory {
  id: string;
  fact: string;
  about: string | null;
  namespace: string;
  /** Who remembered it; null where the reader did. */
  agent: string | null;
  run_id: string | null;
  created_at: string;
  updated_at: string;
}

export interface MemoryNamespace {
  namespace: string;
  count: number;
}

export interface MemoryFilter {
  q: string;
  namespace: string;
}

export const listMemories = (filter: MemoryFilter, cursor: string | null, signal?: AbortSignal) =>
  get<Page<Memory>>(`/v1/memories${query({ ...filter, cursor, limit: 40 })}`, signal);
export const listNamespaces = (signal?: AbortSignal) => get<Page<MemoryNamespace>>("/v1/memories/namespaces", signal);
export const changeMemory = (id: string, change: { fact: string; about: string | null }) =>
  request<Memory>("PUT", `/v1/memories/${encodeURIComponent(id)}`, { body: change });
export const forgetMemory = (id: string) => remove(`/v1/memories/${encodeURIComponent(id)}`);
/** Everything that is known of the reader, or what a namespace holds. */
export const forgetAll = (namespace: string) => request<{ deleted: number }>("DELETE", `/v1/memories${query({ namespace })}`);
