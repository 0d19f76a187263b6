import type { Json, JsonObject } from "./events";

/** A field of a form, as a JSON Schema describes it. What a form cannot show is edited as JSON. */
export interface SchemaField {
  name: string;
  title: string | null;
  description: string | null;
  kind: "text" | "long" | "email" | "url" | "date" | "integer" | "number" | "boolean" | "choice" | "choices" | "lines" | "json";
  choices: string[];
  isRequired: boolean;
  fallback: Json | undefined;
  minimum: number | undefined;
  maximum: number | undefined;
}

const isObject = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);
const text = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);
const number = (value: Json | undefined): number | undefined => (typeof value === "number" ? value : undefined);
const texts = (value: Json | undefined): string[] | null =>
  Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === "string") ? (value as string[]) : null;

export function fieldsFrom(schema: JsonObject): SchemaField[] {
  const required = texts(schema.required) ?? [];
  const properties = isObject(schema.properties) ? schema.properties : {};
  return Object.entries(properties).flatMap(([name, property]) => (isObject(property) ? [fieldFrom(name, property, required.includes(name))] : []));
}

/** The fields of a question: all are asked for that have no default and do not say `required: false`; what has no type is text. */
export function questionFields(fields: JsonObject): SchemaField[] {
  const properties = Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name, isObject(field) && field.type === undefined ? { ...field, type: "string" } : field]),
  );
  const asked = Object.entries(properties).filter(([, field]) => isObject(field) && field.default === undefined && field.required !== false);
  return fieldsFrom({ properties, required: asked.map(([name]) => name) });
}

function fieldFrom(name: string, property: JsonObject, isRequired: boolean): SchemaField {
  const items = isObject(property.items) ? property.items : {};
  return {
    name,
    title: text(property.title),
    description: text(property.description),
    kind: kindFrom(property, items),
    choices: texts(property.enum) ?? texts(items.enum) ?? [],
    isRequired,
    fallback: property.default,
    minimum: number(property.minimum),
    maximum: number(property.maximum),
  };
}

function kindFrom(property: JsonObject, items: JsonObject): SchemaField["kind"] {
  if (texts(property.enum)) return "choice";
  switch (property.type) {
    case "string":
      return stringKind(property);
    case "integer":
    case "number":
    case "boolean":
      return property.type;
    case "array":
      return texts(items.enum) ? "choices" : items.type === "string" ? "lines" : "json";
    default:
      return "json";
  }
}

function stringKind(property: JsonObject): SchemaField["kind"] {
  if (property.format === "email" || property.format === "date") return property.format;
  if (property.format === "uri" || property.format === "url") return "url";
  return (number(property.maxLength) ?? 0) > 200 ? "long" : "text";
}

/** What stands in a form: text for most kinds, the picked ones for `choices`. */
export type Entry = string | string[];

export function entryOf(field: SchemaField, value: Json | undefined): Entry {
  if (field.kind === "choices") return texts(value) ?? [];
  if (value === undefined || value === null) return "";
  if (field.kind === "lines") return (texts(value) ?? []).join("\n");
  if (field.kind === "json") return JSON.stringify(value, null, 2);
  return String(value);
}

/** The value that an entry means; null says that the field is not set. */
export function valueOf(field: SchemaField, entry: Entry): { value: Json } | { fault: "number" | "json" } {
  if (Array.isArray(entry)) return { value: entry.length === 0 ? null : entry };
  if (field.kind === "boolean") return { value: entry === "" ? null : entry === "true" };
  if (entry.trim() === "") return { value: null };
  if (field.kind === "integer" || field.kind === "number") {
    const value = Number(entry);
    return Number.isFinite(value) ? { value } : { fault: "number" };
  }
  if (field.kind === "lines") return { value: entry.split("\n").map((line) => line.trim()).filter(Boolean) };
  if (field.kind !== "json") return { value: entry };
  try {
    return { value: JSON.parse(entry) as Json };
  } catch {
    return { fault: "json" };
  }
}
