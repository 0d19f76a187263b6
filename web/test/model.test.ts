import assert from "node:assert/strict";
import { test } from "node:test";
import { exchanges, leafOf } from "../src/model/branches";
import { Conversation, emptyConversation, Part } from "../src/model/conversation";
import type { AnyEvent } from "../src/model/events";
import { applyEvents } from "../src/model/reduce";
import { segments, segmentsIn, stepsIn } from "../src/model/segments";
import { withChildren } from "../src/model/tree";
import type { Span, Trace } from "../src/api/types";

/** A log in few words: [type, data, run, more]. */
function log(...entries: [string, unknown, string?, Partial<AnyEvent>?][]): AnyEvent[] {
  return entries.map(([type, data, run = "run_1", more], index) => ({
    id: index + 1,
    session_id: "ses_1",
    run_id: run,
    parent_run_id: null,
    agent: "assistant",
    type,
    at: new Date(Date.UTC(2026, 0, 19, 18, 0, index)).toISOString(),
    data,
    ...more,
  }));
}

const user = (id: string, content: string, parent?: string | null) => ({ message_id: id, role: "user", content, parent_message_id: parent });
const agent = (id: string, content: string, parent?: string | null) => ({ message_id: id, role: "assistant", content, parent_message_id: parent });
const done = { status: "completed", output: "", duration_ms: 900, finish_reason: "stop" };
const call = (id: string) => ({ call_id: id, tool: "current_time", params: {}, effect: "read" });
const result = (id: string) => ({ call_id: id, tool: "current_time", success: true, cached: false, attempts: 1, duration_ms: 12 });

const simple = log(
  ["status", { status: "queued", rehearsal: true }],
  ["message", user("msg_1", "Hi", null)],
  ["status", { status: "running" }],
  ["reasoning", { message_id: "msg_2", delta: "Let me see" }],
  ["tool_call", call("call_1")],
  ["tool_result", result("call_1")],
  ["content", { message_id: "msg_3", delta: "Hel" }],
  ["content", { message_id: "msg_3", delta: "lo" }],
  ["message", agent("msg_3", "Hello", "msg_1")],
  ["complete", { ...done, suggestions: ["One"] }],
);

function only(conversation: Conversation) {
  const turn = [...conversation.turns.values()][0];
  assert.ok(turn);
  return turn;
}

test("a run becomes one exchange with its work and its text", () => {
  const [exchange] = exchanges(applyEvents(emptyConversation, simple));
  assert.equal(exchange.message.content, "Hi");
  assert.equal(exchange.turn?.status, "completed");
  assert.equal(exchange.turn?.rehearsal, true);
  assert.deepEqual(exchange.turn?.suggestions, ["One"]);
  assert.deepEqual(exchange.turn && segments(exchange.turn).map((segment) => segment.kind), ["activity", "text"]);
});

test("one batch, one by one, and with every event twice give the same conversation", () => {
  const whole = applyEvents(emptyConversation, simple);
  const single = simple.reduce((state, event) => applyEvents(state, [event]), emptyConversation);
  const twice = simple.reduce((state, event) => applyEvents(state, [event, event]), emptyConversation);
  assert.deepEqual(single, whole);
  assert.deepEqual(twice, whole);
});

test("applying events leaves the conversation before as it was", () => {
  const before = applyEvents(emptyConversation, simple.slice(0, 7));
  const copy = structuredClone(before);
  applyEvents(before, simple.slice(7));
  assert.deepEqual(before, copy);
});

test("a token changes the texts and nothing else", () => {
  const before = applyEvents(emptyConversation, simple.slice(0, 7));
  const after = applyEvents(before, simple.slice(7, 8));
  assert.equal(after.texts.get("msg_3"), "Hello");
  assert.equal(after.turns, before.turns);
  assert.equal(after.messages, before.messages);
});

