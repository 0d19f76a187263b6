import { codeBlock } from "./code";
import { math, renderInline } from "./inline";
import type { Labels } from "./labels";
import { keptTab } from "./normalise";
import type { Align, Cell, ListItem, Token } from "./tokens";

/** Block tokens as elements; what shows nothing (blank lines, definitions) gives none. */
export function renderBlocks(tokens: Token[], labels: Labels): HTMLElement[] {
  return tokens.map((token) => renderBlock(token, labels)).filter((made): made is HTMLElement => made !== null);
}

export function renderBlock(token: Token, labels: Labels): HTMLElement | null {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "heading":
      return heading(token, labels);
    case "code":
      return codeBlock((token.text ?? "").split(keptTab).join("\t"), (token.lang ?? "").split(/[\s,{]/)[0], labels);
    case "blockquote":
      return element("blockquote", renderBlocks(token.tokens ?? [], labels));
    case "list":
      return list(token, labels);
    case "table":
      return table(token, labels);
    case "hr":
      return document.createElement("hr");
    case "math":
      return math(token, "div");
    case "html":
      return htmlAsText(token);
    default:
      return element("p", renderInline(token.tokens, labels));
  }
}

function element(name: string, children: Node[]): HTMLElement {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

/** The page's own heading is the first level: in an answer the first counts as a second. */
function heading(token: Token, labels: Labels): HTMLElement {
  const depth = token.depth ?? 1;
  const made = element(`h${Math.min(6, Math.max(2, depth))}`, renderInline(token.tokens, labels));
  made.className = `h${depth}`;
  return made;
}

function htmlAsText(token: Token): HTMLElement | null {
  const text = token.raw.trim();
  if (text === "" || /^<!--[^]*-->$/.test(text)) return null;
  return element("p", [document.createTextNode(text)]);
}

function list(token: Token, labels: Labels): HTMLElement {
  const made = element(token.ordered ? "ol" : "ul", (token.items ?? []).map((item) => listItem(item, labels)));
  if (token.ordered && token.start !== 1 && token.start !== "") made.setAttribute("start", String(token.start));
  setLoose(made, token.loose === true);
  return made;
}

/** A loose list has the same elements as a tight one, so that becoming loose moves nothing in the tree. */
export function setLoose(list: HTMLElement, loose: boolean): void {
  if (loose) list.className = "loose";
}

export function listItem(item: ListItem, labels: Labels): HTMLElement {
  const made = element("li", renderBlocks(item.tokens, labels));
  if (item.task) {
    made.className = "task";
    made.prepend(checkbox(item.checked === true, labels));
  }
  return made;
}

function checkbox(checked: boolean, labels: Labels): HTMLElement {
  const box = document.createElement("input");
  box.setAttribute("type", "checkbox");
  box.setAttribute("disabled", "");
  box.setAttribute("aria-label", checked ? labels.done : labels.todo);
  if (checked) box.setAttribute("checked", "");
  return box;
}

/** In a frame of its own that scrolls sideways, so that a wide table never widens the page. */
function table(token: Token, labels: Labels): HTMLElement {
  const align = token.align ?? [];
  const head = element("thead", [tableRow("th", token.header ?? [], align, labels)]);
  const body = element("tbody", (token.rows ?? []).map((row) => tableRow("td", row, align, labels)));
  const frame = element("div", [element("table", [head, body])]);
  frame.className = "table";
  frame.setAttribute("role", "group");
  frame.setAttribute("tabindex", "0");
  frame.setAttribute("aria-label", labels.table);
  return frame;
}

export function tableRow(kind: "th" | "td", cells: Cell[], align: (Align | null)[], labels: Labels): HTMLElement {
  const made = cells.map((cell, index) => {
    const one = element(kind, renderInline(cell.tokens, labels));
    if (align[index]) one.className = `align-${align[index]}`;
    return one;
  });
  return element("tr", made);
}
