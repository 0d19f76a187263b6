import type { Span } from "../api/types";

/** A span with how deep it lies in the tree, in the order in which the tree is read. */
export interface Row {
  span: Span;
  depth: number;
}

export function rowsOf(spans: Span[]): Row[] {
  const ids = new Set(spans.map((span) => span.id));
  const below = new Map<string | null, Span[]>();
  for (const span of spans) {
    const parent = span.parent_id !== null && ids.has(span.parent_id) ? span.parent_id : null;
    below.set(parent, [...(below.get(parent) ?? []), span]);
  }
  const rows: Row[] = [];
  const visit = (parent: string | null, depth: number) => {
    for (const span of [...(below.get(parent) ?? [])].sort((one, other) => one.start_ms - other.start_ms)) {
      rows.push({ span, depth });
      visit(span.id, depth + 1);
    }
  };
  visit(null, 0);
  return rows;
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

const foldShare = 0.06;
const foldAtLeast = 3_000;

export function axisOf(spans: Span[], end: number): Axis {
  const whole = Math.max(1, end);
  const folds = idle(spans, whole).filter(({ from, to }) => to - from >= foldAtLeast && (to - from) / whole > 0.2);
  const hidden = folds.reduce((sum, { from, to }) => sum + to - from, 0);
  const shown = Math.max(1, whole - hidden);
  const room = 1 - folds.length * foldShare;
  const place = (ms: number) => {
    let time = Math.min(Math.max(0, ms), whole);
    let extra = 0;
    for (const { from, to } of folds) {
      if (ms <= from) break;
      const inside = Math.min(ms, to) - from;
      time -= inside;
      extra += foldShare * (inside / (to - from));
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

/** Round moments, about five of them, none inside a fold. */
function ticks(end: number, shown: number, folds: Fold[]): number[] {
  const wanted = shown / 5;
  const step = [...steps, ...longSteps].find((candidate) => candidate >= wanted) ?? 86_400_000;
  const before = folds[0]?.from ?? end;
  return Array.from({ length: Math.floor(Math.min(end, before) / step) + 1 }, (_, index) => index * step);
}
