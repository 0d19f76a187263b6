import { useWords } from "../../i18n/words";
import { Field } from "../Field";

interface NoteFieldProps {
  value: string;
  label?: string;
  placeholder: string;
  autoFocus?: boolean;
  onChange(note: string): void;
}

export function NoteField({ value, label, placeholder, autoFocus, onChange }: NoteFieldProps) {
  const { t } = useWords();
  return (
    <Field label={label ?? t("approval.note")}>
      {(control) => (
        <textarea
          {...control}
          className="input"
          rows={2}
          maxLength={2_000}
          autoFocus={autoFocus}
          value={value}
          placeholder={placeholder}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
          }}
        />
      )}
    </Field>
  );
}
