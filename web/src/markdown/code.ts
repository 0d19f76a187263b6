import { Coloured, highlight } from "./highlight";
import type { Labels } from "./labels";

/** A block of code: its language, a copy button, and coloured text. */
export function codeBlock(code: string, language: string, labels: Labels): HTMLElement {
  const made = codeFrame(language, labels);
  colour(codeOf(made), highlight(code, language));
  return made;
}

export function codeFrame(language: string, labels: Labels): HTMLElement {
  const made = document.createElement("div");
  made.className = "code-block";
  const head = document.createElement("div");
  head.className = "code-head";
  const name = document.createElement("span");
  name.textContent = language || labels.text;
  const copy = document.createElement("button");
  copy.setAttribute("type", "button");
  copy.setAttribute("data-copy-code", "");
  copy.textContent = labels.copy;
  head.append(name, copy);
  const pre = document.createElement("pre");
  pre.setAttribute("tabindex", "0");
  pre.setAttribute("role", "group");
  pre.setAttribute("aria-label", language ? `${labels.code}: ${language}` : labels.code);
  const code = document.createElement("code");
  code.dataset.language = language;
  pre.append(code);
  made.append(head, pre);
  return made;
}

export const codeOf = (block: HTMLElement): HTMLElement => block.lastElementChild?.firstElementChild as HTMLElement;

/** Colours anew, keeping the nodes of the beginning that stays the same. */
export function colour(code: HTMLElement, runs: Coloured[]): void {
  let same = 0;
  while (same < runs.length && same < code.childNodes.length && isSame(code.childNodes[same], runs[same])) same += 1;
  while (code.childNodes.length > same) code.lastChild?.remove();
  for (const run of runs.slice(same)) code.append(runNode(run));
}

const isSame = (node: Node, run: Coloured): boolean =>
  node.textContent === run.text && (node instanceof HTMLElement ? node.className : null) === (run.kind && `c-${run.kind}`);

function runNode(run: Coloured): Node {
  if (run.kind === null) return document.createTextNode(run.text);
  const span = document.createElement("span");
  span.className = `c-${run.kind}`;
  span.textContent = run.text;
  return span;
}

/** Text that has just arrived, plain until the next colouring. */
export function appendPlain(code: HTMLElement, text: string): void {
  const last = code.lastChild;
  if (last instanceof Text) last.appendData(text);
  else code.append(document.createTextNode(text));
}
