import type { Json, JsonObject } from "../model/events";
import { isSame } from "../model/values";
import { useWords } from "../i18n/words";
import { Rich } from "./Rich";

/** One value of a call, as people read it; what is nested stays JSON. */
export function Value({ value }: { value: Json | undefined }) {
  const { t, format } = useWords();
  if (value === undefined || value === null) return <span className="faint">–</span>;
  if (typeof value === "boolean") return <>{value ? t("approval.yes") : t("approval.no")}</>;
  if (typeof value === "number") return <span className="number">{format.exact(value)}</span>;
  if (typeof value === "string") return <span className="value-text">{value}</span>;
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return <>{value.join(", ") || <span className="faint">–</span>}</>;
  return <code className="value-json">{JSON.stringify(value, null, 2)}</code>;
}

/** What stood there before a person changed it. */
export function Was({ value }: { value: Json | undefined }) {
  const { t } = useWords();
  return (
    <span className="was">
      <Rich text={t("work.was")} parts={{ value: <Value value={value} /> }} />
    </span>
  );
}

interface ValueListProps {
  values: JsonObject;
  label: string;
  /** What the values were before somebody changed some of them. */
  asked?: JsonObject;
}

export function ValueList({ values, label, asked }: ValueListProps) {
  return (
    <dl className="value-list" aria-label={label}>
      {Object.entries(values).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <Value value={value} /> {asked && !isSame(asked[name], value) && <Was value={asked[name]} />}
          </dd>
        </div>
      ))}
    </dl>
  );
}
