import { FormEvent, useEffect, useId, useRef, useState } from "react";
import { messageEvent } from "../../api/events";
import { forkRun, getForkGround } from "../../api/forks";
import type { Span } from "../../api/types";
import { useResource } from "../../app/load";
import { navigate, paths } from "../../app/router";
import { useForkWords } from "../../i18n/forks";
import { useWords } from "../../i18n/words";
import { forkWish, noEdits } from "../../model/forks";
import { Failure, Skeletons } from "../Blank";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { Field } from "../Field";
import { Notice } from "../Notice";
import { Fault } from "../settings/Fault";
import { toldAbout } from "../settings/told";
import { useSave } from "../settings/useSave";
import { nameOf } from "../trace/words";
import { ForkFields, ForkSum } from "./ForkFields";

interface ForkDialogProps {
  run: string;
  session: string;
  /** Where it can begin. */
  moments: Span[];
  /** Where it begins unless that is changed; without, with the message alone. */
  at?: Span;
  onClose(): void;
}

const begin = "begin";

/** Forks a run: from which moment on, and what is to be otherwise. */
export default function ForkDialog({ run, session, moments, at, onClose }: ForkDialogProps) {
  const words = useWords();
  const { t, format } = useForkWords();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const saving = useSave();
  const [from, setFrom] = useState(at?.event === undefined ? begin : String(at.event));
  const [edits, setEdits] = useState(noEdits);
  const [tries, setTries] = useState(0);
  const { now, reload } = useResource(from, async (signal) => getForkGround(run, from === begin ? await messageEvent(session, run, signal) : Number(from), signal));
  const ground = now.state === "ready" ? now.value : null;
  const wish = ground?.goes_on ? forkWish(ground, edits) : null;
  useEffect(() => {
    if (tries > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [saving.problem, tries]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!ground) return;
    setTries(tries + 1);
    if (wish && wish.faults.length > 0) return;
    await saving.run(async () => navigate(paths.session((await forkRun(run, ground.from_event, wish?.changes ?? {})).session_id)));
  };
  return (
    <Dialog
      title={t("title")}
      className="fork-dialog"
      onClose={onClose}
      actions={
        <>
          <ForkSum changes={wish?.changes ?? {}} />
          <Button onClick={onClose}>{words.t("common.cancel")}</Button>
          <Button type="submit" form={id} look="primary" icon="fork" busy={saving.isBusy} disabled={!ground}>
            {t("action")}
          </Button>
        </>
      }
    >
      <p>{t("lead")}</p>
      <form id={id} ref={form} className="form" noValidate onSubmit={(event) => void submit(event)}>
        <Fault problem={saving.problem} fields={["from_event", "changes.content", "changes.instructions", "changes.model", "changes.tool_results"]} />
        <Field label={t("from")} hint={ground && t("kept", { event: format.number(ground.from_event) })} problem={toldAbout("from_event", saving.problem, words)}>
          {(control) => (
            <select {...control} className="input" value={from} onChange={(event) => setFrom(event.target.value)}>
              <option value={begin}>{t("begin")}</option>
              {moments.map((span) => (
                <option key={span.id} value={span.event}>
                  {t("moment", { name: nameOf(span, words), event: format.number(span.event ?? 0) })}
                </option>
              ))}
            </select>
          )}
        </Field>
        {now.state === "loading" && <Skeletons count={3} />}
        {now.state === "failed" && <Failure title={t("failed")} problem={now.problem} onRetry={reload} />}
        {ground && !ground.goes_on && <Notice>{t("over")}</Notice>}
        {ground && wish && (
          <ForkFields ground={ground} edits={edits} faults={tries > 0 ? wish.faults : []} problem={saving.problem} opened={at?.id} onChange={setEdits} />
        )}
      </form>
    </Dialog>
  );
}
