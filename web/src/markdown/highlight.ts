import "./prismManual";
import Prism from "prismjs";
import "prismjs/components/prism-bash";
import "prismjs/components/prism-c";
import "prismjs/components/prism-cpp";
import "prismjs/components/prism-csharp";
import "prismjs/components/prism-diff";
import "prismjs/components/prism-docker";
import "prismjs/components/prism-go";
import "prismjs/components/prism-ini";
import "prismjs/components/prism-java";
import "prismjs/components/prism-json";
import "prismjs/components/prism-kotlin";
import "prismjs/components/prism-php";
import "prismjs/components/prism-python";
import "prismjs/components/prism-r";
import "prismjs/components/prism-ruby";
import "prismjs/components/prism-rust";
import "prismjs/components/prism-sql";
import "prismjs/components/prism-swift";
import "prismjs/components/prism-toml";
import "prismjs/components/prism-typescript";
import "prismjs/components/prism-jsx";
import "prismjs/components/prism-tsx";
import "prismjs/components/prism-yaml";

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
  const grammar = code.length > longest ? undefined : Prism.languages[aliases[name] ?? name];
  if (!grammar || typeof grammar === "function") return code === "" ? [] : [{ kind: null, text: code }];
  const runs: Coloured[] = [];
  flatten(Prism.tokenize(code, grammar), null, runs);
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

type Stream = string | Prism.Token | (string | Prism.Token)[];

function flatten(stream: Stream, kind: string | null, runs: Coloured[]): void {
  if (typeof stream === "string") {
    const last = runs[runs.length - 1];
    if (last && last.kind === kind) last.text += stream;
    else if (stream !== "") runs.push({ kind, text: stream });
  } else if (Array.isArray(stream)) {
    for (const part of stream) flatten(part, kind, runs);
  } else {
    const own = stream.type === "interpolation" ? null : kinds[stream.type] ?? kind;
    flatten(stream.content as Stream, own, runs);
  }
}
