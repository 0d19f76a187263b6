import assert from "node:assert/strict";
import { test } from "node:test";
import { byAmount, dayBefore, everyDay, hitShare, scaleFor, today } from "../src/model/usage";

const figures = (calls: number, cost: number, hits = 0) => ({ calls, cache_hits: hits, input_tokens: calls, output_tokens: 0, cost_usd: cost, saved_usd: 0 });

test("each day of a report has a line, over the end of a month and a leap day", () => {
  const lines = everyDay({ from: "2028-02-27", to: "2028-03-02", data: [{ day: "2028-02-29", ...figures(3, 1) }] });
  assert.deepEqual(lines.map(({ day, calls }) => [day, calls]), [["2028-02-27", 0], ["2028-02-28", 0], ["2028-02-29", 3], ["2028-03-01", 0], ["2028-03-02", 0]]);
});

test("a period begins so many days before, also in another year", () => {
  assert.equal(dayBefore("2026-01-03", 6), "2025-12-28");
  assert.equal(today(new Date(2026, 0, 9, 23, 59)), "2026-01-09");
});

test("a scale has few round steps and reaches what is highest", () => {
  for (const most of [0.000012, 0.3, 1, 3.99, 4.01, 97, 1_234_567]) {
    const scale = scaleFor(most);
    assert.equal(scale[0], 0);
    assert.ok(scale[scale.length - 1] >= most, `${most}`);
    assert.ok(scale.length >= 3 && scale.length <= 6, `${most}: ${scale}`);
  }
  assert.deepEqual(scaleFor(4), [0, 1, 2, 3, 4]);
  assert.deepEqual(scaleFor(0), [0, 1]);
});

test("the share of a cache is of all questions, and none where nobody asked", () => {
  assert.equal(hitShare(figures(3, 1, 1)), 0.25);
  assert.equal(hitShare(figures(0, 0, 0)), null);
});

test("lines are in the order of what is measured", () => {
  const lines = [{ model: "a", ...figures(9, 1) }, { model: "b", ...figures(1, 2) }];
  assert.deepEqual(byAmount(lines, "cost").map(({ model }) => model), ["b", "a"]);
  assert.deepEqual(byAmount(lines, "tokens").map(({ model }) => model), ["a", "b"]);
});
