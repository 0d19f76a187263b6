import { listItem, renderBlock, renderBlocks, setLoose, tableRow } from "./blocks";
import { renderInline } from "./inline";
import { appendPlain, codeFrame, codeOf, colour } from "./code";
import { highlight } from "./highlight";
import type { Labels } from "./labels";
import { mend } from "./mend";
import { keptTab, Normaliser } from "./normalise";
import { patchChildren } from "./patch";
import { lex, piecesOf, Token } from "./tokens";

/** A list or table that is still growing: its frozen items or rows stay in `body`, the source goes on with the next one. */
interface Growing {
  kind: "list" | "table";
  body: HTMLElement;
  frozen: number;
  loose: boolean;
  /** A table's first two lines, which its later rows need to be read as rows. */
  head: string;
}

/** A code fence that has no end yet: text is appended as it comes, colours follow a few times a second. */
interface OpenFence {
  code: HTMLElement;
  shown: number;
  language: string;
  colouredAt: number;
}

/** A long paragraph that is still growing: the pieces that are in place, and how many nodes they are. */
interface OpenParagraph {
  element: HTMLElement;
  pieces: Token[][];
  nodes: number;
}

const recolourEvery = 200;

/**
 * Markdown that grows, as DOM nodes. Blocks that are complete are rendered once and never touched again; only the open one is
 * rendered anew and patched, so the cost of a token does not grow with the text. The end result is that of one render of the whole.
 */
export class MarkdownStream {
  private readonly normaliser = new Normaliser();
  private taken = 0;
  private source = "";
  /** Where the source begins that is not frozen. */
  private start = 0;
  private stable = 0;
  private blocks = 0;
  private growing: Growing | null = null;
  private fence: OpenFence | null = null;
  private paragraph: OpenParagraph | null = null;
  private defines = false;

  constructor(private readonly root: HTMLElement, private readonly labels: Labels) {}

  /** How much of the text has been taken. */
  get length(): number {
    return this.taken;
  }

  /** The whole text so far; it must begin with what was given before. */
  update(text: string, now = 0): void {
    this.take(text);
    this.freezeLines();
    if (this.showOpenFence(now)) return;
    this.fence = null;
    this.showOpen(mend(this.source.slice(this.start), this.growing?.kind === "table"));
  }

  /** No more comes: what is open is shown as written. */
  finish(text: string): void {
    this.take(text);
    this.freezeLines();
    this.fence = null;
    this.showOpen(this.source.slice(this.start));
    if (this.defines || lex(this.source.slice(this.start)).defines) this.renderAnew();
  }

  private take(text: string): void {
    this.source += this.normaliser.push(text.slice(this.taken));
    this.taken = text.length;
  }

  /** Definitions may come after their use: everything is rendered once more, knowing them. */
  private renderAnew(): void {
    this.growing = null;
    patchChildren(this.root, 0, renderBlocks(lex(this.source).tokens, this.labels), true);
  }

  /** Whole lines only: a half line can still change where the block before it ends. */
  private freezeLines(): void {
    const stable = this.source.lastIndexOf("\n") + 1;
    if (stable <= this.stable || stable <= this.start) return;
    if (this.isInOpenFence()) return;
    this.stable = stable;
    const { tokens, defines } = lex(this.head + this.source.slice(this.start, stable));
    this.defines ||= defines;
    let last = tokens.length - 1;
    while (last > 0 && tokens[last].type === "space") last -= 1;
    for (const token of tokens.slice(0, Math.max(0, last))) this.freeze(token);
    if (tokens[last]) this.freezePart(tokens[last]);
  }

  private get head(): string {
    return this.growing?.kind === "table" ? this.growing.head : "";
  }

  private freeze(token: Token): void {
    const node = this.growing ? this.closeGrowing(token) : renderBlock(token, this.labels);
    if (node) {
      patchChildren(this.root, this.blocks, [node], false);
      this.blocks += 1;
    }
    this.start += token.raw.length;
  }

  /** The last items of a growing list or table, and with them its end. Its element is in place already. */
  private closeGrowing(token: Token): null {
    const growing = this.growing;
    if (!growing) return null;
    patchChildren(growing.body, growing.frozen, this.parts(token), true);
    if (token.type === "list") setLoose(growing.body, growing.loose || token.loose === true);
    this.start -= growing.head.length;
    this.growing = null;
    this.blocks += 1;
    return null;
  }

  private parts(token: Token): HTMLElement[] {
    if (token.type === "list") return (token.items ?? []).map((item) => listItem(item, this.labels));
    return (token.rows ?? []).map((row) => tableRow("td", row, token.align ?? [], this.labels));
  }

  /** All but the last item or row of the last block. */
  private freezePart(token: Token): void {
    if (token.type === "list") this.freezeItems(token);
    else if (token.type === "table") this.freezeRows(token);
  }

  private freezeItems(token: Token): void {
    const items = token.items ?? [];
    if (items.length < 2) return;
    const growing = this.grow(token, "list", "");
    const nodes = this.parts(token);
    growing.frozen = patchChildren(growing.body, growing.frozen, nodes.slice(0, -1), false);
    growing.loose ||= token.loose === true;
    setLoose(growing.body, growing.loose);
    this.start += items.slice(0, -1).reduce((sum, item) => sum + item.raw.length, 0);
  }