test("the text of an attempt that was given up goes when the next one begins", () => {
  const events = log(
    ["message", user("msg_1", "Hi", null)],
    ["reasoning", { message_id: "msg_2", delta: "hm" }],
    ["content", { message_id: "msg_2", delta: "Half an ans" }],
    ["error", { code: "model_unavailable", message: "cut", recoverable: true }],
    ["content", { message_id: "msg_3", delta: "Whole" }],
  );
  const conversation = applyEvents(emptyConversation, events);
  assert.equal(conversation.texts.has("msg_2"), false);
  assert.equal(conversation.texts.has("reasoning:msg_2"), false);
  assert.deepEqual(only(conversation).parts.map((part) => part.kind), ["retry", "text"]);
});

test("text that has its message stays when the run says more after a tool", () => {
  const events = log(
    ["message", user("msg_1", "Hi", null)],
    ["content", { message_id: "msg_2", delta: "I look." }],
    ["message", agent("msg_2", "I look.", "msg_1")],
    ["tool_call", call("call_1")],
    ["tool_result", result("call_1")],
    ["content", { message_id: "msg_3", delta: "Found." }],
  );
  const kinds = segments(only(applyEvents(emptyConversation, events))).map((segment) => segment.kind);
  assert.deepEqual(kinds, ["text", "activity", "text"]);
});

test("a stopped run keeps what was said", () => {
  const events = log(
    ["message", user("msg_1", "Hi", null)],
    ["content", { message_id: "msg_2", delta: "Half" }],
    ["complete", { ...done, status: "cancelled" }],
  );
  const conversation = applyEvents(emptyConversation, events);
  assert.equal(only(conversation).status, "cancelled");
  assert.equal(conversation.texts.get("msg_2"), "Half");
});

test("an approval is asked in the stream and, once decided, is a step of the work", () => {
  const asked = { approval_id: "apr_1", call_id: "call_1", state: "requested", tool: "pay", params: { amount: 5 }, warnings: [], suggested_action: null, expires_at: null };
  const events = log(
    ["message", user("msg_1", "Pay", null)],
    ["tool_call", call("call_1")],
    ["approval", asked],
    ["status", { status: "pending_approval" }],
    ["approval", { ...asked, state: "approved", by: "usr_local" }],
    ["status", { status: "running" }],
  );
  const open = only(applyEvents(emptyConversation, events.slice(0, 4)));
  assert.deepEqual(segments(open).map((segment) => segment.kind), ["approval"]);
  const [activity] = segments(only(applyEvents(emptyConversation, events)));
  assert.equal(activity.kind === "activity" && stepsIn(activity.parts), 2);
  assert.deepEqual(activity.kind === "activity" && activity.parts.map((part) => part.kind), ["approval", "call"]);
});

test("each decision stands before its own call, also where one answer made several", () => {
  const asked = (id: string, state: string) => ({ approval_id: `apr_${id}`, call_id: id, state, tool: "pay", params: {}, warnings: [], suggested_action: null, expires_at: null });
  const events = log(
    ["message", user("msg_1", "Pay", null)],
    ["tool_call", call("a")],
    ["tool_call", call("b")],
    ["approval", asked("a", "requested")],
    ["approval", asked("b", "requested")],
    ["approval", asked("b", "rejected")],
  );
  const ids = (parts: readonly Part[]) => parts.map((part) => (part.kind === "call" ? part.call.call_id : part.kind === "approval" ? part.approval.approval_id : ""));
  const list = segments(only(applyEvents(emptyConversation, events)));
  assert.deepEqual(list.map((segment) => (segment.kind === "activity" ? ids(segment.parts) : segment.key)), [["apr_b", "b"], "apr_a"]);
});

test("a turn knows the models that were asked, each once", () => {
  const events = log(["message", user("msg_1", "Hi", null)], ["usage", { model: "one" }], ["usage", { model: "two" }, "run_2", { parent_run_id: "run_1" }], ["usage", { model: "one" }]);
  assert.deepEqual(only(applyEvents(emptyConversation, events)).models, ["one", "two"]);
});

