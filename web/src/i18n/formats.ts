/** Numbers, money, sizes, times: by `Intl` only, so that each language has its own. Signs of units (s, ms, KB) are the same in both. */
export interface Formats {
  number(value: number): string;
  /** Every digit, ungrouped: for values that may be identifiers. */
  exact(value: number): string;
  /** The sign before decimals. */
  decimal: string;
  usd(value: number): string;
  duration(milliseconds: number): string;
  bytes(size: number): string;
  time(at: string): string;
  dateTime(at: string): string;
  day(at: string): string;
  month(at: string): string;
  /** "19 Jan": on scales and in narrow columns. */
  shortDay(at: string): string;
  percent(share: number): string;
  oneDecimal(value: number): string;
  /** Thousands and millions in a letter or a word. */
  compact(value: number): string;
  /** "in 3 hours", "2 days ago". */
  relative(at: string, now?: number): string;
  list(items: string[]): string;
}

const space = "\u00a0";

export function formatsOf(language: string): Formats {
  const number = new Intl.NumberFormat(language);
  const exact = new Intl.NumberFormat(language, { useGrouping: false, maximumFractionDigits: 20 });
  const one = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const compact = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const date = (options: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(language, options);
    return (at: string) => format.format(new Date(at));
  };
  return {
    number: (value) => number.format(value),
    exact: (value) => exact.format(value),
    decimal: exact.format(0.5).charAt(1),
    usd: (value) => usd(language, value),
    duration: (milliseconds) => duration(milliseconds, one, whole),
    bytes: (size) => bytes(size, one, whole),
    time: date({ hour: "2-digit", minute: "2-digit" }),
    dateTime: date({ dateStyle: "medium", timeStyle: "short" }),
    day: date({ day: "numeric", month: "long" }),
    shortDay: date({ day: "numeric", month: "short" }),
    oneDecimal: (value) => one.format(value),
    percent: (share) => percent.format(share),
    compact: (value) => compact.format(value),
    month: date({ month: "long", year: "numeric" }),
    relative: (at, now = Date.now()) => relativeTime(Date.parse(at) - now, relative),
    list: (items) => new Intl.ListFormat(language, { type: "conjunction" }).format(items),
  };
}

/** Costs of single runs are fractions of a cent: as many digits as it takes to see two that count. */
function usd(language: string, value: number): string {
  const small = value > 0 && value < 0.1;
  const digits = small ? Math.min(9, 1 - Math.floor(Math.log10(value))) : 2;
  const options = { style: "currency", currency: "USD", minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, options).format(value);
}

function duration(milliseconds: number, one: Intl.NumberFormat, whole: Intl.NumberFormat): string {
  if (milliseconds < 1_000) return whole.format(milliseconds) + space + "ms";
  if (milliseconds < 60_000) return one.format(milliseconds / 1_000) + space + "s";
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}${space}min${seconds % 60 ? ` ${seconds % 60}${space}s` : ""}`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}${space}h${minutes % 60 ? ` ${minutes % 60}${space}min` : ""}`;
}

function bytes(size: number, one: Intl.NumberFormat, whole: Intl.NumberFormat): string {
  if (size < 1_000) return whole.format(size) + space + "B";
  if (size < 1_000_000) return whole.format(size / 1_000) + space + "KB";
  return one.format(size / 1_000_000) + space + "MB";
}

function relativeTime(milliseconds: number, format: Intl.RelativeTimeFormat): string {
  const seconds = milliseconds / 1_000;
  const size = Math.abs(seconds);
  if (size < 45) return format.format(Math.round(seconds), "second");
  if (size < 45 * 60) return format.format(Math.round(seconds / 60), "minute");
  if (size < 22 * 3_600) return format.format(Math.round(seconds / 3_600), "hour");
  return format.format(Math.round(seconds / 86_400), "day");
}
