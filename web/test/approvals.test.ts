import assert from "node:assert/strict";
import { test } from "node:test";
import type { Approval } from "../src/api/types";
import { byUrgency, changedValues, isOpen, withApproval } from "../src/model/approvals";

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

test("only the values that were changed are told", () => {
  assert.deepEqual(changedValues({ a: 1, b: { c: [1] }, d: "x" }, { a: 1, b: { c: [2] }, d: "x", e: true }), { b: { c: [2] }, e: true });
});
