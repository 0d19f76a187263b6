import type { Json, JsonObject } from "./events";

/** One argument of a call as a field: what kind of field, and what stands in it. */
export interface Field {
  name: string;
  kind: "text" | "long" | "number" | "yesno" | "json";
  text: string;
  decimal?: string;
}

/** `decimal` is the sign before decimals in the reader's language; a form takes both. */
export function fieldsOf(params: JsonObject, decimal = "."): Field[] {
  return Object.entries(params).map(([name, value]) => fieldOf(name, value, decimal));
}

function fieldOf(name: string, value: Json, decimal: string): Field {
  if (typeof value === "boolean") return { name, kind: "yesno", text: String(value) };
  if (typeof value === "number") return { name, kind: "number", text: String(value).replace(".", decimal), decimal };
  if (typeof value !== "string") return { name, kind: "json", text: JSON.stringify(value, null, 2) };
  return { name, kind: value.length > 60 || value.includes("\n") ? "long" : "text", text: value };
}

export type FieldFault = "number" | "json";

/** The value that a field says, or what is wrong with it. */
export function readField({ kind, text, decimal = "." }: Field): { value: Json } | { fault: FieldFault } {
  switch (kind) {
    case "yesno":
      return { value: text === "true" };
    case "number":
      return readNumber(text, decimal);
    case "json":
      return readJson(text);
    default:
      return { value: text };
  }
}

/** Comma or point. What may be thousands in the reader's language, such as 1.200 in Portuguese, is asked for again. */
function readNumber(text: string, decimal: string): { value: Json } | { fault: FieldFault } {
  const trimmed = text.trim();
  const other = decimal === "," ? "." : ",";
  if (/^[+-]?\d{1,3}[.,]\d{3}$/.test(trimmed) && trimmed.includes(other)) return { fault: "number" };
  const plain = /^[+-]?\d*,\d+$/.test(trimmed) ? trimmed.replace(",", ".") : trimmed;
  return plain !== "" && Number.isFinite(Number(plain)) ? { value: Number(plain) } : { fault: "number" };
}

function readJson(text: string): { value: Json } | { fault: FieldFault } {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return { fault: "json" };
  }
}

/** The argument that a server's problem is about: `arguments.reason` and `arguments.lines[2]` name what they begin with. */
export const argumentOf = (field: string): string => /^arguments[./]([^./[]+)/.exec(field)?.[1] ?? "";

/** What the person changed, whole; null when nothing is different. */
export function changedParams(params: JsonObject, fields: Field[]): JsonObject | null {
  const entries = fields.map((field): [string, Json] => {
    const read = readField(field);
    return [field.name, "value" in read ? read.value : params[field.name]];
  });
  const changed = Object.fromEntries(entries);
  return JSON.stringify(changed) === JSON.stringify(params) ? null : changed;
}

export const isSame = (one: Json | undefined, other: Json | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);

export interface Difference {
  name: string;
  before: Json | undefined;
  after: Json | undefined;
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** What a call would do, beside what is known of it. */
export interface Comparison {
  /** Arguments that would change what a fact says now. */
  changes: Difference[];
  /** The other arguments. */
  params: JsonObject;
  /** What else was found out, one value each. */
  facts: JsonObject;
}

type Fact = [name: string, value: Json];

const isScalar = (value: Json | undefined): boolean => value !== undefined && value !== null && typeof value !== "object";

/** An argument that a fact has a value for under the same name says what would become of it. */
export function compare(params: JsonObject, facts: JsonObject = {}): Comparison {
  const objects = Object.values(facts).filter(isObject);
  const known = (name: string) => objects.find((fact) => isScalar(fact[name]))?.[name];
  const changes = Object.entries(params)
    .map(([name, after]) => ({ name, before: known(name), after }))
    .filter(({ before, after }) => before !== undefined && isScalar(after) && !isSame(before, after));
  const changed = new Set(changes.map(({ name }) => name));
  const others = Object.entries(params).filter(([name]) => !changed.has(name));
  const isTold = (name: string, value: Json) => changed.has(name) || isSame(params[name], value);
  const told = Object.entries(facts).flatMap(([fact, value]): Fact[] => {
    if (!isObject(value)) return [[fact, value]];
    return Object.entries(value)
      .filter(([name, member]) => !isTold(name, member))
      .map(([name, member]) => [objects.length > 1 ? `${fact} ${name}` : name, member]);
  });
  return { changes, params: Object.fromEntries(others), facts: Object.fromEntries(told) };
}
