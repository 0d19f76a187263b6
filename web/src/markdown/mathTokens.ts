/** Formulas as tokens of their own: `$$…$$` and `\[…\]` as blocks, `$…$` and `\(…\)` in a line. No blank line inside. */

const inner = "((?:(?!\\n[ \\t]*\\n)[^])+?)";
const block = new RegExp(`^ {0,3}(?:\\$\\$${inner}\\$\\$|\\\\\\[${inner}\\\\\\])[ \\t]*(?:\\n|$)`);
const blockStart = new RegExp(`(?:^|\\n) {0,3}(?:\\$\\$${inner}\\$\\$|\\\\\\[${inner}\\\\\\])[ \\t]*(?:\\n|$)`);
// A dollar is money unless it hugs what it encloses and no digit follows: "$5 and $6" stays text.
const inline = /^(?:\$\$((?:(?!\n[ \t]*\n)[^])+?)\$\$|\$(?![\s$])((?:\\.|[^\\$\n])+?)(?<![\s\\])\$(?!\d)|\\\(((?:(?!\n[ \t]*\n)[^])+?)\\\)|\\\[((?:(?!\n[ \t]*\n)[^])+?)\\\])/;

export const blockMath = {
  name: "math",
  level: "block" as const,
  start: (source: string) => {
    const found = blockStart.exec(source);
    return found ? found.index + (found[0].startsWith("\n") ? 1 : 0) : -1;
  },
  tokenizer(source: string) {
    const found = block.exec(source);
    return found ? { type: "math", raw: found[0], text: (found[1] ?? found[2]).trim(), display: true } : undefined;
  },
};

export const inlineMath = {
  name: "inline_math",
  level: "inline" as const,
  start: (source: string) => source.search(/\$|\\[([]/),
  tokenizer(source: string) {
    const found = inline.exec(source);
    if (!found) return undefined;
    const display = found[1] !== undefined || found[4] !== undefined;
    return { type: "math", raw: found[0], text: (found[1] ?? found[2] ?? found[3] ?? found[4]).trim(), display };
  },
};
