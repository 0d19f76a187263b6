import type { UsageFigures, UsageLine, UsageReport } from "../api/usage";

export type Measure = "cost" | "tokens";

export const amountOf = (figures: UsageFigures, measure: Measure): number =>
  measure === "cost" ? figures.cost_usd : figures.input_tokens + figures.output_tokens;

/** Of all questions to models, those that a cache answered; null where nobody asked. */
export function hitShare({ calls, cache_hits }: UsageFigures): number | null {
  const all = calls + cache_hits;
  return all === 0 ? null : cache_hits / all;
}

const day = 86_400_000;

/** `2026-01-19` so many days before it. */
export const dayBefore = (text: string, days: number): string => new Date(Date.parse(`${text}T00:00:00Z`) - days * day).toISOString().slice(0, 10);

/** This day where the reader is. */
export function today(now: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

const nothing: UsageFigures = { calls: 0, cache_hits: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0, saved_usd: 0 };

/** A line for each day of the report, also for those on which nothing happened. */
export function everyDay({ from, to, data }: Pick<UsageReport, "from" | "to" | "data">): (UsageLine & { day: string })[] {
  const known = new Map(data.map((line) => [line.day, line]));
  const count = Math.round((Date.parse(to) - Date.parse(from)) / day) + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const at = dayBefore(from, -index);
    return { ...nothing, ...known.get(at), day: at };
  });
}

/** The lines from the biggest to the smallest. */
export const byAmount = (lines: UsageLine[], measure: Measure): UsageLine[] => [...lines].sort((one, other) => amountOf(other, measure) - amountOf(one, measure));

/** Round steps from nothing to at least `most`, about four of them. */
export function scaleFor(most: number): number[] {
  if (most <= 0) return [0, 1];
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((digit) => digit * power).find((candidate) => candidate >= rough) ?? 10 * power;
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}
