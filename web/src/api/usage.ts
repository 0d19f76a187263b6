import { get, Page, query } from "./http";

/** What models were used, and what it cost. */
export interface UsageFigures {
  calls: number;
  cache_hits: number;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number;
  saved_usd: number;
  /** Calls of models whose price is not known. */
  unpriced_calls?: number;
  /** Calls that did not tell what they took, and what is supposed that they cost; part of the cost. */
  estimated_calls?: number;
  estimated_usd?: number;
}

export const usageParts = ["agent", "team", "model", "provider", "user"] as const;
export type UsagePart = typeof usageParts[number];

export interface UsageLine extends UsageFigures {
  /** A day of the project's time zone: 2026-01-19. */
  day?: string;
  agent?: string;
  /** null: no team was asked. */
  team?: string | null;
  model?: string;
  /** null: of a time when it was not counted. */
  provider?: string | null;
  user?: string;
  user_name?: string | null;
}

export interface UsageReport {
  from: string;
  to: string;
  time_zone: string;
  data: UsageLine[];
  total: UsageFigures;
}

/** The period of a run is the run: it has a limit and nothing that was spent. */
export interface Budget {
  budget: string;
  user?: string;
  limit_usd: number;
  spent_usd?: number;
  reserved_usd?: number;
  left_usd?: number;
  renews_at?: string;
}

export interface UsageWish {
  from: string;
  group_by: "day" | UsagePart;
  user?: "me";
}

export const getUsage = (wish: UsageWish, signal?: AbortSignal) => get<UsageReport>(`/v1/usage${query({ ...wish })}`, signal);
export const listBudgets = (signal?: AbortSignal) => get<Page<Budget>>("/v1/budgets", signal);
