import { Lexer, marked } from "marked";
import { lheading } from "./heading";
import { blockMath, inlineMath } from "./mathTokens";
import { pieceEnds } from "./pieces";

/** A token of the lexer, as far as the renderer reads it. */
export interface Token {
  type: string;
  raw: string;
  text?: string;
  tokens?: Token[];
  depth?: number;
  lang?: string;
  href?: string;
  ordered?: boolean;
  start?: number | "";
  loose?: boolean;
  items?: ListItem[];
  header?: Cell[];
  align?: (Align | null)[];
  rows?: Cell[][];
  display?: boolean;
}

export type Align = "left" | "right" | "center";

export interface ListItem {
  raw: string;
  task: boolean;
  checked?: boolean;
  tokens: Token[];
}

export interface Cell {
  tokens: Token[];
}

marked.use({ extensions: [blockMath, inlineMath], tokenizer: { lheading } as Partial<marked.Tokenizer> });

export interface Lexed {
  tokens: Token[];
  /** There are link reference definitions: uses that came before them must be rendered once more. */
  defines: boolean;
}

/** What a long text was read in, beside its own array, which stays empty; the same piece is the same array each time. */
const pieces = new WeakMap<Token[], Token[][]>();
export const piecesOf = (tokens: Token[] | undefined): Token[][] => (tokens && pieces.get(tokens)) ?? [tokens ?? []];

const read = new Map<string, Token[]>();
const mostRead = 500;

interface LexerState {
  tokens: { links: object };
  state: { inLink: boolean; inRawBlock: boolean };
}

class PieceLexer extends Lexer {
  inlineTokens(source: string, tokens: marked.Token[] = []): ReturnType<Lexer["inlineTokens"]> {
    const { state } = this as unknown as LexerState;
    const ends = state.inLink || state.inRawBlock ? [] : pieceEnds(source);
    if (ends.length === 0) return super.inlineTokens(source, tokens as never);
    const list = [...ends, source.length].map((end, index) => this.piece(source.slice(ends[index - 1] ?? 0, end), index < ends.length));
    pieces.set(tokens as unknown as Token[], list);
    return tokens as ReturnType<Lexer["inlineTokens"]>;
  }

  /** What refers to definitions, or stands inside a tag, is read each time. */
  private piece(source: string, isWhole: boolean): Token[] {
    const { tokens, state } = this as unknown as LexerState;
    const mayKeep = isWhole && !state.inLink && !state.inRawBlock && Object.keys(tokens.links).length === 0;
    const known = mayKeep ? read.get(source) : undefined;
    if (known) return known;
    const made = super.inlineTokens(source, []) as unknown as Token[];
    if (read.size >= mostRead) read.clear();
    if (mayKeep && !state.inLink && !state.inRawBlock) read.set(source, made);
    return made;
  }
}

export function lex(source: string): Lexed {
  const tokens = new PieceLexer({ ...marked.defaults, gfm: true }).lex(source);
  return { tokens: tokens as unknown as Token[], defines: Object.keys(tokens.links).length > 0 };
}
