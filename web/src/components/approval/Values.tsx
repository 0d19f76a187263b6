import { useWords, Words } from "../../i18n/words";
import type { Json, JsonObject } from "../../model/events";
import type { Difference } from "../../model/values";
import { compare } from "../../model/values";
import { displayName } from "../Avatar";

/** What a call would do: what it changes, its other arguments, and what is known about it. */
export function Particulars({ params, facts }: { params: JsonObject; facts?: JsonObject }) {
  const { t } = useWords();
  const compared = compare(params, facts);
  return (
    <>
      {compared.changes.length > 0 && <Differences rows={compared.changes} />}
      {hasAny(compared.params) && <Values values={compared.params} />}
      {hasAny(compared.facts) && (
        <section className="known">
          <h3>{t("approval.facts")}</h3>
          <Values values={compared.facts} />
        </section>
      )}
    </>
  );
}

const hasAny = (values: JsonObject) => Object.keys(values).length > 0;

/** Names and values, as people read them. */
export function Values({ values }: { values: JsonObject }) {
  const words = useWords();
  return (
    <dl className="values">
      {Object.entries(values).map(([name, value]) => (
        <div key={name}>
          <dt title={name}>{displayName(name)}</dt>
          <dd>{shown(value, words)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Differences({ rows }: { rows: Difference[] }) {
  const words = useWords();
  const { t } = words;
  return (
    <table className="differences">
      <thead>
        <tr>
          <td />
          <th scope="col">{t("approval.before")}</th>
          <th scope="col">{t("approval.after")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <th scope="row">{displayName(row.name)}</th>
            <td>{shown(row.before, words)}</td>
            <td className="after">{shown(row.after, words)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function shown(value: Json | undefined, { t, format }: Words): React.ReactNode {
  if (value === undefined || value === null || value === "") return "—";
  if (typeof value === "boolean") return t(value ? "approval.yes" : "approval.no");
  if (typeof value === "number") return <span className="number">{format.exact(value)}</span>;
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string" || typeof item === "number")) return value.join(", ");
  if (Array.isArray(value)) return t("approval.count", { count: value.length });
  return <code className="mono">{JSON.stringify(value)}</code>;
}
