import "../../i18n/trace";
import type { Span } from "../../api/types";
import type { Words } from "../../i18n/words";
import { displayName } from "../Avatar";
import type { IconName } from "../Icon";

export const kindIcon: Record<Span["kind"], IconName> = { run: "runs", queue: "clock", model: "bolt", tool: "tool", approval: "shield", summary: "file" };

/** What a span is called in front of people. */
export function nameOf(span: Span, { t }: Words): string {
  if (span.kind === "queue") return t("trace.kind.queue");
  if (span.kind === "model" && span.detail?.rehearsal === true) return t("trace.script");
  if (span.kind === "model" && /^step \d+$/.test(span.name)) return t("trace.model");
  if (span.kind === "run") return displayName(span.agent ?? span.name);
  if (span.kind === "approval") return t("trace.asks", { tool: span.name });
  if (span.kind === "summary") return t(span.detail?.outcome === "left_out" ? "trace.leftOut" : "trace.summary");
  return workOf(span);
}

/** A node of a graph goes by its own name, with who or what does its work. */
function workOf({ name, detail }: Span): string {
  const node = detail?.node;
  if (typeof node !== "string") return name;
  const params = detail?.params;
  const member = name === "delegate" && params && typeof params === "object" && !Array.isArray(params) ? params.member : name;
  return typeof member === "string" && member !== node ? `${node} (${member})` : node;
}

export const lengthOf = (span: Span, end: number): number => Math.max(0, (span.end_ms ?? end) - span.start_ms);

/** All of a span in one sentence, for whoever does not see its bar. */
export function sentenceOf(span: Span, end: number, wait: number, words: Words): string {
  const { t, format } = words;
  const parts = [nameOf(span, words), t(`trace.kind.${span.kind}`), span.agent ? displayName(span.agent) : ""];
  const time = t("trace.fromFor", { from: format.duration(span.start_ms), time: format.duration(lengthOf(span, end) - wait) });
  return [...parts.filter((part, index) => part && parts.indexOf(part) === index), time, t(`trace.status.${span.status}`)].join(", ");
}
