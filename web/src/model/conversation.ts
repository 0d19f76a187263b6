import type { ApprovalData, Attachment, ErrorData, JsonObject, ToolCallData, ToolResultData, Usage } from "./events";

/** A message in the tree of branches. */
export interface MessageNode {
  id: string;
  parent: string | null;
  role: "user" | "assistant";
  runId: string | null;
  content: string;
  attachments: Attachment[];
  at: string;
}

interface PartOf {
  agent: string;
  /** The run that did it: the turn's own, or that of a member of a team. */
  runId: string;
  at: string;
}

/** Text of an answer. The characters are in `Conversation.texts`, so that a token changes no part. */
export interface TextPart extends PartOf {
  kind: "text";
  messageId: string;
  /** The `message` event has come: nothing more is added. */
  final: boolean;
}

export interface ReasoningPart extends PartOf {
  kind: "reasoning";
  messageId: string;
  endedAt: string | null;
}

export interface CallPart extends PartOf {
  kind: "call";
  call: ToolCallData;
  /** The arguments that a person put in the place of the agent's: what ran. */
  edited: JsonObject | null;
  result: ToolResultData | null;
}

export interface ApprovalPart extends PartOf {
  kind: "approval";
  approval: ApprovalData;
  decidedAt: string | null;
}

export interface FilePart extends PartOf {
  kind: "file";
  file: Attachment;
}

/** Something went wrong and the run goes on by itself. */
export interface RetryPart extends PartOf {
  kind: "retry";
  error: ErrorData;
}

export type Part = TextPart | ReasoningPart | CallPart | ApprovalPart | FilePart | RetryPart;

export type RunStatus =
  | "queued"
  | "running"
  | "stopping"
  | "pausing"
  | "resuming"
  | "pending_approval"
  | "paused"
  | "waiting"
  | "completed"
  | "cancelled"
  | "failed";

/** A run below another: somebody of a team, or an agent that is used as a tool. */
export interface Member {
  runId: string;
  agent: string;
  /** What it was asked. */
  task: string | null;
  status: RunStatus;
  durationMs: number | null;
  error: ErrorData | null;
}

/** Where an answer came from when no model was called for it. */
export type CacheKind = "exact" | "semantic";

/** All that came of one user message: its run with the runs below it. */
export interface Turn {
  runId: string;
  status: RunStatus;
  agent: string;
  parts: Part[];
  /** The runs below, by their identifiers. */
  members: ReadonlyMap<string, Member>;
  queuedAt: string;
  startedAt: string | null;
  endedAt: string | null;
  durationMs: number | null;
  /** The models that were asked, each once. */
  models: string[];
  /** The turn's own text is an earlier answer. */
  cache: CacheKind | null;
  usage: Usage | null;
  costUsd: number | null;
  cutShort: "length" | "content_filter" | null;
  error: ErrorData | null;
  rehearsal: boolean;
  suggestions: string[];
}

/** A session as its log tells it. A value: `applyEvents` makes the next one. */
export interface Conversation {
  lastEvent: number;
  messages: ReadonlyMap<string, MessageNode>;
  turns: ReadonlyMap<string, Turn>;
  /** The run at the top of each run. */
  roots: ReadonlyMap<string, string>;
  /** What each message says so far; reasoning is under `reasoning:` and its message. */
  texts: ReadonlyMap<string, string>;
  /** The newest branch through this message is the one that is shown. */
  pin: string | null;
}

export const emptyConversation: Conversation = {
  lastEvent: 0,
  messages: new Map(),
  turns: new Map(),
  roots: new Map(),
  texts: new Map(),
  pin: null,
};

export const reasoningKey = (messageId: string): string => `reasoning:${messageId}`;

const ended: ReadonlySet<RunStatus> = new Set<RunStatus>(["completed", "cancelled", "failed"]);
const busy: ReadonlySet<RunStatus> = new Set<RunStatus>(["queued", "running", "stopping", "pausing", "resuming"]);

export const isEnded = (turn: Pick<Turn, "status">): boolean => ended.has(turn.status);
/** Whether something is going on at this moment. Waiting for a person is not. */
export const isBusy = (turn: Pick<Turn, "status">): boolean => busy.has(turn.status);
