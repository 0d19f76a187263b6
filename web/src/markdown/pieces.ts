import { MarkScan } from "./marks";

/**
 * Long paragraphs are read in pieces: a lexer that looks at all of a paragraph for each word makes its cost grow with the square of
 * its length. A piece ends at a space before which every mark is closed, so that reading it alone gives what reading the whole would.
 * Where a piece ends depends on the text before it only: a growing paragraph and a whole one are cut at the same places.
 */
const least = 400;

let last = { text: "", ends: [] as number[] };

/** Where the pieces of a text end, but for the last one. */
export function pieceEnds(text: string): number[] {
  const ends = last.ends.slice();
  while (ends.length > 0 && !holds(text, ends[ends.length - 1])) ends.pop();
  for (let end = nextEnd(text, ends[ends.length - 1] ?? 0); end !== null; end = nextEnd(text, end)) ends.push(end);
  if (ends.length > 0) last = { text, ends };
  return ends;
}

/** The same text up to this end as last time, and a word behind it. */
const holds = (text: string, end: number): boolean => isWord(text[end]) && text.startsWith(last.text.slice(0, end));

const isWord = (character: string | undefined): boolean => character !== undefined && !/\s/.test(character);

function nextEnd(text: string, from: number): number | null {
  if (text.length - from <= least) return null;
  const scan = new MarkScan(text, from);
  while (!scan.isAtEnd) {
    const at = scan.at;
    if (at - from >= least && text[at] === " " && scan.isClosed && isWord(text[at - 1]) && isWord(text[at + 1])) return at + 1;
    scan.step();
  }
  return null;
}
