import type { Json } from "../model/events";
import type { DiffLine } from "../model/lines";
import { get, Page, query } from "./http";

export interface Variable {
  name: string;
  type: string;
  default: Json;
  description: string;
}

/** What an agent is told, a block that agents include, or a variant of a block. */
export interface Prompt {
  name: string;
  kind: "agent" | "block" | "variant";
  path: string;
  description: string;
  version: string;
  versions: number;
  changed_at: string | null;
  size: number;
  includes: string[];
  used_by: string[];
  variables: Variable[];
  variants: { variant: string; weight: number }[];
  /** Only of one that was asked for. */
  text?: string;
}

export interface PromptVersion {
  /** Null where the file was removed. */
  version: string | null;
  removed: boolean;
  at: string;
  size: number;
  current: boolean;
}

export interface PromptDiff {
  from: string;
  to: string;
  added: number;
  removed: number;
  lines: DiffLine[];
}

export interface Outcome {
  count: number;
  mean: number;
  min: number;
  max: number;
}

/** What the runs with one variant came to. Means of nothing are null. */
export interface VariantResult {
  variant: string;
  /** Null where the project has it no more. */
  weight: number | null;
  runs: number;
  users: number;
  completed: number;
  failed: number;
  completed_share: number | null;
  mean_cost_usd: number | null;
  duration_ms: { p50: number | null; p95: number | null };
  rating: { count: number; mean: number | null };
  outcomes: Record<string, Outcome>;
}

export interface Experiment {
  prompt: string;
  active: boolean;
  agents: string[];
  rehearsal: boolean;
  variants: VariantResult[];
}

const path = (name: string) => `/v1/prompts/${encodeURIComponent(name)}`;

export const listPrompts = (signal?: AbortSignal) => get<Page<Prompt>>("/v1/prompts", signal);
export const getPrompt = (name: string, signal?: AbortSignal) => get<Prompt>(path(name), signal);
export const listVersions = (name: string, signal?: AbortSignal) => get<Page<PromptVersion>>(`${path(name)}/versions`, signal);
export const getVersion = (name: string, version: string, signal?: AbortSignal) =>
  get<{ name: string; version: string; text: string }>(`${path(name)}/versions/${encodeURIComponent(version)}`, signal);
export const getDiff = (name: string, from: string, to: string | null, signal?: AbortSignal) => get<PromptDiff>(`${path(name)}/diff${query({ from, to })}`, signal);
export const getExperiment = (prompt: string, signal?: AbortSignal) => get<Experiment>(`/v1/experiments/${encodeURIComponent(prompt)}`, signal);
