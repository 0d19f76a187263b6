import { FormEvent, useId, useState } from "react";
import { listSecrets, removeSecret, setSecret } from "../../api/secrets";
import type { SecretRow } from "../../api/types";
import { useResource } from "../../app/load";
import { toast } from "../../app/toasts";
import { useWords } from "../../i18n/words";
import { Blank, Failure, Skeletons } from "../Blank";
import { Button, IconButton } from "../Button";
import { Dialog } from "../Dialog";
import { Field } from "../Field";
import { Confirm } from "./Confirm";
import { Fault } from "./Fault";
import { Section } from "./Section";
import { useSave } from "./useSave";

/** The vault: names of secrets, never their values. */
export function Secrets({ onChange }: { onChange(): void }) {
  const { t } = useWords();
  const { now, reload } = useResource("secrets", listSecrets);
  const [isAdding, setAdding] = useState(false);
  const changed = () => {
    reload();
    onChange();
  };
  const add = (
    <Button icon="plus" onClick={() => setAdding(true)}>
      {t("settings.secrets.add")}
    </Button>
  );
  const secrets = now.state === "ready" ? now.value.data : [];
  const isEmpty = now.state === "ready" && secrets.length === 0;
  return (
    <Section title={t("settings.secrets")} lead={t("settings.secrets.lead")} action={isEmpty ? undefined : add}>
      <div className="card">
        {now.state === "loading" && <Skeletons count={2} />}
        {now.state === "failed" && <Failure problem={now.problem} onRetry={reload} />}
        {isEmpty && (
          <Blank icon="key" title={t("settings.secrets.none")} action={add}>
            {t("settings.secrets.none.text")}
          </Blank>
        )}
        <ul className="rows">
          {secrets.map((secret) => (
            <SecretItem key={secret.name} secret={secret} onRemoved={changed} />
          ))}
        </ul>
      </div>
      {isAdding && <AddSecret onAdded={changed} onClose={() => setAdding(false)} />}
    </Section>
  );
}

function SecretItem({ secret, onRemoved }: { secret: SecretRow; onRemoved(): void }) {
  const { t, format } = useWords();
  const [isAsking, setAsking] = useState(false);
  const remove = async () => {
    await removeSecret(secret.name);
    onRemoved();
  };
  return (
    <li className="row">
      <div className="row-text">
        <p className="row-title mono">{secret.name}</p>
        <p className="row-meta">{t("settings.secrets.updated", { when: format.relative(secret.updated_at) })}</p>
      </div>
      <IconButton icon="trash" label={t("settings.secrets.remove", { name: secret.name })} onClick={() => setAsking(true)} />
      {isAsking && (
        <Confirm title={t("settings.secrets.remove.title", { name: secret.name })} action={t("settings.secrets.remove.go")} onConfirm={remove} onClose={() => setAsking(false)}>
          {t("settings.secrets.remove.text")}
        </Confirm>
      )}
    </li>
  );
}

function AddSecret({ onAdded, onClose }: { onAdded(): void; onClose(): void }) {
  const { t } = useWords();
  const formId = useId();
  const saving = useSave();
  const [name, setName] = useState("");
  const [value, setValue] = useState("");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!(await saving.run(() => setSecret(name.trim(), value)))) return;
    onAdded();
    toast(t("settings.secrets.kept", { name: name.trim() }));
    onClose();
  };
  return (
    <Dialog
      title={t("settings.secrets.add")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" form={formId} look="primary" busy={saving.isBusy}>
            {t("settings.secrets.keep")}
          </Button>
        </>
      }
    >
      <form id={formId} className="form" autoComplete="off" onSubmit={(event) => void submit(event)}>
        <Fault problem={saving.problem} fields={["name", "value"]} />
        <Field label={t("settings.name")} hint={t("settings.secrets.name.hint")} problem={saving.problem?.about("name")}>
          {(control) => <input {...control} className="input mono" required autoFocus spellCheck={false} autoCapitalize="off" value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label={t("settings.secrets.value")} hint={t("settings.secrets.value.hint")} problem={saving.problem?.about("value")}>
          {(control) => <input {...control} className="input mono" type="password" required autoComplete="new-password" value={value} onChange={(event) => setValue(event.target.value)} />}
        </Field>
      </form>
    </Dialog>
  );
}
