import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run, Span } from "../src/api/types";
import { otherThan } from "../src/model/owner";
import { durationOf, kindsOf, titleOf, tokensOf, withRun } from "../src/model/runs";
import { nameOf } from "../src/components/trace/words";
import type { Words } from "../src/i18n/words";
import { axisOf, rowsOf, waitIn } from "../src/model/timeline";

const run = (id: string, minute: number, status = "running", session = "ses_1") =>
  ({ id, status, session_id: session, created_at: new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString(), started_at: null, ended_at: null } as Run);
const span = (id: string, parent: string | null, start: number, end: number | null, kind: Span["kind"] = "model"): Span => ({
  id,
  parent_id: parent,
  kind,
  name: id,
  agent: "a",
  start_ms: start,
  end_ms: end,
  status: "ok",
});

test("a run keeps its place, a newer one is put where its time is", () => {
  const list = [run("c", 3), run("a", 1)];
  assert.deepEqual(withRun(list, run("b", 2), {}).map(({ id }) => id), ["c", "b", "a"]);
  assert.deepEqual(withRun(list, run("d", 4), {}).map(({ id }) => id), ["d", "c", "a"]);
  assert.deepEqual(withRun(list, run("c", 3, "failed"), {}).map(({ status }) => status), ["failed", "running"]);
  assert.deepEqual(withRun([], run("a", 1), {}).map(({ id }) => id), ["a"]);
});

test("a run that the filter does not want is left out, and goes when it changes", () => {
  const list = [run("b", 2), run("a", 1)];
  assert.deepEqual(withRun(list, run("b", 2, "completed"), { status: "running" }).map(({ id }) => id), ["a"]);
  assert.equal(withRun(list, run("c", 3, "completed"), { status: "running" }), list);
  assert.equal(withRun(list, run("c", 3, "running", "ses_2"), { session_id: "ses_1" }), list);
  assert.equal(withRun(list, run("older", 0), {}), list);
});

test("a run's time goes on until it ends, and has not begun in the queue", () => {
  const started = { ...run("a", 0), started_at: "2026-01-01T00:00:01Z" };
  assert.equal(durationOf(run("a", 0), Date.parse("2026-01-01T00:00:05Z")), null);
  assert.equal(durationOf(started, Date.parse("2026-01-01T00:00:05Z")), 4_000);
  assert.equal(durationOf({ ...started, ended_at: "2026-01-01T00:00:03Z" }, 0), 2_000);
});

test("rows are in the order of time, and know their depth in the tree", () => {
  const rows = rowsOf([span("run", null, 0, 9), span("late", "run", 5, 9), span("early", "run", 1, 2), span("deep", "early", 1, 2), span("orphan", "gone", 3, 4)]);
  assert.deepEqual(rows.map(({ span: { id }, depth }) => [id, depth]), [["run", 0], ["early", 1], ["deep", 2], ["orphan", 0], ["late", 1]]);
});

test("a question stands before the call that it is about, and is no part of the call's own time", () => {
  const call = { ...span("call", "run", 3, 103), kind: "tool" as const };
  const asked = span("asked", "call", 2, 83, "approval");
  assert.deepEqual(rowsOf([span("run", null, 0, 110), call, asked]).map(({ span: { id }, depth }) => [id, depth]), [["run", 0], ["asked", 1], ["call", 1]]);
  assert.equal(waitIn(call, [span("run", null, 0, 110), call, asked], 110), 80);
  assert.equal(waitIn(asked, [call, asked], 110), 0);
});

test("without waits the axis is even and its ticks are round", () => {
  const axis = axisOf([span("a", null, 0, 4_700)], 4_700);
  assert.deepEqual(axis.folds, []);
  assert.deepEqual(axis.ticks, [0, 1_000, 2_000, 3_000, 4_000]);
  assert.equal(axis.place(2_350), 0.5);
});

