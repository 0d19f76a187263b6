import { MarkdownStream, renderMarkdown } from "../../../web/src/markdown/stream";

/** What the test calls in the page: an answer of about 2,000 tokens as it comes, four tokens a frame, or at once. */
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

const charactersAFrame = 17;

let salt = 0;

/** Other words each time, as long: what was read before must not help. */
const fresh = (text: string): string => ((salt += 1), text.replace(/campaign|item|row|value/g, (word) => word + String.fromCharCode(97 + (salt % 26))));

function asItComes(root: HTMLElement, text: string): void {
  const stream = new MarkdownStream(root, labels);
  for (let cut = charactersAFrame; cut < text.length; cut += charactersAFrame) stream.update(text.slice(0, cut), cut);
  stream.finish(text);
}

/** About how many tokens each text is. */
export const tokens = (): Record<string, number> => Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, text.length / 4.2]));

/** The whole or its first quarter as it comes, or the whole at once, so many times. */
export function run(name: string, how: "whole" | "quarter" | "once", times: number): void {
  for (let time = 0; time < times; time += 1) {
    const text = fresh(how === "quarter" ? texts[name].slice(0, texts[name].length / 4) : texts[name]);
    const root = document.createElement("div");
    if (how === "once") renderMarkdown(root, text, labels);
    else asItComes(root, text);
  }
}