test("what a member of a team does belongs to the turn, in a block of its own, and does not end it", () => {
  const child = { parent_run_id: "run_1", agent: "analyst" };
  const events = log(
    ["message", user("msg_1", "Hi", null)],
    ["tool_call", { ...call("call_0"), tool: "delegate", child_run_id: "run_2" }],
    ["status", { status: "queued" }, "run_2", child],
    ["message", user("msg_8", "Read the numbers", null), "run_2", child],
    ["status", { status: "running" }, "run_2", child],
    ["tool_call", call("call_1"), "run_2", child],
    ["message", agent("msg_9", "Partial", null), "run_2", child],
    ["complete", done, "run_2", child],
  );
  const during = only(applyEvents(emptyConversation, events.slice(0, 6)));
  assert.deepEqual(segments(during).map(({ kind, ...segment }) => [kind, "live" in segment && segment.live]), [["team", true]]);
  const conversation = applyEvents(emptyConversation, events);
  const turn = only(conversation);
  assert.equal(conversation.turns.size, 1);
  assert.deepEqual([...conversation.messages.keys()], ["msg_1"]);
  assert.notEqual(turn.status, "completed");
  const member = turn.members.get("run_2");
  assert.ok(member);
  assert.deepEqual([member.agent, member.task, member.status, member.durationMs], ["analyst", "Read the numbers", "completed", 900]);
  assert.deepEqual(segmentsIn(turn, member).map((segment) => segment.kind), ["activity", "text"]);
});

test("a member's end by an error is the member's, and the team goes on", () => {
  const child = { parent_run_id: "run_1", agent: "analyst" };
  const events = log(
    ["message", user("msg_1", "Hi", null)],
    ["tool_call", { ...call("call_0"), tool: "delegate", child_run_id: "run_2" }],
    ["status", { status: "queued" }, "run_2", child],
    ["error", { code: "model_rejected", message: "No such model.", recoverable: false }, "run_2", child],
  );
  const turn = only(applyEvents(emptyConversation, events));
  assert.equal(turn.status === "failed" || turn.error !== null, false);
  assert.equal(turn.members.get("run_2")?.error?.message, "No such model.");
});

test("what a member asks a person stands in the turn, and its call not beside it", () => {
  const child = { parent_run_id: "run_1", agent: "analyst" };
  const asked = { approval_id: "apr_1", call_id: "call_1", state: "requested", tool: "pay", params: {}, warnings: [], suggested_action: null, expires_at: null };
  const events = log(
    ["message", user("msg_1", "Hi", null)],
    ["tool_call", { ...call("call_0"), tool: "delegate", child_run_id: "run_2" }],
    ["status", { status: "running" }, "run_2", child],
    ["tool_call", call("call_1"), "run_2", child],
    ["approval", asked, "run_2", child],
  );
  const turn = only(applyEvents(emptyConversation, events));
  const member = turn.members.get("run_2");
  assert.deepEqual(segments(turn).map((segment) => segment.kind), ["team", "approval"]);
  assert.deepEqual(member && segmentsIn(turn, member), []);
});

test("a graph's question is the whole of its call: asked, then answered", () => {
  const asked = { approval_id: "apr_1", call_id: "call_1", state: "requested", reason: "question", tool: null, question: "Publish?", fields: {}, params: {}, warnings: [], suggested_action: null, expires_at: null };
  const events = log(
    ["message", user("msg_1", "Hi", null)],
    ["tool_call", { ...call("call_1"), tool: "ask_person", node: "confirm" }],
    ["approval", asked],
    ["approval", { approval_id: "apr_1", state: "approved", arguments: { channel: "blog" }, by: "usr_local" }],
    ["tool_result", result("call_1")],
  );
  assert.deepEqual(segments(only(applyEvents(emptyConversation, events.slice(0, 3)))).map((segment) => segment.kind), ["approval"]);
  const [activity] = segments(only(applyEvents(emptyConversation, events)));
  assert.deepEqual(activity.kind === "activity" && activity.parts.map((part) => part.kind), ["approval"]);
});

