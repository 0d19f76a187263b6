/** How long to wait before the next try to connect: doubling from a quarter of a second to two, spread so that pages do not come at once. */
export function delayBefore(attempt: number, random: number): number {
  const full = Math.min(2_000, 250 * 2 ** Math.max(0, attempt - 1));
  return Math.round(full * (0.6 + 0.4 * random));
}
