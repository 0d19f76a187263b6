/** What stands for a tab inside a code fence: the lexer turns tabs at the beginning of a line into spaces, and code is to be copied as written. */
export const keptTab = "\ue009";

/**
 * Line ends become `\n`, tabs before text become spaces. Works on a growing text: what was given out is never changed, and a
 * line is looked at when its characters arrive.
 */
export class Normaliser {
  private line = "";
  private fence = "";
  private afterReturn = false;

  push(text: string): string {
    let out = "";
    for (const character of text) {
      const skip = this.afterReturn && character === "\n";
      this.afterReturn = character === "\r";
      if (!skip) out += this.one(character === "\r" ? "\n" : character);
    }
    return out;
  }

  private one(character: string): string {
    if (character === "\n") {
      this.endLine();
      return character;
    }
    const isLeading = character === "\t" && this.line.trim() === "";
    const shown = isLeading ? (this.fence ? keptTab : "    ") : character;
    this.line += shown;
    return shown;
  }

  private endLine(): void {
    const mark = /^(?:\s|[-*+>]|\d+[.)])*(`{3,}|~{3,})(.*)$/.exec(this.line);
    if (mark && !this.fence && !(mark[1][0] === "`" && mark[2].includes("`"))) this.fence = mark[1];
    else if (mark && mark[1].startsWith(this.fence) && mark[2].trim() === "") this.fence = "";
    this.line = "";
  }
}

export const normalise = (text: string): string => new Normaliser().push(text);