test("an answer that came from a cache says so, and only of the turn's own", () => {
  const child = { parent_run_id: "run_1", agent: "analyst" };
  const begun: Parameters<typeof log> = [["message", user("msg_1", "Hi", null)], ["usage", { model: "one", cache: "exact" }, "run_2", child]];
  assert.equal(only(applyEvents(emptyConversation, log(...begun))).cache, null);
  assert.equal(only(applyEvents(emptyConversation, log(...begun, ["usage", { model: "one", cache: "semantic" }]))).cache, "semantic");
});

test("a model that only read, for a question's vector, is none of an answer's", () => {
  const log1 = log(["message", user("msg_1", "Hi", null)], ["usage", { model: "embed", input_tokens: 9, output_tokens: 0 }], ["usage", { model: "one", output_tokens: 3 }]);
  assert.deepEqual(only(applyEvents(emptyConversation, log1)).models, ["one"]);
});

test("the trace of a team holds its members' spans under the calls that asked for them", () => {
  const span = (id: string, parent_id: string | null, start_ms: number, detail = {}) => ({ id, parent_id, kind: "tool" as const, name: id, agent: "a", start_ms, end_ms: start_ms + 5, status: "ok" as const, detail });
  const trace = (run_id: string, spans: Span[]): Trace => ({ run_id, session_id: "ses_1", status: "completed", agent: "a", target: "team:a", rehearsal: false, started_at: null, ended_at: null, duration_ms: 1, usage: {}, cost_usd: null, spans });
  const child = trace("run_2", [span("run_2", null, 0), span("queue-1", "run_2", 1)]);
  const whole = withChildren(trace("run_1", [span("run_1", null, 0), span("call_1", "run_1", 10, { child_run_id: "run_2" })]), new Map([["run_2", child]]));
  assert.deepEqual(whole.spans.map(({ id, parent_id, start_ms, run_id }) => [id, parent_id, start_ms, run_id]), [
    ["run_1", null, 0, undefined],
    ["call_1", "run_1", 10, undefined],
    ["run_2", "call_1", 10, "run_2"],
    ["run_2/queue-1", "run_2", 11, "run_2"],
  ]);
});

const branched = log(
  ["message", user("msg_1", "First", null)],
  ["message", agent("msg_2", "A", "msg_1")],
  ["message", user("msg_3", "Second", "msg_2"), "run_2"],
  ["message", agent("msg_4", "B", "msg_3"), "run_2"],
  ["message", user("msg_5", "Second, better", "msg_2"), "run_3"],
  ["message", agent("msg_6", "C", "msg_5"), "run_3"],
);

test("an edited message is shown with the others of its place", () => {
  const [, second] = exchanges(applyEvents(emptyConversation, branched));
  assert.equal(second.message.content, "Second, better");
  assert.deepEqual(second.versions, ["msg_3", "msg_5"]);
  assert.equal(second.index, 1);
});

test("pinning a message shows the newest branch through it", () => {
  const conversation = { ...applyEvents(emptyConversation, branched), pin: "msg_3" };
  assert.deepEqual(exchanges(conversation).map((exchange) => exchange.message.id), ["msg_1", "msg_3"]);
  assert.equal(leafOf(conversation), "msg_4");
});

test("logs from before branches are one line", () => {
  const events = log(
    ["message", user("msg_1", "One")],
    ["message", agent("msg_2", "A")],
    ["message", user("msg_3", "Two"), "run_2"],
  );
  assert.deepEqual(exchanges(applyEvents(emptyConversation, events)).map((exchange) => exchange.message.id), ["msg_1", "msg_3"]);
});

test("types that are not known and an empty batch change nothing that is shown", () => {
  const events = log(["step", { kind: "model_request" }], ["weather", { sunny: true }]);
  const after = applyEvents(emptyConversation, events);
  assert.equal(after.lastEvent, 2);
  assert.deepEqual(exchanges(after), []);
  assert.equal(applyEvents(after, []), after);
});
