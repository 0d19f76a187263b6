import type { Formats } from "../../i18n/formats";
import type { Measure } from "../../model/usage";

/** `short` is for scales: thousands and millions in a letter or two. */
export function amountText(amount: number, measure: Measure, format: Formats, short = false): string {
  if (measure === "cost") return amount === 0 && short ? "0" : format.usd(amount);
  return short ? format.compact(amount) : format.number(amount);
}

/** A day of a report, which is no moment: at noon it is the same day for nearly everyone. */
export const shortDay = (day: string, format: Formats): string => format.shortDay(`${day}T12:00:00`);
