import { FormEvent, useState } from "react";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { escapes } from "./escapes";
import { NoteField } from "./NoteField";

interface NoteFormProps {
  lead: string;
  label?: string;
  placeholder: string;
  confirm: string;
  look: "primary" | "danger";
  isBusy: boolean;
  onSend(note: string): void;
  onBack(): void;
}

/** One question before a decision is sent: a note, and the decision itself. */
export function NoteForm({ lead, label, placeholder, confirm, look, isBusy, onSend, onBack }: NoteFormProps) {
  const { t } = useWords();
  const [note, setNote] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSend(note.trim());
  };
  return (
    <form className="form inbox-form" onSubmit={submit} onKeyDown={escapes(onBack)}>
      <p>{lead}</p>
      <NoteField value={note} label={label} placeholder={placeholder} autoFocus onChange={setNote} />
      <div className="form-actions">
        <Button type="submit" look={look} busy={isBusy}>
          {confirm}
        </Button>
        <Button look="quiet" onClick={onBack}>
          {t("approval.back")}
        </Button>
      </div>
    </form>
  );
}
