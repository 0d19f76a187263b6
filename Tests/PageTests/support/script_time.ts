import { MarkdownStream, renderMarkdown } from "../../../web/src/markdown/stream";

/** What the test calls in the page: an answer of about 2,000 tokens as it comes, four tokens a frame, and the whole at once. */
const labels = { copy: "Copy", text: "Text", table: "Table", code: "Code", done: "Done", todo: "To do", image: (alt: string) => alt };

const mixed = (part: number) => `## Part ${part}

The campaign **brand search** spent *R$ 1,204.50* on Tuesday, which is \`12 %\` more than [planned](https://example.com/plan).

| day | cost | clicks |
| --- | ---: | -----: |
| Monday | 101.20 | 33 |
| Tuesday | 99.80 | 31 |

- one thing with **weight**
- another, with \`code\`

\`\`\`sql
select day, sum(cost) from spend where campaign = 'brand' group by day;
\`\`\`

`;

const texts: Record<string, string> = {
  mixed: Array.from({ length: 20 }, (_, part) => mixed(part)).join(""),
  list: Array.from({ length: 250 }, (_, item) => `- item ${item} with **bold** words\n`).join(""),
  table: "| a | b | c |\n| - | - | - |\n" + Array.from({ length: 330 }, (_, row) => `| row ${row} | ${row * 3} | yes |\n`).join(""),
  code: "```python\n" + Array.from({ length: 260 }, (_, line) => `value_${line} = compute(${line}, "text")\n`).join("") + "```\n",
  paragraph: "The campaign **brand search** spent R$ 1,204.50 on *Tuesday*, which is `12 %` more than planned. ".repeat(85),
};

function time(work: (root: HTMLElement) => void): number {
  const root = document.createElement("div");
  document.body.append(root);
  const began = performance.now();
  work(root);
  const took = performance.now() - began;
  root.remove();
  return took;
}

const charactersAFrame = 17;

function asItComes(text: string): number {
  return time((root) => {
    const stream = new MarkdownStream(root, labels);
    for (let cut = charactersAFrame; cut < text.length; cut += charactersAFrame) stream.update(text.slice(0, cut), performance.now());
    stream.finish(text);
  });
}

const best = (work: () => number): number => Math.min(...Array.from({ length: 5 }, work));

let salt = 0;

/** Other words each time, as long: what was read before must not help. */
const fresh = (text: string): string => ((salt += 1), text.replace(/campaign|item|row|value/g, (word) => word + String.fromCharCode(97 + (salt % 26))));

/** Milliseconds by kind of text: as it comes, a quarter of it as it comes, and at once; and how many tokens it is. */
export function measure(): Record<string, { tokens: number; whole: number; quarter: number; once: number }> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      const quarter = text.slice(0, text.length / 4);
      const once = best(() => time((root) => renderMarkdown(root, fresh(text), labels)));
      return [name, { tokens: text.length / 4.2, whole: best(() => asItComes(fresh(text))), quarter: best(() => asItComes(fresh(quarter))), once }];
    }),
  );
}