  private freezeRows(token: Token): void {
    const rows = token.rows ?? [];
    if (rows.length < 2) return;
    const lines = token.raw.split("\n");
    const head = lines.slice(0, 2).join("\n") + "\n";
    const before = this.head.length;
    const growing = this.grow(token, "table", head);
    growing.frozen = patchChildren(growing.body, growing.frozen, this.parts(token).slice(0, -1), false);
    const length = lines.slice(0, 2 + rows.length - 1).join("\n").length + 1;
    this.start += length - before;
  }

  private grow(token: Token, kind: "list" | "table", head: string): Growing {
    if (this.growing) return this.growing;
    const node = renderBlock(token, this.labels) as HTMLElement;
    patchChildren(this.root, this.blocks, [node], false);
    const live = this.root.childNodes[this.blocks] as HTMLElement;
    const body = kind === "list" ? live : (live.querySelector("tbody") as HTMLElement);
    return (this.growing = { kind, body, frozen: 0, loose: false, head });
  }

  private showOpen(source: string): void {
    const { tokens } = lex(this.head + source);
    const first = tokens.findIndex((token) => token.type !== "space");
    const growing = this.growing;
    const goesOn = growing !== null && tokens[first]?.type === growing.kind;
    if (growing) {
      patchChildren(growing.body, growing.frozen, goesOn ? this.parts(tokens[first]) : [], true);
      if (goesOn && growing.kind === "list") setLoose(growing.body, growing.loose || tokens[first].loose === true);
    }
    const rest = goesOn ? tokens.slice(first + 1) : tokens;
    if (!growing && rest.length === 1 && this.showParagraph(rest[0])) return;
    patchChildren(this.root, this.blocks + (growing ? 1 : 0), renderBlocks(rest, this.labels), true);
  }

  /** Only what comes behind the pieces that are in place already. False when this is no long paragraph. */
  private showParagraph(token: Token): boolean {
    const pieces = piecesOf(token.tokens);
    if (token.type !== "paragraph" || pieces.length < 2) return false;
    const open = this.openParagraph(pieces);
    for (const piece of pieces.slice(open.pieces.length, -1)) {
      open.nodes = patchChildren(open.element, open.nodes, renderInline(piece, this.labels), false);
      open.pieces.push(piece);
    }
    patchChildren(open.element, open.nodes, renderInline(pieces[pieces.length - 1], this.labels), true);
    patchChildren(this.root, this.blocks + 1, [], true);
    return true;
  }

  private openParagraph(pieces: Token[][]): OpenParagraph {
    const live = this.root.childNodes[this.blocks];
    const known = this.paragraph;
    if (known && known.element === live && known.pieces.length < pieces.length && known.pieces.every((piece, index) => piece === pieces[index])) return known;
    if (!(live instanceof HTMLElement) || live.tagName !== "P") patchChildren(this.root, this.blocks, [document.createElement("p")], false);
    return (this.paragraph = { element: this.root.childNodes[this.blocks] as HTMLElement, pieces: [], nodes: 0 });
  }

  private openFence(): RegExpExecArray | null {
    return this.growing ? null : /^(\n*)( {0,3})(`{3,}(?=[^`\n]*\n)|~{3,})([^\n]*)\n/.exec(this.source.slice(this.start));
  }

  private isInOpenFence(): boolean {
    const found = this.openFence();
    if (!found) return false;
    const body = this.source.slice(this.start + found[0].length - 1);
    return !new RegExp(`\\n {0,3}${found[3]}[~\`]* *(?:\\n|$)`).test(body);
  }

  /** False when the open block is no open fence. */
  private showOpenFence(now: number): boolean {
    const found = this.openFence();
    if (!found || found[2] !== "" || !this.isInOpenFence()) return false;
    const code = heldBack(this.source.slice(this.start + found[0].length), found[3]).split(keptTab).join("\t");
    const fence = (this.fence ??= this.beginFence(found[4].trim().split(/[\s,{]/)[0], now));
    if (code.length > fence.shown) appendPlain(fence.code, code.slice(fence.shown));
    fence.shown = Math.max(code.length, fence.shown);
    if (now - fence.colouredAt < recolourEvery || code.length < fence.shown) return true;
    fence.colouredAt = now;
    colour(fence.code, highlight(code, fence.language));
    return true;
  }

  private beginFence(language: string, now: number): OpenFence {
    patchChildren(this.root, this.blocks, [codeFrame(language, this.labels)], true);
    return { code: codeOf(this.root.lastElementChild as HTMLElement), shown: 0, language, colouredAt: now };
  }
}

/** Without a last line that may be the beginning of the closing fence, and without the line end before it. */
function heldBack(code: string, mark: string): string {
  const lineStart = code.lastIndexOf("\n") + 1;
  const line = code.slice(lineStart).trimStart();
  if (line === "" || (mark.startsWith(line) && line.length < mark.length + 1)) return code.slice(0, Math.max(0, lineStart - 1));
  return code;
}

/** The whole at once. */
export function renderMarkdown(root: HTMLElement, text: string, labels: Labels): void {
  root.replaceChildren(...renderBlocks(lex(new Normaliser().push(text)).tokens, labels));
}
