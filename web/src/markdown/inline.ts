import { decodeEntities } from "./entities";
import type { Labels } from "./labels";
import { renderMath } from "./math";
import { piecesOf, Token } from "./tokens";
import { ownImage, safeLink } from "./urls";

/** Tokens inside a line, as nodes. Raw HTML is text, but for `<br>`. */
export function renderInline(tokens: Token[] | undefined, labels: Labels): Node[] {
  return piecesOf(tokens).flatMap((piece) => {
    const nodes: Node[] = [];
    for (const token of piece) add(nodes, token, labels);
    return nodes;
  });
}

function add(nodes: Node[], token: Token, labels: Labels): void {
  const tail = quotesAfter(token);
  if (tail) {
    add(nodes, withoutTail(token, tail), labels);
    return add(nodes, { type: "text", raw: tail }, labels);
  }
  const node = renderOne(token, labels);
  const last = nodes[nodes.length - 1];
  if (node instanceof Text && last instanceof Text) last.appendData(node.data);
  else if (node) nodes.push(node);
}

/** A bare address in quotation marks: the closing ones are no part of it. */
function quotesAfter(token: Token): string | null {
  if (token.type !== "link" || !/^(?:https?:\/\/|www\.)/i.test(token.raw)) return null;
  return /["'”’»“‘]+[.,;:!?]*$/.exec(token.raw)?.[0] ?? null;
}

function withoutTail(token: Token, tail: string): Token {
  const raw = token.raw.slice(0, -tail.length);
  return { ...token, raw, text: raw, href: /^www\./i.test(raw) ? `http://${raw}` : raw, tokens: [{ type: "text", raw }] };
}

function renderOne(token: Token, labels: Labels): Node | null {
  switch (token.type) {
    case "strong":
      return element("strong", renderInline(token.tokens, labels));
    case "em":
      return element("em", renderInline(token.tokens, labels));
    case "del":
      return element("del", renderInline(token.tokens, labels));
    case "codespan":
      return element("code", [document.createTextNode(unescapeFive(token.text ?? ""))]);
    case "br":
      return document.createElement("br");
    case "link":
      return link(token, labels);
    case "image":
      return image(token, labels);
    case "math":
      return math(token);
    case "escape":
      return document.createTextNode(token.raw.slice(1));
    case "html":
      return /^<br\s*\/?>$/i.test(token.raw) ? document.createElement("br") : document.createTextNode(token.raw);
    default:
      return document.createTextNode(decodeEntities(token.raw));
  }
}

function element(name: string, children: Node[]): HTMLElement {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}

/** marked escapes the text of code spans for HTML; here it becomes a text node. */
function unescapeFive(text: string): string {
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name) => ({ lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" }[name as "lt"]));
}

function link(token: Token, labels: Labels): Node {
  const children = renderInline(token.tokens, labels);
  const href = safeLink(token.href ?? "");
  if (href === null) return element("span", children);
  const anchor = element("a", children) as HTMLAnchorElement;
  anchor.setAttribute("href", href);
  anchor.setAttribute("rel", "noopener noreferrer nofollow");
  anchor.setAttribute("target", "_blank");
  return anchor;
}

function image(token: Token, labels: Labels): Node {
  const alt = decodeEntities(token.text ?? "");
  const source = ownImage(token.href ?? "");
  if (source === null) {
    const chip = element("span", [document.createTextNode(labels.image(alt))]);
    chip.className = "image-chip";
    return chip;
  }
  const picture = document.createElement("img");
  picture.setAttribute("src", source);
  picture.setAttribute("alt", alt);
  picture.setAttribute("loading", "lazy");
  return picture;
}

export function math(token: Token, name: "div" | "span" = "span"): HTMLElement {
  const made = document.createElement(name);
  made.className = token.display ? "math display" : "math";
  made.dataset.tex = token.text ?? "";
  renderMath(made, token.text ?? "", token.display === true);
  return made;
}
