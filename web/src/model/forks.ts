import type { ForkableCall, ForkChanges, ForkGround } from "../api/forks";
import type { ForkedChanges } from "../api/types";
import type { Json } from "./events";
import { isSame } from "./values";

/** What a person wrote in place of what was; absent where nothing was touched. */
export interface ForkEdits {
  content?: string;
  instructions?: string;
  model?: string;
  /** By call. */
  results: Readonly<Record<string, string>>;
}

export const noEdits: ForkEdits = { results: {} };

/** A result as it can be edited: words as they are, anything else as JSON; nothing where there is none. */
export const resultText = ({ success, data }: Pick<ForkableCall, "success" | "data">): string => (success ? asText(data ?? null) : "");

export const asText = (value: Json | undefined): string => (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value, null, 2));

/** The result that a text says. What was JSON stays JSON; what begins like JSON is meant as such; other words are words. */
function resultOf(call: ForkableCall, text: string): { value: Json } | { fault: "json" } {
  if (call.success && typeof call.data === "string") return { value: text };
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    const isJson = (call.success && call.data !== undefined) || /^\s*[[{"]/.test(text) || text.trim() === "";
    return isJson ? { fault: "json" } : { value: text };
  }
}

export interface ForkWish {
  changes: ForkChanges;
  /** Calls whose new results cannot be read. */
  faults: string[];
}

/** What is really different from what was: only that is sent. */
export function forkWish(ground: ForkGround, edits: ForkEdits): ForkWish {
  const changes: ForkChanges = {};
  const faults: string[] = [];
  for (const name of ["content", "instructions", "model"] as const) {
    const text = edits[name];
    if (text !== undefined && ground[name] !== undefined && text !== ground[name]) changes[name] = text;
  }
  for (const call of ground.tool_results) {
    const text = edits.results[call.call_id];
    if (text === undefined || text === resultText(call)) continue;
    const read = resultOf(call, text);
    if ("fault" in read) faults.push(call.call_id);
    else if (!call.success || !isSame(read.value, call.data ?? null)) (changes.tool_results ??= {})[call.call_id] = read.value;
  }
  return { changes, faults };
}

export const isNothing = (changes: ForkChanges): boolean => Object.keys(changes).length === 0;

/** Lines of texts that are shown without being asked for. */
const fewLines = 8;

/** Whether all that was changed fits beside the conversation. */
export function isShort({ content, instructions, model, tool_results = [] }: ForkedChanges): boolean {
  const texts = [content, instructions, model].flatMap((change) => (change ? [change.was ?? "", change.now] : []));
  const results = tool_results.flatMap(({ was, now }) => [asText(was), asText(now)]);
  return [...texts, ...results].reduce((sum, text) => sum + text.split("\n").length + Math.floor(text.length / 120), 0) <= fewLines;
}
