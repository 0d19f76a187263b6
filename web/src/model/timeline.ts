import type { Span } from "../api/types";

/** A span with how deep it lies in the tree. */
export interface Row {
  span: Span;
  depth: number;
}

/** A run's own spans in their order, and under the call that handed work to another run, all that this one did. */
export function rowsOf(spans: Span[]): Row[] {
  const runs = new Map<string, Span[]>();
  for (const span of spans) runs.set(span.run_id ?? "", [...(runs.get(span.run_id ?? "") ?? []), span]);
  const callers = new Map<string, string[]>();
  for (const [run, own] of runs) {
    const caller = run === "" ? null : own.find(({ id }) => id === run)?.parent_id ?? null;
    if (caller !== null) callers.set(caller, [...(callers.get(caller) ?? []), run]);
  }
  const under = (run: string, depth: number): Row[] =>
    rowsOfRun(runs.get(run) ?? []).flatMap((row) => {
      const below = (callers.get(row.span.id) ?? []).flatMap((child) => under(child, depth + row.depth + 1));
      return [{ ...row, depth: depth + row.depth }, ...below];
    });
  return under("", 0);
}

/** By when they began; what began together is in the order of the tree. A question about a call stands before it, and no deeper. */
function rowsOfRun(spans: Span[]): Row[] {
  const ids = new Set(spans.map((span) => span.id));
  const below = new Map<string | null, Span[]>();
  for (const span of spans) {
    const parent = span.parent_id !== null && ids.has(span.parent_id) ? span.parent_id : null;
    below.set(parent, [...(below.get(parent) ?? []), span]);
  }
  const rows: Row[] = [];
  const visit = (parent: string | null, depth: number) => {
    for (const span of [...(below.get(parent) ?? [])].sort((one, other) => one.start_ms - other.start_ms)) {
      rows.push({ span, depth: span.kind === "approval" ? Math.max(0, depth - 1) : depth });
      visit(span.id, depth + 1);
    }
  };
  visit(null, 0);
  return rows.sort((one, other) => one.span.start_ms - other.span.start_ms);
}

/** Milliseconds of a span in which a person was waited for. */
export function waitIn(span: Span, spans: Span[], end: number): number {
  const waits = spans.filter(({ kind, parent_id }) => kind === "approval" && parent_id !== null);
  if (waits.length === 0) return 0;
  const parents = new Map(spans.map(({ id, parent_id }) => [id, parent_id]));
  const isBelow = (id: string | null | undefined): boolean => !!id && (id === span.id || isBelow(parents.get(id)));
  const [from, to] = [span.start_ms, span.end_ms ?? end];
  return waits
    .filter(({ parent_id }) => isBelow(parent_id))
    .reduce((sum, wait) => sum + Math.max(0, Math.min(to, wait.end_ms ?? end) - Math.max(from, wait.start_ms)), 0);
}

/** A stretch in which nobody worked, drawn short: a wait of hours would leave no room for the seconds of work. */
export interface Fold {
  from: number;
  to: number;
}

export interface Axis {
  /** The whole time, folded stretches included. */
  end: number;
  folds: Fold[];
  /** Where a moment lies: 0 at the beginning, 1 at the end. */
  place(ms: number): number;
  ticks: number[];
}

/** Wide enough to be seen as what it is; all together at most half. */
const foldShare = (count: number): number => Math.min(0.14, 0.5 / Math.max(1, count));
const foldAtLeast = 3_000;

export function axisOf(spans: Span[], end: number): Axis {
  const whole = Math.max(1, end);
  const folds = idle(spans, whole).filter(({ from, to }) => to - from >= foldAtLeast && (to - from) / whole > 0.2);
  const hidden = folds.reduce((sum, { from, to }) => sum + to - from, 0);
  const shown = Math.max(1, whole - hidden);
  const share = foldShare(folds.length);
  const room = 1 - folds.length * share;
  const place = (ms: number) => {
    let time = Math.min(Math.max(0, ms), whole);
    let extra = 0;
    for (const { from, to } of folds) {
      if (ms <= from) break;
      const inside = Math.min(ms, to) - from;
      time -= inside;
      extra += share * (inside / (to - from));
    }
    return (time / shown) * room + extra;
  };
  return { end: whole, folds, place, ticks: ticks(whole, shown, folds) };
}

/** The stretches in which no model and no tool was at work. */
function idle(spans: Span[], end: number): Fold[] {
  const busy = spans
    .filter(({ kind }) => kind === "model" || kind === "tool")
    .map((span) => ({ from: span.start_ms, to: span.end_ms ?? end }))
    .sort((one, other) => one.from - other.from);
  const gaps: Fold[] = [];
  let reached = 0;
  for (const { from, to } of [...busy, { from: end, to: end }]) {
    if (from > reached) gaps.push({ from: reached, to: from });
    reached = Math.max(reached, to);
  }
  return gaps;
}

const steps = [1, 2, 5].flatMap((digit) => [1, 10, 100, 1_000].map((power) => digit * power)).sort((one, other) => one - other);
const longSteps = [10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400].map((seconds) => seconds * 1_000);

/** Round moments, about five of them, before and after the folds. */
function ticks(end: number, shown: number, folds: Fold[]): number[] {
  const wanted = shown / 5;
  const step = [...steps, ...longSteps].find((candidate) => candidate >= wanted) ?? 86_400_000;
  const stretches = [...folds, { from: end, to: end }].map(({ from }, index) => ({ from: folds[index - 1]?.to ?? 0, to: from }));
  return stretches.flatMap(({ from, to }) => {
    const first = Math.ceil(from / step);
    return Array.from({ length: Math.max(0, Math.floor(to / step) - first + 1) }, (_, index) => (first + index) * step);
  });
}
