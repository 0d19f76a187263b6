/**
 * Underlined headings (CommonMark 4.3). marked's own rule reaches over lists and headings that lie between the text and the line of
 * dashes; a paragraph, and so such a heading, ends where another block begins.
 */
const interrupt = / {0,3}(?:#{1,6}(?:\s|$)|>|`{3,}|~{3,}|[*+-] |1[.)] |(?:-[\t ]*){3,}(?:\n|$)|(?:_[\t ]*){3,}(?:\n|$)|(?:\*[\t ]*){3,}(?:\n|$)|[^\n]*\|[^\n]*\n {0,3}\|? *:?-)/.source;
const rule = new RegExp(`^([^\\n]+(?:\\n(?!${interrupt})(?! {0,3}(?:=+|-+) *(?:\\n|$))[^\\n]+)*)\\n {0,3}(=+|-+) *(?:\\n+|$)`);

export function lheading(this: { lexer: { inline(source: string): unknown[] } }, source: string): unknown {
  const found = rule.exec(source);
  if (!found || !found[1].trim()) return undefined;
  const [raw, text, line] = found;
  return { type: "heading", raw, depth: line.startsWith("=") ? 1 : 2, text, tokens: this.lexer.inline(text) };
}
