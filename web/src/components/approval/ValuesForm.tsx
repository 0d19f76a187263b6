import { useId } from "react";
import type { FieldProblem } from "../../api/http";
import { sentence } from "../../i18n/sentence";
import { useWords, Words } from "../../i18n/words";
import { argumentOf, Field, readField } from "../../model/values";
import { displayName } from "../Avatar";
import { Segments } from "../Segments";

interface ValuesFormProps {
  fields: Field[];
  /** What the server said about them at the last try. */
  problems?: FieldProblem[];
  onChange(fields: Field[]): void;
}

/** The arguments of a call as a form, made from what they are. */
export function ValuesForm({ fields, problems = [], onChange }: ValuesFormProps) {
  const words = useWords();
  const change = (at: number, text: string) => onChange(fields.map((field, index) => (index === at ? { ...field, text } : field)));
  return (
    <div className="values-form">
      {fields.map((field, index) => (
        <ValueField key={field.name} field={field} told={toldAbout(field.name, problems, words)} isFirst={index === 0} onChange={(text) => change(index, text)} />
      ))}
    </div>
  );
}

function toldAbout(name: string, problems: FieldProblem[], words: Words): string | null {
  const list = problems.filter(({ field }) => argumentOf(field) === name).map(({ message }) => sentence(message, words));
  return list.length === 0 ? null : list.join(" ");
}

interface ValueFieldProps {
  field: Field;
  told: string | null;
  isFirst: boolean;
  onChange(text: string): void;
}

function ValueField({ field, told, isFirst, onChange }: ValueFieldProps) {
  const { t } = useWords();
  const id = useId();
  const read = readField(field);
  const fault = "fault" in read ? t(read.fault === "json" ? "approval.badJson" : "approval.badNumber") : told;
  const common = {
    id,
    value: field.text,
    autoFocus: isFirst,
    "aria-invalid": fault !== null,
    "aria-describedby": fault ? `${id}-fault` : undefined,
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  return (
    <div className="field">
      <label htmlFor={id}>{displayName(field.name)}</label>
      {field.kind === "yesno" ? (
        <div>
          <Segments
            label={displayName(field.name)}
            value={field.text as "true" | "false"}
            options={[
              { value: "true", label: t("approval.yes") },
              { value: "false", label: t("approval.no") },
            ]}
            onChange={onChange}
          />
        </div>
      ) : field.kind === "long" || field.kind === "json" ? (
        <textarea {...common} className={`input ${field.kind === "json" ? "mono" : ""}`} rows={Math.min(10, Math.max(2, field.text.split("\n").length))} spellCheck={field.kind !== "json"} />
      ) : (
        <input {...common} className="input" inputMode={field.kind === "number" ? "decimal" : undefined} />
      )}
      {fault && (
        <span className="problem" id={`${id}-fault`}>
          {fault}
        </span>
      )}
    </div>
  );
}
