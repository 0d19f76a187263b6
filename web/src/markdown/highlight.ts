import { colour } from "./code";

type PrismModule = typeof import("./prism").default;

let prism: PrismModule | null = null;
let loading: Promise<void> | null = null;

/** Colours come with the first code: until then it is plain, and what stands there is coloured when they are here. */
export function loadColours(): Promise<void> {
  return (loading ??= import("./prism").then((module) => {
    prism = module.default;
    for (const code of document.querySelectorAll<HTMLElement>("code[data-language]")) {
      colour(code, highlight(code.textContent ?? "", code.dataset.language ?? ""));
    }
  }));
}

const aliases: Record<string, string> = {
  sh: "bash",
  shell: "bash",
  zsh: "bash",
  console: "bash",
  "c++": "cpp",
  "c#": "csharp",
  cs: "csharp",
  dockerfile: "docker",
  golang: "go",
  js: "javascript",
  jsonc: "json",
  ndjson: "json",
  kt: "kotlin",
  py: "python",
  rb: "ruby",
  rs: "rust",
  ts: "typescript",
  yml: "yaml",
  html: "markup",
  xml: "markup",
  svg: "markup",
  postgresql: "sql",
  sqlite: "sql",
};

/** A run of characters of one colour; `kind` is null for plain text. */
export interface Coloured {
  kind: string | null;
  text: string;
}

const longest = 100_000;

export function highlight(code: string, language: string): Coloured[] {
  const name = language.toLowerCase();
  if (!prism && name !== "") void loadColours();
  const grammar = prism === null || code.length > longest ? undefined : prism.languages[aliases[name] ?? name];
  if (!prism || !grammar || typeof grammar === "function") return code === "" ? [] : [{ kind: null, text: code }];
  const runs: Coloured[] = [];
  flatten(prism.tokenize(code, grammar) as Stream, null, runs);
  return runs;
}

const kinds: Record<string, string> = {
  keyword: "keyword",
  boolean: "number",
  number: "number",
  constant: "number",
  string: "string",
  char: "string",
  "template-string": "string",
  "attr-value": "string",
  regex: "string",
  inserted: "string",
  function: "function",
  "class-name": "function",
  tag: "keyword",
  "attr-name": "function",
  property: "function",
  key: "function",
  builtin: "function",
  selector: "keyword",
  atrule: "keyword",
  important: "keyword",
  directive: "keyword",
  deleted: "deleted",
  comment: "comment",
  prolog: "comment",
  doctype: "comment",
};

interface PrismToken {
  type: string;
  content: Stream;
}
type Stream = string | PrismToken | (string | PrismToken)[];

function flatten(stream: Stream, kind: string | null, runs: Coloured[]): void {
  if (typeof stream === "string") {
    const last = runs[runs.length - 1];
    if (last && last.kind === kind) last.text += stream;
    else if (stream !== "") runs.push({ kind, text: stream });
  } else if (Array.isArray(stream)) {
    for (const part of stream) flatten(part, kind, runs);
  } else {
    const own = stream.type === "interpolation" ? null : kinds[stream.type] ?? kind;
    flatten(stream.content, own, runs);
  }
}