test("a long wait is folded, and what was before and after it keeps its order and room", () => {
  const axis = axisOf([span("a", null, 0, 5_000), span("wait", null, 5_000, 3_605_000, "approval"), span("b", null, 3_605_000, 3_610_000)], 3_610_000);
  assert.deepEqual(axis.folds, [{ from: 5_000, to: 3_605_000 }]);
  assert.ok(axis.place(5_000) > 0.4 && axis.place(5_000) < 0.5);
  assert.ok(axis.place(3_605_000) > axis.place(5_000) && axis.place(3_605_000) < 0.6);
  assert.ok(Math.abs(axis.place(3_610_000) - 1) < 1e-9);
  assert.ok(axis.ticks.every((tick) => tick <= 5_000 || tick >= 3_605_000));
  assert.ok(axis.ticks.some((tick) => tick > 3_605_000));
  assert.ok(axis.place(3_605_000) - axis.place(5_000) > 0.1);
});

test("a run of no length has a place for everything", () => {
  const axis = axisOf([], 0);
  assert.equal(axis.place(0), 0);
  assert.ok(Number.isFinite(axis.place(5)));
});

test("a run is called like its question, in one line", () => {
  assert.equal(titleOf({ ...run("a", 0), input: " What\n\tnow? " }), "What now?");
  assert.equal(titleOf({ ...run("a", 0), input: " " }), null);
  assert.equal(titleOf({ ...run("a", 0), input: "a".repeat(200) }), `${"a".repeat(200)}…`);
  assert.equal(titleOf(run("a", 0)), null);
});

test("a rehearsal has no tokens", () => {
  const usage = { input_tokens: 3, output_tokens: 4 };
  assert.equal(tokensOf({ usage, rehearsal: false }), 7);
  assert.equal(tokensOf({ usage, rehearsal: true }), null);
});

test("who somebody is, and that the reader is nobody else", () => {
  assert.equal(otherThan("usr_1", "usr_1", "x"), null);
  assert.equal(otherThan("usr_1", undefined, null), null);
  assert.deepEqual(otherThan("usr_1", "usr_2", "member@example.com"), { kind: "person", name: "member@example.com" });
  assert.equal(otherThan("usr_1", "usr_2", null)?.kind, "unknown");
  assert.equal(otherThan("usr_1", "usr_local", null)?.kind, "local");
  assert.deepEqual(otherThan("usr_1", "key_1", "nightly"), { kind: "key", name: "nightly" });
});

test("the run of a member stands whole under the call that asked for it, also when another began in between", () => {
  const below = (id: string, parent: string, start: number, run: string, kind: Span["kind"] = "model") => ({ ...span(id, parent, start, start + 1, kind), run_id: run });
  const spans = [
    span("top", null, 0, 9, "run"), span("ask-a", "top", 1, 8, "tool"), span("ask-b", "top", 1, 9, "tool"), span("last", "top", 9, 9),
    below("a", "ask-a", 1, "a", "run"), below("a-model", "a", 4, "a"), below("b", "ask-b", 1, "b", "run"), below("b-model", "b", 2, "b"),
  ];
  assert.deepEqual(rowsOf(spans).map(({ span: { id }, depth }) => [id, depth]), [
    ["top", 0], ["ask-a", 1], ["a", 2], ["a-model", 3], ["ask-b", 1], ["b", 2], ["b-model", 3], ["last", 1],
  ]);
});

test("a run tells the kinds of tokens of which there were some", () => {
  const usage = { input_tokens: 900, output_tokens: 50, cached_tokens: 0, image_input_tokens: 258, reasoning_tokens: 40 };
  assert.deepEqual(kindsOf(usage), [["reasoning", 40], ["image_input", 258]]);
  assert.deepEqual(kindsOf(undefined), []);
});

test("the work of a graph's node is called by the node, with who does it", () => {
  const words = { t: (key: string) => key } as unknown as Words;
  const work = (name: string, detail: Span["detail"]) => nameOf({ ...span(name, null, 0, 1, "tool"), detail }, words);
  assert.equal(work("delegate", { node: "draft", params: { member: "writer", task: "x" } }), "draft (writer)");
  assert.equal(work("delegate", { node: "review", params: { member: "review", task: "x" } }), "review");
  assert.equal(work("search_facts", { node: "facts", params: {} }), "facts (search_facts)");
  assert.equal(work("delegate", { params: { member: "writer" } }), "delegate");
});
