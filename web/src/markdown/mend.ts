import { pieceEnds } from "./pieces";

/**
 * What the open block looks like before its syntax is complete: opened emphasis and code are closed, an unfinished link shows its
 * text, and marks that mean nothing yet (a lone bullet, a table's first line) wait. Only for showing: the source stays as it is.
 */
export function mend(source: string, isInTable = false): string {
  const line = holdLine(source, source.lastIndexOf("\n") + 1);
  const held = isInTable ? line : holdTable(line);
  const start = openStart(held);
  return held.slice(0, start) + closeInline(held.slice(start));
}

/** A last line that may become a bullet, a heading, a rule, a fence: not shown before it is known. */
function holdLine(source: string, lineStart: number): string {
  const line = source.slice(lineStart);
  if (/^\s*(?:[-*+_=~`#>|]+|\d{1,9}[.)]?|[-*+] \[[ xX]?\]?)[ ]*$/.test(line) && !/^\s*`{3,}$/.test(line)) return source.slice(0, lineStart);
  if (/^\s*\[[^\]]*\]:/.test(line)) return source.slice(0, lineStart);
  return source;
}

/** A line with bars is a table only when the line of dashes is there. */
function holdTable(source: string): string {
  const start = source.lastIndexOf("\n\n") + 1;
  const lines = source.slice(start).replace(/^\n/, "").split("\n");
  const first = lines.findIndex((line) => /^\s*\|/.test(line));
  if (first < 0) return source;
  const delimiter = lines[first + 1];
  const isWhole = delimiter !== undefined && lines.length > first + 2;
  if (isWhole || (delimiter !== undefined && !/^[\s|:-]*$/.test(delimiter))) return source;
  const kept = lines.slice(0, first).join("\n");
  return source.slice(0, source.length - lines.join("\n").length) + kept;
}

/** Where the last run of inline text begins: emphasis does not reach over blocks, items or cells. */
function inlineStart(source: string): number {
  const blank = source.lastIndexOf("\n\n") + 1;
  const block = source.slice(blank);
  const lineStart = block.lastIndexOf("\n") + 1;
  const line = block.slice(lineStart);
  if (/^\s*\|/.test(line)) return blank + lineStart + line.lastIndexOf("|") + 1;
  let start = 0;
  for (const item of block.matchAll(/(?:^|\n)[ >]*(?:[-*+]|\d{1,9}[.)]|#{1,6})[ ]+(?:\[[ xX]\] )?/g)) start = (item.index ?? 0) + item[0].length;
  return blank + start;
}

/** The same, but for the pieces before the last one: nothing is open there. */
function openStart(source: string): number {
  const start = inlineStart(source);
  const ends = pieceEnds(source.slice(start));
  return start + (ends[ends.length - 1] ?? 0);
}

interface Scan {
  /** Opened and not closed, outermost first. */
  open: { mark: string; at: number }[];
  /** Where a code span or a link begins that has no end. */
  code: { mark: string; at: number } | null;
  bracket: number | null;
}

function closeInline(text: string): string {
  const { open, code, bracket } = scan(text);
  if (code) return closeCode(text, code) + closers(open);
  let shown = bracket === null ? text : unfinishedLink(text, bracket);
  shown = shown.replace(/(?<![\\*_~`])(?:[*_~]{1,3}|`+)$/, (marks) => (isCloser(shown, marks) ? marks : ""));
  const left = bracket === null && shown === text ? open : scan(shown).open;
  return shown.replace(/\s+$/, "") === "" ? shown : left.length === 0 ? shown : shown.replace(/\s+$/, "") + closers(left);
}

const closers = (open: { mark: string }[]): string => open.map(({ mark }) => mark).reverse().join("");

function closeCode(text: string, code: { mark: string; at: number }): string {
  const inside = text.slice(code.at + code.mark.length);
  if (inside.trim() === "") return text.slice(0, code.at).replace(/\s+$/, "");
  return text.replace(/`+$/, "") + code.mark;
}

/** Marks at the very end are shown when they close something; alone they may be the first half of an opening. */
function isCloser(text: string, marks: string): boolean {
  const before = text[text.length - marks.length - 1];
  return before !== undefined && !/\s/.test(before) && scan(text.slice(0, -marks.length)).open.some(({ mark }) => mark === marks);
}

function unfinishedLink(text: string, at: number): string {
  const before = text.slice(0, at);
  const isImage = before.endsWith("!");
  const label = /^\[((?:[^\]\\]|\\.)*)/.exec(text.slice(at))?.[1] ?? "";
  return isImage ? before.slice(0, -1) : before + label;
}

function scan(text: string): Scan {
  const result: Scan = { open: [], code: null, bracket: null };
  let at = 0;
  while (at < text.length) {
    const character = text[at];
    if (character === "\\") at += 2;
    else if (character === "`") at = scanCode(text, at, result);
    else if (character === "*" || character === "_" || character === "~") at = scanMarks(text, at, result);
    else if (character === "[") at = scanBracket(text, at, result);
    else at += 1;
    if (result.code || result.bracket !== null) break;
  }
  return result;
}

function scanCode(text: string, at: number, result: Scan): number {
  const mark = /^`+/.exec(text.slice(at))?.[0] ?? "`";
  const from = at + mark.length;
  const end = new RegExp(`(?<!\`)${mark}(?!\`)`).exec(text.slice(from));
  if (end) return from + end.index + mark.length;
  result.code = { mark, at };
  return text.length;
}

function scanMarks(text: string, at: number, result: Scan): number {
  const run = /^(?:\*+|_+|~+)/.exec(text.slice(at))?.[0] ?? "";
  const before = text[at - 1] ?? " ";
  const after = text[at + run.length] ?? " ";
  const isInWord = run[0] === "_" && /\w/.test(before) && /\w/.test(after);
  if (!isInWord && !(run[0] === "~" && run.length !== 2)) takeMarks(run, at, !/\s/.test(before), !/\s/.test(after), result);
  return at + run.length;
}

/** Closes what it can, then opens: `***` is a strong and an emphasis. */
function takeMarks(run: string, at: number, mayClose: boolean, mayOpen: boolean, { open }: Scan): void {
  let rest = run.length;
  while (mayClose && rest > 0) {
    const last = open[open.length - 1];
    if (!last || last.mark[0] !== run[0] || last.mark.length > rest) break;
    rest -= last.mark.length;
    open.pop();
  }
  if (!mayOpen) return;
  while (rest > 0) {
    const size = rest >= 2 ? 2 : 1;
    open.push({ mark: run[0].repeat(size), at });
    rest -= size;
  }
}

/** A bracket with no end, or a link whose address is still being written. */
function scanBracket(text: string, at: number, result: Scan): number {
  const rest = text.slice(at);
  const whole = /^\[(?:[^\]\\]|\\.)*\](?:\((?:[^()\\\n]|\\.|\([^()\n]*\))*\)|\[[^\]]*\]|(?![([])(?=[^]))/.exec(rest);
  if (whole) return at + 1;
  if (/\n/.test(rest) && !/^\[[^\]]*\]\([^)\n]*$/.test(rest)) return at + 1;
  result.bracket = at;
  return text.length;
}
