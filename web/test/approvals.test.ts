import assert from "node:assert/strict";
import { test } from "node:test";
import type { Approval } from "../src/api/types";
import { byUrgency, isOpen, withApproval } from "../src/model/approvals";
import { changesIn, kindOf, parseValue, parseValues, textOf } from "../src/model/values";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 19, 18, minute)).toISOString();
const asked = (id: string, reason: string, minute: number) => ({ id, reason, state: "requested", requested_at: at(minute), expires_at: at(50) } as Approval);

test("what may have been done already is first, then what waited longest", () => {
  const list = [asked("a", "policy", 1), asked("b", "critical_tool", 9), asked("c", "critical_tool", 3), asked("d", "uncertain_effect", 20)];
  assert.deepEqual(list.sort(byUrgency).map((item) => item.id), ["d", "c", "b", "a"]);
});

test("an approval is open until it is decided or its time is over", () => {
  const approval = asked("a", "policy", 1);
  assert.ok(isOpen(approval, Date.parse(at(49))));
  assert.ok(!isOpen(approval, Date.parse(at(50))));
  assert.ok(!isOpen({ ...approval, state: "approved" }, Date.parse(at(2))));
  assert.ok(isOpen({ ...approval, expires_at: null }, Date.parse(at(59))));
});

test("a changed approval keeps its place, a new one is put first", () => {
  const list = [asked("a", "policy", 1), asked("b", "policy", 2)];
  assert.deepEqual(withApproval(list, { ...asked("b", "policy", 2), state: "rejected" }).map((item) => item.state), ["requested", "rejected"]);
  assert.deepEqual(withApproval(list, asked("c", "policy", 3)).map((item) => item.id), ["c", "a", "b"]);
});

test("every kind of value survives its field", () => {
  for (const value of ["text", "two\nlines", "", 12.5, -0.001, true, false, null, { a: [1, { b: null }] }, ["x"]]) {
    assert.deepEqual(parseValue(kindOf(value), textOf(value)), { value });
  }
});

test("wrong numbers and wrong JSON are named, the rest is kept", () => {
  const { values, problems } = parseValues({ n: 1, j: { a: 1 }, s: "x", same: 4 }, { n: "", j: "{", s: "y" });
  assert.deepEqual(problems, { n: "number", j: "json" });
  assert.deepEqual(values, { s: "y", same: 4 });
  assert.deepEqual(parseValue("number", "Infinity"), { problem: "number" });
});

test("before and after are compared field by field, and only when both are there", () => {
  assert.deepEqual(changesIn({ before: { a: 1, b: 2 }, after: { a: 3, c: 4 } }), [
    { name: "a", before: 1, after: 3 },
    { name: "b", before: 2, after: undefined },
    { name: "c", before: undefined, after: 4 },
  ]);
  assert.equal(changesIn({ before: { a: 1 } }), null);
  assert.equal(changesIn({ before: [1], after: { a: 1 } }), null);
});
