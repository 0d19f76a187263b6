import type { JsonObject } from "../../model/events";
import { kindOf, ValueKind } from "../../model/values";
import { useWords } from "../../i18n/words";
import { Field } from "../Field";

interface ValueFieldsProps {
  values: JsonObject;
  texts: Record<string, string>;
  problems: Record<string, string>;
  onChange(name: string, text: string): void;
}

/** A form made from the values of a call: each field is of the kind that its value has now. */
export function ValueFields({ values, texts, problems, onChange }: ValueFieldsProps) {
  return (
    <>
      {Object.entries(values).map(([name, value], index) => (
        <ValueField
          key={name}
          name={name}
          kind={kindOf(value)}
          text={texts[name] ?? ""}
          problem={problems[name]}
          autoFocus={index === 0}
          onChange={(text) => onChange(name, text)}
        />
      ))}
    </>
  );
}

interface ValueFieldProps {
  name: string;
  kind: ValueKind;
  text: string;
  problem?: string;
  autoFocus: boolean;
  onChange(text: string): void;
}

function ValueField({ name, kind, text, problem, autoFocus, onChange }: ValueFieldProps) {
  const { t } = useWords();
  return (
    <Field label={name} problem={problem} hint={kind === "json" ? "JSON" : undefined}>
      {(control) => {
        const shared = { ...control, value: text, autoFocus, onChange: (event: { target: { value: string } }) => onChange(event.target.value) };
        if (kind === "boolean") {
          return (
            <select {...shared} className="input">
              <option value="true">{t("approval.yes")}</option>
              <option value="false">{t("approval.no")}</option>
            </select>
          );
        }
        if (kind === "number") return <input {...shared} className="input" type="number" step="any" inputMode="decimal" />;
        if (kind === "text") return <input {...shared} className="input" />;
        return <textarea {...shared} className={kind === "json" ? "input mono" : "input"} rows={Math.min(10, text.split("\n").length + 1)} spellCheck={kind === "long"} />;
      }}
    </Field>
  );
}
