import { ApprovalPart, CacheKind, CallPart, Conversation, Part, ReasoningPart, reasoningKey, RunStatus, TextPart, Turn } from "./conversation";
import { Draft } from "./draft";
import { AnyEvent, isKnown, SessionEvent } from "./events";

type EventOf<Type extends SessionEvent["type"]> = Extract<SessionEvent, { type: Type }>;

/** The conversation after these events. Numbers that were seen already are passed over, so a replay is harmless. */
export function applyEvents(conversation: Conversation, events: readonly AnyEvent[]): Conversation {
  const draft = new Draft(conversation);
  let last = conversation.lastEvent;
  for (const event of events) {
    if (event.id <= last) continue;
    last = event.id;
    draft.see(last);
    if (isKnown(event)) apply(draft, event);
  }
  return last === conversation.lastEvent ? conversation : draft.done;
}

function apply(draft: Draft, event: SessionEvent): void {
  switch (event.type) {
    case "message":
      return event.data.role === "user" ? userMessage(draft, event) : agentMessage(draft, event);
    case "content":
      return content(draft, event);
    case "reasoning":
      return reasoning(draft, event);
    case "status":
      return status(draft, event);
    case "tool_call":
      return push(draft, event, { kind: "call", ...from(event), call: event.data, edited: null, result: null });
    case "tool_result":
      return toolResult(draft, event);
    case "approval":
      return approval(draft, event);
    case "artifact":
      return push(draft, event, { kind: "file", ...from(event), file: event.data });
    case "usage":
      return usage(draft, event);
    case "complete":
      return complete(draft, event);
    case "error":
      return error(draft, event);
    case "agent_switch":
      return;
  }
}

const from = (event: SessionEvent) => ({ agent: event.agent ?? "", runId: event.run_id ?? "", at: event.at });

function push(draft: Draft, event: SessionEvent, part: Part): void {
  const turn = draft.turn(event);
  if (!turn) return;
  endReasoning(draft, turn, event);
  turn.parts.push(part);
}

function addNode(draft: Draft, event: EventOf<"message">): void {
  const { message_id, role, content, attachments, parent_message_id } = event.data;
  const parent = parent_message_id === undefined ? lastMessage(draft) : parent_message_id;
  draft.addMessage({ id: message_id, parent, role, runId: event.run_id, content, attachments: attachments ?? [], at: event.at });
}

/** Logs from before branches are one line: each message follows the one before it. */
function lastMessage(draft: Draft): string | null {
  let last: string | null = null;
  for (const id of draft.messages.keys()) last = id;
  return last;
}

function userMessage(draft: Draft, event: EventOf<"message">): void {
  if (event.parent_run_id !== null) return draft.changeMember(event, { task: event.data.content });
  addNode(draft, event);
  draft.turn(event);
  draft.pin(event.data.message_id);
}

function agentMessage(draft: Draft, event: EventOf<"message">): void {
  const { message_id, content } = event.data;
  if (event.parent_run_id === null) addNode(draft, event);
  const turn = draft.turn(event);
  if (!turn) return;
  dropAbandoned(draft, turn, event, message_id);
  endReasoning(draft, turn, event);
  const part = turn.parts.find((part): part is TextPart => part.kind === "text" && part.messageId === message_id);
  if (part) draft.replacePart(turn, part, { final: true });
  else if (content !== "") turn.parts.push(textPart(event, message_id, true));
  if (content !== "") draft.setText(message_id, content);
}

function content(draft: Draft, event: EventOf<"content">): void {
  const { message_id, delta } = event.data;
  const before = draft.text(message_id);
  if (before === undefined) {
    const turn = draft.turn(event);
    if (!turn) return;
    dropAbandoned(draft, turn, event, message_id);
    endReasoning(draft, turn, event);
    turn.parts.push(textPart(event, message_id, false));
  }
  draft.setText(message_id, (before ?? "") + delta);
}

const textPart = (event: SessionEvent, messageId: string, final: boolean): TextPart => ({
  kind: "text",
  ...from(event),
  messageId,
  final,
});

function reasoning(draft: Draft, event: EventOf<"reasoning">): void {
  const key = reasoningKey(event.data.message_id);
  const before = draft.text(key);
  if (before === undefined) {
    const turn = draft.turn(event);
    if (!turn) return;
    dropAbandoned(draft, turn, event, event.data.message_id);
    turn.parts.push({ kind: "reasoning", ...from(event), messageId: event.data.message_id, endedAt: null });
  }
  draft.setText(key, (before ?? "") + event.data.delta);
}

