import { useDiffWords } from "../i18n/diff";
import type { DiffLine } from "../model/lines";

/** What changed between two texts, line by line; null stands for lines that are the same in both. */
export function Diff({ lines }: { lines: (DiffLine | null)[] }) {
  return (
    <pre className="diff">
      {lines.map((line, index) => (line ? <Line key={index} line={line} /> : <Fold key={index} />))}
    </pre>
  );
}

const looks = { "+": "added", "-": "removed", " ": "" };

function Line({ line }: { line: DiffLine }) {
  const { t } = useDiffWords();
  return (
    <span className={`diff-line ${looks[line.op]}`}>
      {line.op !== " " && <span className="visually-hidden">{t(line.op === "+" ? "added" : "taken")}: </span>}
      <span aria-hidden="true">{line.op} </span>
      {line.text}
    </span>
  );
}

function Fold() {
  const { t } = useDiffWords();
  return (
    <span className="diff-line fold">
      <span className="visually-hidden">{t("same")}</span>
      <span aria-hidden="true">  …</span>
    </span>
  );
}
