/** Two texts line by line: what both have, what only the later has, and what only the earlier has. */

export interface DiffLine {
  op: " " | "+" | "-";
  text: string;
}

/** Above so many pairs of lines, what lies between the first and the last difference is told as one replacing the other. */
const mostPairs = 1_000_000;

export function diffOf(was: string, now: string): DiffLine[] {
  const [before, after] = [linesOf(was), linesOf(now)];
  const most = Math.min(before.length, after.length);
  let head = 0;
  while (head < most && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  const middle = between(before.slice(head, before.length - tail), after.slice(head, after.length - tail));
  return [...as(" ", after.slice(0, head)), ...middle, ...as(" ", after.slice(after.length - tail))];
}

const as = (op: DiffLine["op"], lines: string[]): DiffLine[] => lines.map((text) => ({ op, text }));

function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines[lines.length - 1] === "") lines.pop();
  return lines;
}

/** By the longest common subsequence. */
function between(before: string[], after: string[]): DiffLine[] {
  if (before.length * after.length > mostPairs) return [...as("-", before), ...as("+", after)];
  const common = lengths(before, after);
  const lines: DiffLine[] = [];
  let [old, next] = [0, 0];
  while (old < before.length || next < after.length) {
    const isKept = old < before.length && next < after.length && before[old] === after[next];
    const isGone = old < before.length && (next === after.length || at(common, old + 1, next) >= at(common, old, next + 1));
    if (isKept) lines.push({ op: " ", text: after[next] ?? "" });
    else if (isGone) lines.push({ op: "-", text: before[old] ?? "" });
    else lines.push({ op: "+", text: after[next] ?? "" });
    if (isKept || isGone) old += 1;
    if (isKept || !isGone) next += 1;
  }
  return lines;
}

/** How many lines the rests of both have in common, from each pair of places on. */
function lengths(before: string[], after: string[]): Uint32Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let old = before.length - 1; old >= 0; old -= 1) {
    for (let next = after.length - 1; next >= 0; next -= 1) {
      const row = rows[old];
      if (row) row[next] = before[old] === after[next] ? at(rows, old + 1, next + 1) + 1 : Math.max(at(rows, old + 1, next), at(rows, old, next + 1));
    }
  }
  return rows;
}

const at = (rows: Uint32Array[], old: number, next: number): number => rows[old]?.[next] ?? 0;

/** The lines that changed with some around them; null stands for a stretch that is left out. */
export function folded(lines: DiffLine[], near = 2): (DiffLine | null)[] {
  const isNear = lines.map((_, index) => lines.slice(Math.max(0, index - near), index + near + 1).some(({ op }) => op !== " "));
  return lines.flatMap((line, index): (DiffLine | null)[] => (isNear[index] ? [line] : index === 0 || isNear[index - 1] ? [null] : []));
}
