/** The events of a session's log, as the server writes them. Types that are not named here are passed over. */

export interface Attachment {
  file_id: string;
  name: string;
  media_type: string;
  size: number;
}

export interface Usage {
  input_tokens?: number;
  output_tokens?: number;
  cached_tokens?: number;
  cache_creation_tokens?: number;
  long_cache_tokens?: number;
  reasoning_tokens?: number;
  audio_input_tokens?: number;
  image_input_tokens?: number;
  video_input_tokens?: number;
  audio_output_tokens?: number;
  image_output_tokens?: number;
  [other: string]: number | undefined;
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface MessageData {
  message_id: string;
  role: "user" | "assistant";
  content: string;
  /** Absent in logs of servers before branches; null at the beginning. */
  parent_message_id?: string | null;
  attachments?: Attachment[];
}

export interface DeltaData {
  message_id: string;
  delta: string;
}

export interface ToolCallData {
  call_id: string;
  tool: string;
  params: JsonObject;
  effect: "read" | "write" | "critical";
  /** The run that does it: a member of a team, or an agent that is used as a tool. */
  child_run_id?: string;
  /** The node of a graph whose work it is. */
  node?: string;
  text?: string;
}

export interface ToolResultData {
  call_id: string;
  tool: string;
  success: boolean;
  data?: Json;
  error?: string;
  code?: string;
  status_code?: number;
  cached: boolean;
  attempts: number;
  duration_ms: number;
}

export type ApprovalState = "requested" | "approved" | "rejected" | "expired" | "cancelled";

export interface ApprovalData {
  approval_id: string;
  state: ApprovalState;
  reason?: string;
  call_id?: string;
  tool: string | null;
  params: JsonObject;
  /** What a graph asks a person, and the fields of the answer; then there is no tool. */
  question?: string;
  fields?: JsonObject;
  warnings: string[];
  suggested_action: string | null;
  doubts?: unknown[];
  expires_at: string | null;
  by?: string;
  note?: string;
  result?: unknown;
  arguments?: JsonObject;
  facts?: JsonObject;
}

export interface StatusData {
  status: string;
  text?: string;
  rehearsal?: boolean;
}

/** One call of a model; its numbers come together in `complete`. */
export interface UsageData {
  model: string | null;
  input_tokens?: number;
  output_tokens?: number;
  /** The answer was an earlier one. */
  cache?: "exact" | "semantic" | null;
}

export interface CompleteData {
  status: "completed" | "cancelled";
  output: string;
  usage?: Usage;
  cost_usd?: number | null;
  duration_ms: number;
  finish_reason: "stop" | "length" | "content_filter";
  suggestions?: string[];
}

export interface ErrorData {
  code: string;
  message: string;
  recoverable: boolean;
  text?: string;
}

interface Known {
  message: MessageData;
  status: StatusData;
  agent_switch: { agent: string };
  content: DeltaData;
  reasoning: DeltaData;
  tool_call: ToolCallData;
  tool_result: ToolResultData;
  approval: ApprovalData;
  artifact: Attachment;
  usage: UsageData;
  complete: CompleteData;
  error: ErrorData;
}

interface Envelope<Type extends string, Data> {
  id: number;
  session_id: string;
  run_id: string | null;
  parent_run_id: string | null;
  agent: string | null;
  type: Type;
  at: string;
  data: Data;
}

export type EventType = keyof Known;
export type SessionEvent = { [Type in EventType]: Envelope<Type, Known[Type]> }[EventType];
/** A frame off the wire: its type may be one of those that clients ignore. */
export type AnyEvent = Envelope<string, unknown>;

const known: Record<EventType, true> = {
  message: true,
  status: true,
  agent_switch: true,
  content: true,
  reasoning: true,
  tool_call: true,
  tool_result: true,
  approval: true,
  artifact: true,
  usage: true,
  complete: true,
  error: true,
};

export function isKnown(event: AnyEvent): event is SessionEvent {
  return event.type in known;
}