/** An attempt that was given up never gets its `message`: its text goes when the same run begins another. */
function dropAbandoned(draft: Draft, turn: Turn, event: SessionEvent, newer: string): void {
  const abandoned = new Set<string>();
  for (const part of turn.parts) {
    if (part.kind === "text" && !part.final && part.runId === event.run_id && part.messageId !== newer) abandoned.add(part.messageId);
  }
  const last = turn.parts[turn.parts.length - 1];
  if (last?.kind === "reasoning" && last.runId === event.run_id && last.messageId !== newer) abandoned.add(last.messageId);
  if (abandoned.size === 0) return;
  for (const id of abandoned) {
    draft.dropText(id);
    draft.dropText(reasoningKey(id));
  }
  turn.parts = turn.parts.filter((part) => !("messageId" in part && abandoned.has(part.messageId)));
}

function endReasoning(draft: Draft, turn: Turn, event: SessionEvent): void {
  const open = turn.parts.find((part): part is ReasoningPart => part.kind === "reasoning" && !part.endedAt && part.runId === event.run_id);
  if (open) draft.replacePart(turn, open, { endedAt: event.at });
}

function status(draft: Draft, event: EventOf<"status">): void {
  const turn = draft.turn(event);
  if (!turn) return;
  if (event.data.rehearsal) turn.rehearsal = true;
  const status = event.data.status as RunStatus;
  if (event.run_id !== turn.runId) return draft.changeMember(event, { status });
  turn.status = status;
  if (status === "running") turn.startedAt ??= event.at;
}

function toolResult(draft: Draft, event: EventOf<"tool_result">): void {
  const turn = draft.turn(event);
  const id = event.data.call_id;
  const part = turn?.parts.find((part): part is CallPart => part.kind === "call" && part.call.call_id === id);
  if (turn && part) draft.replacePart(turn, part, { result: event.data });
}

function approval(draft: Draft, event: EventOf<"approval">): void {
  const turn = draft.turn(event);
  if (!turn) return;
  const id = event.data.approval_id;
  const part = turn.parts.find((part): part is ApprovalPart => part.kind === "approval" && part.approval.approval_id === id);
  const decidedAt = event.data.state === "requested" ? null : event.at;
  if (part) draft.replacePart(turn, part, { approval: { ...part.approval, ...event.data }, decidedAt });
  else turn.parts.push({ kind: "approval", ...from(event), approval: event.data, decidedAt });
  const { state, call_id, arguments: edited } = { ...part?.approval, ...event.data };
  const call = turn.parts.find((part): part is CallPart => part.kind === "call" && part.call.call_id === call_id);
  if (state === "approved" && edited && call) draft.replacePart(turn, call, { edited });
}

function usage(draft: Draft, event: EventOf<"usage">): void {
  const { model, cache } = event.data;
  if (cache && event.parent_run_id === null) cached(draft, event, cache);
  // Who only read (a question's vector) wrote nothing of the turn.
  if (!model || (!cache && event.data.output_tokens === 0) || draft.peek(event)?.models.includes(model)) return;
  const turn = draft.turn(event);
  if (turn) turn.models = [...turn.models, model];
}

function cached(draft: Draft, event: EventOf<"usage">, cache: CacheKind): void {
  const turn = draft.turn(event);
  if (turn) turn.cache = cache;
}

function complete(draft: Draft, event: EventOf<"complete">): void {
  const turn = draft.turn(event);
  if (!turn) return;
  endReasoning(draft, turn, event);
  const data = event.data;
  if (event.run_id !== turn.runId) return draft.changeMember(event, { status: data.status, durationMs: data.duration_ms });
  turn.status = data.status;
  turn.endedAt = event.at;
  turn.durationMs = data.duration_ms;
  turn.usage = data.usage ?? null;
  turn.costUsd = data.cost_usd ?? null;
  turn.cutShort = data.finish_reason === "stop" || data.status === "cancelled" ? null : data.finish_reason;
  turn.suggestions = data.suggestions ?? [];
}

function error(draft: Draft, event: EventOf<"error">): void {
  const turn = draft.turn(event);
  if (!turn) return;
  if (event.data.recoverable) {
    turn.parts.push({ kind: "retry", ...from(event), error: event.data });
    return;
  }
  endReasoning(draft, turn, event);
  if (event.run_id !== turn.runId) return draft.changeMember(event, { status: "failed", error: event.data });
  turn.status = "failed";
  turn.endedAt = event.at;
  turn.error = event.data;
}
