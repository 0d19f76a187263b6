import "./dom";
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadColours } from "../src/markdown/highlight";
import type { Labels } from "../src/markdown/labels";
import { mend } from "../src/markdown/mend";
import { MarkdownStream, renderMarkdown } from "../src/markdown/stream";
import { pieceEnds } from "../src/markdown/pieces";
import { safeLink } from "../src/markdown/urls";
import { corpus } from "./corpus";

const labels: Labels = { copy: "Copy", text: "Text", table: "Table", code: "Code", done: "Done", todo: "To do", image: (alt) => `Image: ${alt}` };

test("colours are here", async () => {
  await loadColours();
  assert.match(whole("```swift\nlet x = 1\n```"), /class="c-keyword">let</);
});

function whole(text: string): string {
  const root = document.createElement("div");
  renderMarkdown(root, text, labels);
  root.normalize();
  return root.innerHTML;
}

function streamed(text: string, cuts: Iterable<number>): string {
  const root = document.createElement("div");
  const stream = new MarkdownStream(root, labels);
  let now = 0;
  for (const cut of cuts) stream.update(text.slice(0, cut), (now += 16));
  stream.finish(text);
  root.normalize();
  return root.innerHTML;
}

function* every(text: string, step = 1): Iterable<number> {
  for (let cut = step; cut <= text.length; cut += step) yield cut;
}

for (const [name, text] of Object.entries(corpus)) {
  test(`${name}: character by character gives what one render gives`, () => {
    assert.equal(streamed(text, every(text)), whole(text));
  });
  const step = name.startsWith("long") ? 3 : 1;
  test(`${name}: cut anywhere gives what one render gives`, () => {
    for (const cut of every(text, step)) assert.equal(streamed(text, [cut]), whole(text), `cut at ${cut}`);
  });
  test(`${name}: ending anywhere gives what one render gives`, () => {
    for (const end of every(text, step)) {
      const part = text.slice(0, end);
      assert.equal(streamed(part, every(part, 7)), whole(part), `ended at ${end}: ${JSON.stringify(part.slice(-30))}`);
    }
  });
}

test("frozen blocks are never touched again", () => {
  const text = corpus.mixed;
  const root = document.createElement("div");
  const stream = new MarkdownStream(root, labels);
  const cut = text.indexOf("## Second") + 20;
  stream.update(text.slice(0, cut));
  const kept = [...root.children].slice(0, 2);
  for (const end of every(text)) if (end > cut) stream.update(text.slice(0, end));
  assert.deepEqual([...root.children].slice(0, 2).map((node, index) => node === kept[index]), [true, true]);
});

test("no half-typed syntax is shown", () => {
  const shown: [string, string][] = [
    ["a **bo", "a bo"],
    ["a **", "a"],
    ["a *it", "a it"],
    ["a `co", "a co"],
    ["a `", "a"],
    ["see [the do", "see the do"],
    ["see [docs](https://exa", "see docs"],
    ["see ![pic](https://exa", "see"],
    ["text\n-", "text"],
    ["text\n\n#", "text"],
    ["text\n\n| a | b |", "text"],
    ["text\n\n| a | b |\n|--", "text"],
    ["- one\n-", "one"],
    ["~~go", "go"],
    ["**a *b", "a b"],
  ];
  for (const [source, text] of shown) {
    const root = document.createElement("div");
    new MarkdownStream(root, labels).update(source);
    assert.equal((root.textContent ?? "").trim(), text, source);
  }
});

test("mending leaves whole syntax as it is", () => {
  for (const source of ["a **b** c", "`x` y", "[a](b) c", "snake_case_word", "2 * 3", "a [0] b"]) assert.equal(mend(source), source);
});

test("nothing that an answer says can run or load", () => {
  const html = whole(corpus.edges);
  assert.ok(!/<script|<img src="http|<b>|<div>raw/i.test(html.replace(/<div class="(?:table|code)[^>]*>/g, "")));
  assert.ok(!/href="(?:javascript|data|\/\/)/i.test(html));
  assert.match(html, /<a href="\/runs"/);
  assert.match(html, /<img src="\/v1\/files\/fil_1\/content\?inline=1"/);
});

