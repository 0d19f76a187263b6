import { useId } from "react";
import type { JsonObject } from "../../model/events";
import { Change, changesIn, isSame } from "../../model/values";
import { useWords } from "../../i18n/words";
import { Value, ValueList } from "../Value";

/** What is known of the thing that would change: before and after side by side when the facts have both. */
export function Facts({ facts }: { facts: JsonObject }) {
  const { t } = useWords();
  const changes = changesIn(facts);
  if (!changes) return <ValueList values={facts} label={t("approval.facts")} />;
  return <Changes changes={changes} />;
}

function Changes({ changes }: { changes: Change[] }) {
  const { t } = useWords();
  const id = useId();
  return (
    <div className="changes-box" role="group" aria-label={t("approval.facts")} tabIndex={0}>
      <table className="changes">
        <thead>
          <tr>
            <td />
            <th scope="col">{t("approval.before")}</th>
            <th scope="col">{t("approval.after")}</th>
          </tr>
        </thead>
        <tbody>
          {changes.map(({ name, before, after }) => (
            <tr key={name} className={isSame(before ?? null, after ?? null) ? undefined : "changed"}>
              <th scope="row" id={`${id}-${name}`}>
                {name}
              </th>
              <td>
                <Value value={before} />
              </td>
              <td>
                <Value value={after} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
