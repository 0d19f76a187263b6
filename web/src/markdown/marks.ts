/** A mark that is opened and not closed for so long is taken for a character: a lone asterisk must not hold up a book. */
const patience = 4_000;

interface Mark {
  mark: string;
  at: number;
}

/** Goes through the text of a paragraph and knows whether something is open: emphasis, code, a link, a formula, a tag. Rather too often than too seldom. */
export class MarkScan {
  private open: Mark[] = [];

  constructor(private readonly text: string, public at: number) {}

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  get isClosed(): boolean {
    this.open = this.open.filter(({ at }) => this.at - at < patience);
    return this.open.length === 0;
  }

  /** Over one character, or over a run of marks, or over the whole of a code span. */
  step(): void {
    const character = this.text[this.at];
    switch (character) {
      case "\\":
        return this.escape();
      case "`":
        return this.code();
      case "*":
      case "_":
      case "~":
        return this.emphasis(character);
      case "[":
        return this.push(character);
      case "]":
        return this.pop("[");
      case "(":
        if (this.text[this.at - 1] === "]" || this.has("(")) return this.push(character);
        break;
      case ")":
        return this.pop("(");
      case "<":
        if (/[a-z/!?]/i.test(this.text[this.at + 1] ?? "")) return this.push(character);
        break;
      case ">":
        return this.pop("<");
      case "$":
        return this.money();
      case "\n":
        this.drop("$");
    }
    this.at += 1;
  }

  private escape(): void {
    const next = this.text[this.at + 1];
    if (next === "(" || next === "[") this.open.push({ mark: `\\${next}`, at: this.at });
    else if (next === ")") this.drop("\\(");
    else if (next === "]") this.drop("\\[");
    this.at += 2;
  }

  private code(): void {
    const mark = this.run("`");
    const from = this.at + mark.length;
    const end = endOfCode(this.text, from, mark.length);
    if (end === null) this.open.push({ mark, at: this.at });
    this.at = end ?? from;
  }

  /** Closes what it can, then opens: `***` is a strong and an emphasis. */
  private emphasis(character: string): void {
    const run = this.run(character);
    const before = this.text[this.at - 1] ?? " ";
    const after = this.text[this.at + run.length] ?? " ";
    const isInWord = character === "_" && /\w/.test(before) && /\w/.test(after);
    if (!isInWord && (character !== "~" || run.length === 2)) this.take(run, /\S/.test(before), /\S/.test(after));
    this.at += run.length;
  }

  private take(run: string, mayClose: boolean, mayOpen: boolean): void {
    let rest = run.length;
    while (mayClose && rest > 0) {
      const last = this.open[this.open.length - 1];
      if (!last || last.mark[0] !== run[0] || last.mark.length > rest) break;
      rest -= last.mark.length;
      this.open.pop();
    }
    for (; mayOpen && rest > 0; rest -= 2) this.open.push({ mark: run[0].repeat(Math.min(2, rest)), at: this.at });
  }

  /** A dollar opens a formula unless a space follows; the next one ends it, or begins another. */
  private money(): void {
    const wasOpen = this.has("$");
    this.drop("$");
    const closes = wasOpen && !/[\s\\]/.test(this.text[this.at - 1]) && !/\d/.test(this.text[this.at + 1] ?? "");
    if (!closes && /\S/.test(this.text[this.at + 1] ?? " ")) this.open.push({ mark: "$", at: this.at });
    this.at += 1;
  }

  private run(character: string): string {
    let end = this.at;
    while (this.text[end] === character) end += 1;
    return this.text.slice(this.at, end);
  }

  private has(mark: string): boolean {
    return this.open.some((item) => item.mark === mark);
  }

  private push(mark: string): void {
    this.open.push({ mark, at: this.at });
    this.at += 1;
  }

  private pop(mark: string): void {
    const index = this.open.map((item) => item.mark).lastIndexOf(mark);
    if (index >= 0) this.open.splice(index, 1);
    this.at += 1;
  }

  private drop(mark: string): void {
    this.open = this.open.filter((item) => item.mark !== mark);
  }
}

/** Behind the run of as many backticks as began the code. */
function endOfCode(text: string, from: number, length: number): number | null {
  for (let at = text.indexOf("`", from); at >= 0; at = text.indexOf("`", at)) {
    const begin = at;
    while (text[at] === "`") at += 1;
    if (at - begin === length) return at;
  }
  return null;
}
