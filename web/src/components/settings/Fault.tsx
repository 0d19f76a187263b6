import type { Problem } from "../../api/http";
import { useWords } from "../../i18n/words";
import { Notice } from "../Notice";
import { told } from "./told";

/** Why a write did not go through; not what a field beside it says already. */
export function Fault({ problem, fields = [] }: { problem: Problem | null; fields?: string[] }) {
  const words = useWords();
  if (!problem || (problem.errors.length > 0 && problem.errors.every(({ field }) => fields.includes(field)))) return null;
  const list = problem.errors.map(({ field, message }) => (field ? `${field}: ${message}` : message)).join(" · ");
  return (
    <Notice look="bad">
      <strong>{words.t("common.failed.title")}</strong>
      <p>{list || told(problem, words)}</p>
    </Notice>
  );
}
