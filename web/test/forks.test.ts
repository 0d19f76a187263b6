import assert from "node:assert/strict";
import { test } from "node:test";
import type { ForkGround } from "../src/api/forks";
import { forkWish, isShort, noEdits, resultText } from "../src/model/forks";
import { diffOf, folded } from "../src/model/lines";

const text = (was: string, now: string) => diffOf(was, now).map(({ op, text }) => op + text);

test("a difference keeps what both texts have, in order, and leaves nothing out", () => {
  assert.deepEqual(text("a\nb\nc", "a\nx\nc"), [" a", "-b", "+x", " c"]);
  assert.deepEqual(text("a\nb", "b\nc"), ["-a", " b", "+c"]);
  assert.deepEqual(text("", "new"), ["+new"]);
  assert.deepEqual(text("old\n", ""), ["-old"]);
  assert.deepEqual(text("same\ntwice\n", "same\ntwice"), [" same", " twice"]);
  const [was, now] = ["a\na\nb\nc\na", "a\nb\na\nd\na"];
  const lines = diffOf(was, now);
  assert.equal(lines.filter(({ op }) => op !== "+").map((line) => line.text).join("\n"), was);
  assert.equal(lines.filter(({ op }) => op !== "-").map((line) => line.text).join("\n"), now);
});

test("a very long difference is told as one text in place of the other", () => {
  const many = (sign: string) => Array.from({ length: 1_500 }, (_, index) => `${sign}${index}`).join("\n");
  const lines = diffOf(`head\n${many("a")}`, `head\n${many("b")}`);
  assert.equal(lines.length, 3_001);
  assert.deepEqual(lines.slice(0, 2).map(({ op }) => op), [" ", "-"]);
});

test("lines far from any change are folded into one sign", () => {
  const was = Array.from({ length: 20 }, (_, index) => `${index}`).join("\n");
  const lines = folded(diffOf(was, was.replace("10", "ten")), 1);
  assert.deepEqual(lines.map((line) => (line ? line.op + line.text : "…")), ["…", " 9", "-10", "+ten", " 11", "…"]);
});

const ground: ForkGround = {
  from_event: 9,
  goes_on: true,
  content: "go",
  instructions: "Be kind.",
  model: "default",
  models: ["calm", "default"],
  tool_results: [
    { call_id: "call_json", tool: "look", params: {}, success: true, data: { a: 1 } },
    { call_id: "call_text", tool: "say", params: {}, success: true, data: "12" },
    { call_id: "call_open", tool: "ask", params: {}, success: null },
    { call_id: "call_bad", tool: "pay", params: {}, success: false, error: "no" },
  ],
};

test("only what is really different is sent", () => {
  assert.deepEqual(forkWish(ground, noEdits), { changes: {}, faults: [] });
  const same = { content: "go", model: "default", results: { call_json: '{"a":1}', call_text: "12", call_open: "" } };
  assert.deepEqual(forkWish(ground, same), { changes: {}, faults: [] });
  assert.deepEqual(forkWish(ground, { content: "stop", model: "calm", results: {} }).changes, { content: "stop", model: "calm" });
  const member: ForkGround = { ...ground, instructions: undefined, model: undefined };
  assert.deepEqual(forkWish(member, { instructions: "Be bad.", model: "calm", results: {} }).changes, {}, "not what may not be changed");
});

test("a result stays what it was: words stay words, JSON stays JSON, and what cannot be read is named", () => {
  assert.deepEqual(ground.tool_results.map(resultText), ['{\n  "a": 1\n}', "12", "", ""]);
  const read = (results: Record<string, string>) => forkWish(ground, { results });
  assert.deepEqual(read({ call_text: "13" }).changes.tool_results, { call_text: "13" });
  assert.deepEqual(read({ call_json: "[2]", call_open: "half past nine", call_bad: "null" }).changes.tool_results, {
    call_json: [2],
    call_open: "half past nine",
    call_bad: null,
  });
  assert.deepEqual(read({ call_json: "half past nine", call_open: "{ a", call_bad: "7" }).faults, ["call_json", "call_open"]);
  assert.deepEqual(read({ call_gone: "1" }), { changes: {}, faults: [] }, "a call that the moment does not have");
});

test("a few changed lines are short, a long prompt is not", () => {
  assert.ok(isShort({ content: { was: "a", now: "b" }, model: { was: "x", now: "y" } }));
  assert.ok(!isShort({ instructions: { was: "a\n".repeat(20), now: "b" } }));
  assert.ok(!isShort({ content: { was: "a", now: "b".repeat(1_000) } }));
});
