import type { Json, JsonObject } from "./events";

/** How a value of a call is edited: what is nested is written as JSON. */
export type ValueKind = "text" | "long" | "number" | "boolean" | "json";

export function kindOf(value: Json): ValueKind {
  if (typeof value === "string") return value.length > 60 || value.includes("\n") ? "long" : "text";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  return "json";
}

/** The words in a field for a value, and back. */
export function textOf(value: Json): string {
  if (typeof value === "string") return value;
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

export type Parsed = { value: Json } | { problem: "number" | "json" };

export function parseValue(kind: ValueKind, text: string): Parsed {
  if (kind === "text" || kind === "long") return { value: text };
  if (kind === "boolean") return { value: text === "true" };
  if (kind === "number") {
    const number = text.trim() === "" ? NaN : Number(text);
    return Number.isFinite(number) ? { value: number } : { problem: "number" };
  }
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return { problem: "json" };
  }
}

/** All fields together: the edited values, or what is wrong with which. */
export function parseValues(original: JsonObject, texts: Record<string, string>): { values: JsonObject; problems: Record<string, "number" | "json"> } {
  const values: JsonObject = {};
  const problems: Record<string, "number" | "json"> = {};
  for (const [name, before] of Object.entries(original)) {
    const text = texts[name];
    const parsed = text === undefined ? { value: before } : parseValue(kindOf(before), text);
    if ("problem" in parsed) problems[name] = parsed.problem;
    else values[name] = parsed.value;
  }
  return { values, problems };
}

export const isSame = (one: Json, other: Json): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The values that were changed, as they are now. */
export function changedValues(before: JsonObject, after: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => !isSame(before[name] ?? null, value)));
}

/** What was and what will be, field by field; null when the facts do not say it. */
export interface Change {
  name: string;
  before: Json | undefined;
  after: Json | undefined;
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

export function changesIn(facts: JsonObject): Change[] | null {
  const { before, after } = facts;
  if (!isObject(before) || !isObject(after)) return null;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((name) => ({ name, before: before[name], after: after[name] }));
}
