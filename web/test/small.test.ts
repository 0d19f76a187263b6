import assert from "node:assert/strict";
import { test } from "node:test";
import { delayBefore } from "../src/api/backoff";
import { formatsOf } from "../src/i18n/formats";
import * as approvals from "../src/i18n/approvals";
import * as chat from "../src/i18n/chat";
import * as common from "../src/i18n/common";
import * as login from "../src/i18n/login";
import * as model from "../src/i18n/model";
import * as runs from "../src/i18n/runs";
import * as settings from "../src/i18n/settings";
import * as shell from "../src/i18n/shell";
import { changedParams, compare, fieldsOf, readField } from "../src/model/values";

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, " ");

test("both languages fill the same places", () => {
  for (const { en, pt } of [approvals, chat, common, login, model, runs, settings, shell]) {
    for (const [key, text] of Object.entries(en)) {
      const places = (words: string) => (words.match(/\{\w+\}/g) ?? []).sort().join();
      assert.equal(places((pt as Record<string, string>)[key]), places(text), key);
    }
  }
});

test("numbers, money and times are written as each language writes them", () => {
  const [en, pt] = [formatsOf("en"), formatsOf("pt-BR")];
  assert.equal(plain(en.duration(412)), "412 ms");
  assert.equal(plain(en.duration(1_240)), "1.2 s");
  assert.equal(plain(pt.duration(1_240)), "1,2 s");
  assert.equal(plain(en.duration(125_000)), "2 min 5 s");
  assert.equal(plain(pt.duration(3_720_000)), "1 h 2 min");
  assert.equal(en.usd(0.0184), "$0.018");
  assert.equal(plain(pt.usd(1_234.5)), "US$ 1.234,50");
  assert.equal(plain(en.bytes(18_400)), "18 KB");
  assert.equal(plain(pt.bytes(2_480_000)), "2,5 MB");
});

test("tries to connect come slower each time, and never slower than two seconds", () => {
  const delays = [1, 2, 3, 4, 5, 6, 7, 8, 20].map((attempt) => delayBefore(attempt, 1));
  assert.deepEqual(delays.slice(0, 4), [250, 500, 1_000, 2_000]);
  assert.equal(delays[8], 2_000);
  assert.equal(delayBefore(1, 0), 150);
});

const params = { name: "Remarketing", budget: 87.5, notify: true, labels: ["a"], note: "" };

test("arguments become fields of their kind", () => {
  assert.deepEqual(fieldsOf(params).map((field) => field.kind), ["text", "number", "yesno", "json", "text"]);
  assert.equal(fieldsOf({ text: "x".repeat(61) })[0].kind, "long");
});

test("fields that nobody changed change nothing", () => {
  assert.equal(changedParams(params, fieldsOf(params)), null);
});

test("a changed field gives all arguments, in their kinds", () => {
  const fields = fieldsOf(params).map((field) => (field.name === "budget" ? { ...field, text: "12" } : field));
  assert.deepEqual(changedParams(params, fields), { ...params, budget: 12 });
});

test("a number that is none and JSON that is none are faults", () => {
  assert.deepEqual(readField({ name: "n", kind: "number", text: "12,5,0" }), { fault: "number" });
  assert.deepEqual(readField({ name: "n", kind: "number", text: " " }), { fault: "number" });
  assert.deepEqual(readField({ name: "j", kind: "json", text: "{" }), { fault: "json" });
});

test("an argument that a fact has a value for is shown before and after, where they differ", () => {
  const params = { campaign_id: "7", daily_budget: 120, reason: "sales" };
  const facts = { campaign: { campaign_id: "7", daily_budget: 50, name: "Winter" } };
  assert.deepEqual(compare(params, facts), {
    changes: [{ name: "daily_budget", before: 50, after: 120 }],
    params: { campaign_id: "7", reason: "sales" },
    facts: { name: "Winter" },
  });
  assert.deepEqual(compare({ daily_budget: 50 }, facts).changes, []);
  assert.deepEqual(compare(params, { limit: 3 }).facts, { limit: 3 });
  const two = { metrics: { ctr: 2.1 }, active: { campaigns: [1, 2] } };
  assert.deepEqual(compare(params, two).facts, { "metrics ctr": 2.1, "active campaigns": [1, 2] });
  assert.deepEqual(compare(params), { changes: [], params, facts: {} });
});

test("a number is read with a comma as with a point, and shown as the reader writes it", () => {
  const read = (text: string, decimal: string) => readField({ name: "amount", kind: "number", text, decimal });
  assert.equal(fieldsOf({ amount: 125.5 }, ",")[0].text, "125,5");
  for (const text of ["125,5", "125.5", " 125,50 "]) assert.deepEqual(read(text, ","), { value: 125.5 });
  for (const text of ["1,2,3", "1.200,50", ",", "1.200"]) assert.ok("fault" in read(text, ","));
  assert.ok("fault" in read("1,200", "."), "might be a thousand and two hundred");
  assert.deepEqual(read("1.200", "."), { value: 1.2 });
});
