import { FormEvent, useState } from "react";
import type { Approval } from "../../api/types";
import type { JsonObject } from "../../model/events";
import { isSame, parseValues, textOf } from "../../model/values";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import type { Deciding } from "./useDecision";
import { NoteField } from "./NoteField";
import { ValueFields } from "./ValueFields";

const problemKey = { number: "approval.badNumber", json: "approval.badJson" } as const;

/** The values of the call, to change before it is approved. */
export function EditForm({ approval, deciding, onBack }: { approval: Approval; deciding: Deciding; onBack(): void }) {
  const { t } = useWords();
  const [texts, setTexts] = useState(() => Object.fromEntries(Object.entries(approval.params).map(([name, value]) => [name, textOf(value)])));
  const [note, setNote] = useState("");
  const [isChecked, setChecked] = useState(false);
  const { values, problems } = parseValues(approval.params, texts);
  const isChanged = !isSame(values, approval.params);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (Object.keys(problems).length > 0) return;
    void deciding.send({ decision: "approve", ...(isChanged ? { arguments: values } : {}), ...(note.trim() ? { note: note.trim() } : {}) });
  };
  return (
    <form className="form approval-form" onSubmit={submit} onKeyDown={(event) => event.key === "Escape" && onBack()}>
      <ValueFields
        values={approval.params}
        texts={texts}
        problems={{ ...refusals(approval.params, deciding), ...(isChecked ? named(problems, (kind) => t(problemKey[kind])) : {}) }}
        onChange={(name, text) => setTexts({ ...texts, [name]: text })}
      />
      <NoteField value={note} onChange={setNote} />
      <div className="form-actions">
        <Button type="submit" look="primary" icon="check" busy={deciding.isBusy}>
          {isChanged ? t("approval.approveEdited") : t("approval.approve")}
        </Button>
        <Button look="quiet" onClick={onBack}>
          {t("approval.back")}
        </Button>
      </div>
    </form>
  );
}

function named<Kind>(problems: Record<string, Kind>, text: (kind: Kind) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(problems).map(([name, kind]) => [name, text(kind)]));
}

/** What the server said about single values: `arguments.amount` is about `amount`. */
function refusals(values: JsonObject, { problem }: Deciding): Record<string, string> {
  const about = (name: string) => problem?.errors.find(({ field }) => new RegExp(`^(arguments[./])?/?${escaped(name)}\\b`).test(field))?.message;
  return Object.fromEntries(Object.keys(values).flatMap((name) => (about(name) ? [[name, about(name) as string]] : [])));
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
