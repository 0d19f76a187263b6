import { get, Page, post, query } from "./http";
import type { Run, Trace } from "./types";

export interface RunFilter {
  status?: string | null;
  session_id?: string | null;
  owner?: "me";
}

export const listRuns = (filter: RunFilter & { cursor?: string | null; limit?: number }, signal?: AbortSignal) =>
  get<Page<Run>>(`/v1/runs${query({ ...filter })}`, signal);
export const getRun = (id: string, signal?: AbortSignal) => get<Run>(`/v1/runs/${encodeURIComponent(id)}`, signal);
export const getTrace = (id: string, signal?: AbortSignal) => get<Trace>(`/v1/runs/${encodeURIComponent(id)}/trace`, signal);
/** Answers when it has ended, or after ten seconds. */
export const stopRun = (id: string) => post<Run>(`/v1/runs/${encodeURIComponent(id)}/stop`);