test("links lead to the web, to mail, or to this server", () => {
  for (const href of ["https://a.b", "http://a.b/c?d", "mailto:a@b.c", "/runs/1"]) assert.equal(safeLink(href), href);
  const refused = ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "javascript&#58;alert(1)", "&#106;avascript:x", "data:text/html,x"];
  for (const href of [...refused, "//evil.example", "/\\evil.example", "\\\\evil", "vbscript:x", "file:///etc/passwd", ""]) assert.equal(safeLink(href), null);
});

test("quotation marks after a bare address are no part of it", () => {
  const html = whole("Read “https://example.com/a”. Or \"https://b.example\", please.");
  assert.match(html, /href="https:\/\/example\.com\/a"[^>]*>https:\/\/example\.com\/a<\/a>”\./);
  assert.match(html, /href="https:\/\/b\.example"/);
});

test("a long list costs no more for its last items than for its first", () => {
  const text = Array.from({ length: 400 }, (_, index) => `- item ${index} with **bold** text\n`).join("");
  const root = document.createElement("div");
  const stream = new MarkdownStream(root, labels);
  for (const cut of every(text, 20)) stream.update(text.slice(0, cut));
  const first = root.querySelectorAll("li")[5];
  stream.finish(text);
  assert.equal(root.querySelectorAll("li").length, 400);
  assert.equal(root.querySelectorAll("li")[5], first);
});

const sentence = "The campaign **brand search** spent R$ 1,204.50 on *Tuesday*, which is `12 %` more than [planned](https://example.com/plan). ";

test("a long paragraph is cut between words where nothing is open", () => {
  const text = sentence.repeat(30);
  const ends = pieceEnds(text);
  assert.ok(ends.length > 5);
  for (const end of ends) assert.match(text.slice(0, end), /[^ ] $/);
  const pieces = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
  for (const piece of pieces) assert.equal((piece.match(/\*\*/g) ?? []).length % 2, 0, piece);
});

test("pieces end where they end in any longer text", () => {
  const text = sentence.repeat(8) + "**bold " + "word ".repeat(120) + "end** " + sentence.repeat(4);
  const ends = pieceEnds(text);
  for (let cut = 1; cut < text.length; cut += 13) {
    const part = pieceEnds(text.slice(0, cut));
    assert.deepEqual(part, ends.slice(0, part.length), `cut at ${cut}`);
  }
});

test("nothing that belongs together is cut", () => {
  const filler = "word ".repeat(100);
  const wholes = [`**${filler}end**`, `\`${filler}end\``, `[${filler}end](https://example.com)`, `$${filler}end$`, `\\(${filler}end\\)`, `<b title="${filler}">`, `*a **${filler}b** c*`];
  for (const one of wholes) {
    const text = `${one} ${filler}${filler}`;
    for (const end of pieceEnds(text)) assert.ok(end > one.length, `${one.slice(0, 12)} cut at ${end}`);
  }
});

test("a mark that nothing closes does not hold a long paragraph together for ever", () => {
  assert.ok(pieceEnds(`a *lone star ${"word ".repeat(2_000)}`).length > 5);
});

test("a long paragraph costs no more for its last words than for its first", () => {
  const text = sentence.repeat(60);
  const root = document.createElement("div");
  const stream = new MarkdownStream(root, labels);
  stream.update(text.slice(0, 2_000));
  const kept = [...(root.querySelector("p") as Element).childNodes].slice(0, 20);
  let made = 0;
  const create = document.createElement;
  document.createElement = ((name: string) => ((made += 1), create.call(document, name))) as typeof create;
  for (const cut of every(text, 16)) if (cut > 2_000) stream.update(text.slice(0, cut));
  document.createElement = create;
  assert.ok(made < text.length / 2, `${made} elements for ${text.length} characters`);
  assert.deepEqual([...(root.querySelector("p") as Element).childNodes].slice(0, 20).map((node, index) => node === kept[index]), kept.map(() => true));
});
