import { FormEvent, useState } from "react";
import type { JsonObject } from "../../model/events";
import { changedParams, fieldsOf, readField } from "../../model/values";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { escapes } from "./escapes";
import { NoteField } from "./NoteField";
import type { Deciding } from "./question";
import { ValuesForm } from "./ValuesForm";

/** The values of the call, to change before it is approved. */
export function EditForm({ params, deciding, onBack }: { params: JsonObject; deciding: Deciding; onBack(): void }) {
  const { t, format } = useWords();
  const [fields, setFields] = useState(() => fieldsOf(params, format.decimal));
  const [note, setNote] = useState("");
  const changed = changedParams(params, fields);
  const isFaulty = fields.some((field) => "fault" in readField(field));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isFaulty) void deciding.send({ decision: "approve", arguments: changed ?? undefined, note: note.trim() || undefined });
  };
  return (
    <form className="form inbox-form" onSubmit={submit} onKeyDown={escapes(onBack)}>
      <ValuesForm fields={fields} problems={deciding.problem?.errors} onChange={setFields} />
      <NoteField value={note} placeholder={t("approval.note.approve")} onChange={setNote} />
      <div className="form-actions">
        <Button type="submit" look="primary" icon="check" busy={deciding.isBusy} disabled={isFaulty}>
          {t(changed ? "approval.approveEdited" : "approval.approve")}
        </Button>
        <Button look="quiet" onClick={onBack}>
          {t("approval.back")}
        </Button>
      </div>
    </form>
  );
}
