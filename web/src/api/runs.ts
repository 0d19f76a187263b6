import { get, Page, post, query } from "./http";
import { isEnded } from "../model/runs";
import { childOf, withChildren } from "../model/tree";
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

/** A run's trace with those of the runs below. What has ended is asked for once: `kept` holds it between readings. */
export async function getTree(id: string, kept: Map<string, Trace>, signal?: AbortSignal): Promise<Trace> {
  const known = kept.get(id);
  if (known) return known;
  const trace = await getTrace(id, signal);
  const below = [...new Set(trace.spans.flatMap((span) => childOf(span) ?? []))];
  const children = await Promise.all(below.map((child) => getTree(child, kept, signal).catch(() => null)));
  if (signal?.aborted) throw new DOMException("Aborted", "AbortError");
  const tree = withChildren(trace, new Map(children.flatMap((child) => (child ? [[child.run_id, child] as const] : []))));
  if (isEnded(trace)) kept.set(id, tree);
  return tree;
}

/** Answers when it has ended, or after ten seconds. */
export const stopRun = (id: string) => post<Run>(`/v1/runs/${encodeURIComponent(id)}/stop`);
/** Answers when it is paused, or after ten seconds. */
export const pauseRun = (id: string) => post<Run>(`/v1/runs/${encodeURIComponent(id)}/pause`);
export const resumeRun = (id: string) => post<Run>(`/v1/runs/${encodeURIComponent(id)}/resume`);
