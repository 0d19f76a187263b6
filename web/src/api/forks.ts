import type { Json, JsonObject } from "../model/events";
import { get, persistently, post, query } from "./http";
import type { Accepted } from "./types";

/** What stands at an event of a run, as far as a fork from there may have it otherwise. */
export interface ForkGround {
  from_event: number;
  /** Whether the run has more to do there: where it has its answer already, no change would have an effect. */
  goes_on: boolean;
  content: string;
  /** Absent for whoever may not change the agent, and where no model is asked. */
  instructions?: string;
  model?: string;
  models?: string[];
  tool_results: ForkableCall[];
}

export interface ForkableCall {
  call_id: string;
  tool: string;
  params: JsonObject;
  /** Null where nothing has come of it. */
  success: boolean | null;
  data?: Json;
  error?: string;
}

export interface ForkChanges {
  content?: string;
  instructions?: string;
  model?: string;
  tool_results?: Record<string, Json>;
}

const path = (run: string) => `/v1/runs/${encodeURIComponent(run)}/fork`;

export const getForkGround = (run: string, event: number | null, signal?: AbortSignal) => get<ForkGround>(path(run) + query({ from_event: event }), signal);

/** A session that begins with what the run did up to an event, and goes on from there. */
export const forkRun = (run: string, event: number, changes: ForkChanges) =>
  persistently((key) => post<Accepted>(path(run), { from_event: event, changes }, key));
