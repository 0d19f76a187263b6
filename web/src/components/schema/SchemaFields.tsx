import type { Entry, SchemaField } from "../../model/schema";
import { useWords } from "../../i18n/words";
import { displayName } from "../Avatar";
import { Field } from "../Field";
import { Choices } from "./Choices";

interface SchemaFieldsProps {
  fields: SchemaField[];
  entries: Record<string, Entry>;
  problems: Record<string, string>;
  onChange(name: string, entry: Entry): void;
}

/** A form made from a JSON Schema. */
export function SchemaFields({ fields, entries, problems, onChange }: SchemaFieldsProps) {
  return (
    <>
      {fields.map((field) => (
        <OneField key={field.name} field={field} entry={entries[field.name] ?? ""} problem={problems[field.name]} onChange={(entry) => onChange(field.name, entry)} />
      ))}
    </>
  );
}

interface OneFieldProps {
  field: SchemaField;
  entry: Entry;
  problem?: string;
  onChange(entry: Entry): void;
}

const inputTypes: Partial<Record<SchemaField["kind"], string>> = { email: "email", url: "url", date: "date", integer: "number", number: "number" };

function OneField({ field, entry, problem, onChange }: OneFieldProps) {
  const { t } = useWords();
  const title = field.title ?? displayName(field.name);
  const label = field.isRequired ? title : t("form.optional", { title });
  if (Array.isArray(entry) || field.kind === "choices") {
    return <Choices label={label} hint={field.description} problem={problem} choices={field.choices} picked={Array.isArray(entry) ? entry : []} onChange={onChange} />;
  }
  const hint = field.description ?? (field.kind === "lines" ? t("form.lines") : field.kind === "json" ? "JSON" : undefined);
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(control) => {
        const shared = { ...control, value: entry, required: field.isRequired, onChange: (event: { target: { value: string } }) => onChange(event.target.value) };
        if (field.kind === "choice" || field.kind === "boolean") return <Select field={field} control={shared} />;
        if (field.kind === "long" || field.kind === "lines" || field.kind === "json") {
          return <textarea {...shared} className={field.kind === "json" ? "input mono" : "input"} rows={3} placeholder={placeholderOf(field)} />;
        }
        return <input {...shared} className="input" type={inputTypes[field.kind] ?? "text"} min={field.minimum} max={field.maximum} step={field.kind === "number" ? "any" : undefined} placeholder={placeholderOf(field)} />;
      }}
    </Field>
  );
}

const placeholderOf = ({ fallback }: SchemaField): string | undefined =>
  typeof fallback === "string" || typeof fallback === "number" ? String(fallback) : undefined;

function Select({ field, control }: { field: SchemaField; control: React.SelectHTMLAttributes<HTMLSelectElement> }) {
  const { t } = useWords();
  const options = field.kind === "boolean" ? [["true", t("approval.yes")], ["false", t("approval.no")]] : field.choices.map((choice) => [choice, choice]);
  return (
    <select {...control} className="input">
      <option value="">{t(field.isRequired ? "form.choose" : "form.unset")}</option>
      {options.map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}
