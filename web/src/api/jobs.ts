import { get, Page, post, query } from "./http";

export const jobStatuses = ["scheduled", "queued", "running", "succeeded", "dead", "cancelled"] as const;
export type JobStatus = typeof jobStatuses[number];

/** Something that the queue does, or did, or gave up. */
export interface Job {
  id: string;
  queue: string;
  kind: string;
  status: JobStatus;
  /** Somebody wants it to end, and its worker has not yet done so. */
  cancelling: boolean;
  attempts: number;
  max_attempts: number;
  every_seconds: number | null;
  run_at: string;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  error: string | null;
  /** Why it is a dead letter; the detail is in the reader's language. */
  reason?: { code: string; detail: string };
}

export const listJobs = (status: JobStatus | null, cursor: string | null, signal?: AbortSignal) =>
  get<Page<Job>>(`/v1/jobs${query({ status, cursor, limit: 50 })}`, signal);
export const retryJob = (id: string) => post<Job>(`/v1/jobs/${encodeURIComponent(id)}/retry`);
/** The job as it stands then: one that runs ends a little later. */
export const cancelJob = (id: string) => post<Job>(`/v1/jobs/${encodeURIComponent(id)}/cancel`);
