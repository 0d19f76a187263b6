import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../src/model/events";
import { entryOf, fieldsFrom, questionFields, SchemaField, valueOf } from "../src/model/schema";

const kindOf = (property: JsonObject): SchemaField["kind"] => {
  const [field] = fieldsFrom({ type: "object", properties: { x: property } });
  assert.ok(field);
  return field.kind;
};

test("each type of a schema gets the field that fits it", () => {
  assert.equal(kindOf({ type: "string" }), "text");
  assert.equal(kindOf({ type: "string", maxLength: 1000 }), "long");
  assert.equal(kindOf({ type: "string", format: "email" }), "email");
  assert.equal(kindOf({ type: "string", format: "uri" }), "url");
  assert.equal(kindOf({ type: "string", format: "date" }), "date");
  assert.equal(kindOf({ type: "string", enum: ["a", "b"] }), "choice");
  assert.equal(kindOf({ type: "integer" }), "integer");
  assert.equal(kindOf({ type: "boolean" }), "boolean");
  assert.equal(kindOf({ type: "array", items: { type: "string", enum: ["a"] } }), "choices");
  assert.equal(kindOf({ type: "array", items: { type: "string" } }), "lines");
  assert.equal(kindOf({ type: "array", items: { type: "number" } }), "json");
  assert.equal(kindOf({ enum: [1, 2] }), "json");
  assert.equal(kindOf({}), "json");
});

test("fields keep the order of the schema, and know what is required and the default", () => {
  const fields = fieldsFrom({ required: ["b"], properties: { b: { type: "string", title: "Bee" }, a: { type: "integer", default: 3 }, odd: true } });
  assert.deepEqual(fields.map(({ name, title, isRequired, fallback }) => [name, title, isRequired, fallback]), [
    ["b", "Bee", true, undefined],
    ["a", null, false, 3],
  ]);
  assert.deepEqual(fieldsFrom({}), []);
});

test("a value survives its field", () => {
  const cases: [JsonObject, JsonObject[string]][] = [
    [{ type: "string" }, "text"],
    [{ type: "number" }, -2.5],
    [{ type: "boolean" }, false],
    [{ type: "array", items: { type: "string", enum: ["a", "b"] } }, ["b"]],
    [{ type: "array", items: { type: "string" } }, ["one", "two"]],
    [{ type: "object" }, { a: [1, null] }],
  ];
  for (const [property, value] of cases) {
    const [field] = fieldsFrom({ properties: { x: property } });
    assert.ok(field);
    assert.deepEqual(valueOf(field, entryOf(field, value)), { value });
    assert.deepEqual(valueOf(field, entryOf(field, undefined)), { value: null });
  }
});

test("what cannot be read is named", () => {
  const [number, json] = fieldsFrom({ properties: { n: { type: "number" }, j: { type: "object" } } });
  assert.ok(number && json);
  assert.deepEqual(valueOf(number, "twelve"), { fault: "number" });
  assert.deepEqual(valueOf(json, "{"), { fault: "json" });
});

test("of a question everything is asked for but what has a default or says that it may be left empty", () => {
  const fields = questionFields({ channel: { enum: ["blog"] }, count: { type: "integer", default: 3 }, memo: { type: "string", required: false }, name: { required: true } });
  assert.deepEqual(fields.map(({ name, isRequired }) => [name, isRequired]), [["channel", true], ["count", false], ["memo", false], ["name", true]]);
});
