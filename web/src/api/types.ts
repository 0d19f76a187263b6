import type { ApprovalState, Json, JsonObject, Usage } from "../model/events";

/** The objects of the server, as far as the page reads them. */

export type Role = "viewer" | "member" | "builder" | "admin" | "owner";

export interface Me {
  id: string;
  email: string | null;
  name: string | null;
  role: Role;
  language: "pt-BR" | "en" | null;
  theme: "light" | "dark" | null;
  has_password: boolean;
  created_at: string;
}

export interface Info {
  name: string;
  version: string;
  rehearsal: boolean;
  language: string;
  default_target: string;
  targets: string[];
  suggestions?: string[];
  problems: string[];
}

export interface Session {
  id: string;
  target: string;
  title: string | null;
  created_at: string;
  updated_at: string;
  last_event: number;
  leaf?: string | null;
  owner?: string;
  forked_from?: ForkOrigin | null;
  /** What people call the owner, when that is not the reader. */
  owner_name?: string | null;
}

/** Where a conversation was forked from. */
export interface ForkOrigin {
  session_id: string;
  run_id: string;
  event: number;
  /** What was changed, in the words of the request. */
  changed?: ForkField[];
  /** The same with what was and what is. Not in lists, and not of forks that older servers made. */
  changes?: ForkedChanges;
}

export type ForkField = "content" | "instructions" | "model" | "tool_results";

export interface ChangedText {
  was?: string;
  now: string;
}

export interface ChangedResult {
  /** The call's name in the fork. */
  call_id: string;
  tool: string;
  /** Absent where the call had no result, or failed with `error`. */
  was?: Json;
  error?: string;
  now: Json;
}

export interface ForkedChanges {
  content?: ChangedText;
  instructions?: ChangedText;
  model?: ChangedText;
  tool_results?: ChangedResult[];
}

export interface Accepted {
  run_id: string;
  message_id: string;
  after: number;
  session_id: string;
}

export interface Approval {
  id: string;
  run_id: string;
  session_id: string;
  call_id?: string;
  state: ApprovalState;
  reason: string;
  tool: string | null;
  params: JsonObject;
  /** What a graph asks a person, and the fields of the answer; then there is no tool. */
  question?: string;
  fields?: JsonObject;
  warnings: string[];
  suggested_action: string | null;
  /** Earlier calls of the tool of which nobody knows whether they had their effect. */
  doubts?: unknown[];
  requested_at: string;
  expires_at: string | null;
  decided_at?: string;
  by?: string;
  note?: string;
  /** What came of it, where a person said that it was done already. */
  result?: unknown;
  arguments?: JsonObject;
  facts?: JsonObject;
  /** Absent from older servers: then the run and the session know them. */
  agent?: string;
  session_title?: string | null;
  /** Who decided, as people read it. */
  by_name?: string | null;
  owner?: string;
  owner_name?: string | null;
  /** What the tool does, in the words of the project. */
  tool_description?: string | null;
}

export interface Run {
  id: string;
  session_id: string;
  /** Absent from older servers: then the session knows it. */
  session_title?: string | null;
  parent_run_id: string | null;
  root_run_id: string;
  owner?: string;
  owner_name?: string | null;
  target: string;
  agent: string;
  /** What was asked, as text. */
  input?: string | null;
  status: string;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  usage: Usage;
  cost_usd: number | null;
  /** Part of the cost is supposed: somebody did not tell what a call took. */
  estimated?: boolean;
  rehearsal: boolean;
  output?: string;
  error?: { code: string; message: string };
}

export type SpanKind = "run" | "queue" | "model" | "tool" | "approval" | "summary";
export type SpanStatus = "ok" | "error" | "running" | "waiting" | "paused" | "cancelled";

/** A stretch of a run's work; times are milliseconds since the run was accepted. */
export interface Span {
  id: string;
  parent_id: string | null;
  /** Of a run below the one whose trace it is. */
  run_id?: string;
  kind: SpanKind;
  name: string;
  agent: string | null;
  start_ms: number;
  end_ms: number | null;
  status: SpanStatus;
  attempt?: number;
  /** The number of the last event that belongs to it. */
  event?: number;
  detail?: JsonObject;
}

export interface Trace {
  run_id: string;
  session_id: string;
  status: string;
  agent: string;
  target: string;
  rehearsal: boolean;
  started_at: string | null;
  ended_at: string | null;
  duration_ms: number | null;
  usage: Usage;
  cost_usd: number | null;
  /** Part of the cost is supposed: somebody did not tell what a call took. */
  estimated?: boolean;
  spans: Span[];
}

export interface FileRow {
  id: string;
  session_id: string;
  name: string;
  media_type: string;
  size: number;
  created_at: string;
  run_id?: string;
}

export interface Person {
  id: string;
  email: string | null;
  name: string | null;
  role: Role;
  created_at: string;
  last_seen_at: string | null;
  disabled: boolean;
  has_password: boolean;
}

export interface ApiKey {
  id: string;
  name: string;
  role: Role;
  user?: string | null;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  /** Only in the answer to its making. */
  key?: string;
}

export interface SecretRow {
  name: string;
  created_at: string;
  updated_at: string;
}

export interface ProviderRow {
  name: string;
  label: string;
  base_url: string | null;
  needs_key: boolean;
  has_key: boolean;
  key_source: "vault" | "environment" | null;
}

export interface ModelRow {
  name: string;
  provider: string;
  model: string;
  base_url: string | null;
  connected: boolean;
  source: "project" | "settings";
}

export interface Settings {
  project: { name: string; language: string; default_target: string; targets: string[]; hash: string; problems: string[] };
  rehearsal: boolean;
  models: ModelRow[];
  providers: ProviderRow[];
  connection: { provider: string; model: string; base_url: string | null } | null;
}

export interface LocalServer {
  label: string;
  base_url: string;
  models: string[];
}

export interface Connected {
  provider: string;
  model: string;
  base_url: string | null;
  latency_ms: number;
}

export const roles: Role[] = ["viewer", "member", "builder", "admin", "owner"];
export const atLeast = (role: Role, wanted: Role): boolean => roles.indexOf(role) >= roles.indexOf(wanted);
