import { argumentOf } from "../../model/values";
import { useWords } from "../../i18n/words";
import { displayName } from "../Avatar";
import { Notice } from "../Notice";
import type { Deciding } from "./question";

/** Why the decision was not taken; what stands beside a shown field is not said again. */
export function Fault({ deciding, shown }: { deciding: Deciding; shown: string[] }) {
  const { t } = useWords();
  const { problem, isTooLate } = deciding;
  if (!problem) return null;
  const others = problem.errors.filter(({ field }) => !shown.includes(argumentOf(field)));
  if (isTooLate) return <Notice>{t(problem.status === 410 ? "approval.tooLate" : "approval.taken")}</Notice>;
  return (
    <Notice look="bad">
      <strong>{t("approval.failed")}</strong>
      {problem.errors.length === 0 && <p>{problem.isOffline ? t("common.offline") : problem.detail}</p>}
      {others.map(({ field, message }) => (
        <p key={field + message}>{[displayName(field.replace(/^arguments[./]?/, "")), message].filter(Boolean).join(": ")}</p>
      ))}
    </Notice>
  );
}
