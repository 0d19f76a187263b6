import { Lexer, marked } from "marked";
import { lheading } from "./heading";
import { blockMath, inlineMath } from "./mathTokens";

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

export function lex(source: string): Lexed {
  const tokens = new Lexer({ ...marked.defaults, gfm: true }).lex(source);
  return { tokens: tokens as unknown as Token[], defines: Object.keys(tokens.links).length > 0 };
}
