import { useMemo } from "react";
import type { ChangedResult, ChangedText, ForkedChanges } from "../../api/types";
import { useForkWords } from "../../i18n/forks";
import { asText } from "../../model/forks";
import { diffOf, folded } from "../../model/lines";
import { Diff } from "../Diff";

/** All that a fork has otherwise: what was and what is. */
export function Changes({ changes: { content, instructions, model, tool_results = [] } }: { changes: ForkedChanges }) {
  const { t } = useForkWords();
  return (
    <dl className="fork-changes">
      {content && <TextChange name={t("content")} change={content} />}
      {instructions && <TextChange name={t("instructions")} change={instructions} />}
      {model && <ModelChange change={model} />}
      {tool_results.map((change) => (
        <ResultChange key={change.call_id} change={change} />
      ))}
    </dl>
  );
}

function TextChange({ name, change: { was = "", now } }: { name: string; change: ChangedText }) {
  const lines = useMemo(() => folded(diffOf(was, now)), [was, now]);
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Diff lines={lines} />
      </dd>
    </div>
  );
}

function ModelChange({ change: { was, now } }: { change: ChangedText }) {
  const { t } = useForkWords();
  return (
    <div>
      <dt>{t("model")}</dt>
      <dd className="fork-model">
        {was !== undefined && (
          <>
            <span className="visually-hidden">{t("was")} </span>
            <del>{was}</del> <span aria-hidden="true">→</span>{" "}
          </>
        )}
        <span className="visually-hidden">{t("now")} </span>
        <ins>{now}</ins>
      </dd>
    </div>
  );
}

function ResultChange({ change: { tool, was, error, now } }: { change: ChangedResult }) {
  const { t } = useForkWords();
  return <TextChange name={t("result.of", { tool })} change={{ was: was === undefined ? error ?? "" : asText(was), now: asText(now) }} />;
}
