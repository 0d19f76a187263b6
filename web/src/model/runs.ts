import type { Run, Span } from "../api/types";
import type { RunFilter } from "../api/runs";

export const runStatuses = ["running", "queued", "pending_approval", "paused", "waiting", "completed", "failed", "cancelled"] as const;
export type RunStatus = typeof runStatuses[number];

export const knownStatus = (word: string | null): RunStatus | null => runStatuses.find((status) => status === word) ?? null;

export const isEnded = (run: { status: string }): boolean => ["completed", "failed", "cancelled"].includes(run.status);
/** Works at this moment, or will as soon as it is its turn. */
export const isActive = (run: { status: string }): boolean => run.status === "running" || run.status === "queued";

/** How a status looks: the colour of its dot. */
export function lookOf(status: string): "good" | "bad" | "warn" | "live" | "" {
  if (status === "completed") return "good";
  if (status === "failed") return "bad";
  if (status === "running") return "live";
  return status === "pending_approval" || status === "waiting" ? "warn" : "";
}

/** From the first work to the end, or to now; null before it began. */
export function durationOf(run: Run, now: number): number | null {
  if (run.started_at === null) return null;
  const end = run.ended_at === null ? now : Date.parse(run.ended_at);
  return Math.max(0, end - Date.parse(run.started_at));
}

/** In rehearsal nothing was counted: its numbers are guesses about a model that was not asked. */
export const tokensOf = ({ usage, rehearsal }: Pick<Run, "usage" | "rehearsal">): number | null => {
  if (rehearsal) return null;
  const sum = (usage?.input_tokens ?? 0) + (usage?.output_tokens ?? 0);
  return sum > 0 ? sum : null;
};

/** Kinds of tokens that are told apart where there were some, in the order in which they are shown. */
export const tokenKinds = ["cached", "reasoning", "image_input", "audio_input", "video_input", "image_output", "audio_output"] as const;
export type TokenKind = typeof tokenKinds[number];

/** The kinds of which there were some, with how many. */
export const kindsOf = (usage: Run["usage"] | undefined): [TokenKind, number][] =>
  tokenKinds.map((kind): [TokenKind, number] => [kind, usage?.[`${kind}_tokens`] ?? 0]).filter(([, count]) => count > 0);

/** What a run cost; in rehearsal no model was called, whatever the price list says. */
export const costOf = (run: Run): number | null => (run.rehearsal ? null : run.cost_usd);

/** Tokens were counted, and nobody knows what they cost. */
export const hasNoPrice = (run: Run): boolean => costOf(run) === null && tokensOf(run) !== null;

/** The steps of a rehearsal: a script spoke, so no model is named, and nothing was counted or paid. */
export const rehearsed = (spans: Span[]): Span[] =>
  spans.map(({ detail, ...span }) => {
    const { cost_usd, input_tokens, output_tokens, cached_tokens, model, provider, ...rest } = detail ?? {};
    return { ...span, detail: { ...rest, rehearsal: true } };
  });

/** The server's trace says of a run only that it waits; the run itself says that somebody paused it. */
export const pausedIn = (spans: Span[], { id, status }: Pick<Run, "id" | "status">): Span[] =>
  status !== "paused" ? spans : spans.map((span) => (span.id === id && span.status === "waiting" ? { ...span, status: "paused" } : span));

/** As far as the server tells what was asked. */
const longestInput = 200;

/** What was asked, in one line; null where the run does not say. */
export function titleOf({ input }: Run): string | null {
  const line = (input ?? "").replace(/\s+/g, " ").trim();
  return line === "" ? null : [...(input ?? "")].length < longestInput ? line : `${line}…`;
}

/** A run as it is now, in its place among the newest first, or left out when the filter does not want it. */
export function withRun(list: Run[], run: Run, filter: RunFilter): Run[] {
  const others = list.filter((item) => item.id !== run.id);
  const isKnown = others.length < list.length;
  if (filter.session_id && run.session_id !== filter.session_id) return list;
  if (filter.status && run.status !== filter.status) return isKnown ? others : list;
  if (isKnown) return list.map((item) => (item.id === run.id ? run : item));
  const at = others.findIndex((item) => item.created_at < run.created_at);
  if (at === -1 && list.length > 0) return list;
  return [...others.slice(0, Math.max(0, at)), run, ...others.slice(Math.max(0, at))];
}
