import { FormEvent, useId, useState } from "react";
import { changeMemory, Memory } from "../../api/memories";
import { useMemoryWords } from "../../i18n/memory";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { Field } from "../Field";
import { Fault } from "../settings/Fault";
import { toldAbout } from "../settings/told";
import { useSave } from "../settings/useSave";

/** Corrects what is remembered. */
export function EditMemory({ memory, onSaved, onClose }: { memory: Memory; onSaved(memory: Memory): void; onClose(): void }) {
  const words = useWords();
  const { t } = useMemoryWords();
  const id = useId();
  const saving = useSave();
  const [fact, setFact] = useState(memory.fact);
  const [about, setAbout] = useState(memory.about ?? "");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const change = { fact: fact.trim(), about: about.trim() === "" ? null : about.trim() };
    if (await saving.run(async () => onSaved(await changeMemory(memory.id, change)))) onClose();
  };
  return (
    <Dialog
      title={t("edit.title")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{words.t("common.cancel")}</Button>
          <Button type="submit" form={id} look="primary" busy={saving.isBusy} disabled={fact.trim() === ""}>
            {words.t("common.save")}
          </Button>
        </>
      }
    >
      <form id={id} className="form" onSubmit={(event) => void submit(event)}>
        <Fault problem={saving.problem} fields={["fact", "about"]} />
        <Field label={t("fact")} problem={toldAbout("fact", saving.problem, words)}>
          {(control) => <textarea {...control} className="input" rows={3} required value={fact} onChange={(event) => setFact(event.target.value)} />}
        </Field>
        <Field label={t("about")} problem={toldAbout("about", saving.problem, words)}>
          {(control) => <input {...control} className="input" value={about} onChange={(event) => setAbout(event.target.value)} />}
        </Field>
      </form>
    </Dialog>
  );
}
