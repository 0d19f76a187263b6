import { FormEvent, useState } from "react";
import type { Approval } from "../../api/types";
import { changedParams, fieldsOf, readField } from "../../model/values";
import { useWords } from "../../i18n/words";
import { ValuesForm } from "../approval/ValuesForm";
import { Button } from "../Button";
import { NoteField } from "./NoteField";
import type { Deciding } from "./useInboxDecision";

/** The values of the call, to change before it is approved. */
export function EditForm({ approval, deciding, onBack }: { approval: Approval; deciding: Deciding; onBack(): void }) {
  const { t } = useWords();
  const [fields, setFields] = useState(() => fieldsOf(approval.params));
  const [note, setNote] = useState("");
  const changed = changedParams(approval.params, fields);
  const isFaulty = fields.some((field) => "fault" in readField(field));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isFaulty) void deciding.send({ decision: "approve", arguments: changed ?? undefined, note: note.trim() || undefined });
  };
  return (
    <form className="form inbox-form" onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onBack()}>
      <ValuesForm fields={fields} problems={deciding.problem?.errors} onChange={setFields} />
      <NoteField value={note} onChange={setNote} />
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
