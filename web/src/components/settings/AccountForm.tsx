import { FormEvent, useState } from "react";
import { changeAccount, useAccount } from "../../app/account";
import { toast } from "../../app/toasts";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { Field } from "../Field";
import { Fault } from "./Fault";
import { toldAbout } from "./told";
import { useSave } from "./useSave";

export function AccountForm() {
  const words = useWords();
  const { t } = words;
  const { me } = useAccount();
  const saving = useSave();
  const [name, setName] = useState(me.name ?? "");
  const [email, setEmail] = useState(me.email ?? "");
  const change: Record<string, string | null> = {};
  if (name.trim() !== (me.name ?? "")) change.name = name.trim() || null;
  if (email.trim() !== (me.email ?? "")) change.email = email.trim() || null;
  const isSame = Object.keys(change).length === 0;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await saving.run(() => changeAccount(change))) toast(t("settings.saved"));
  };
  return (
    <form className="card card-pad form" onSubmit={(event) => void submit(event)}>
      <Fault problem={saving.problem} fields={["name", "email"]} />
      <Field label={t("settings.name")} problem={toldAbout("name", saving.problem, words)}>
        {(control) => <input {...control} className="input" autoComplete="name" maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Field label={t("login.email")} hint={t("settings.email.hint")} problem={toldAbout("email", saving.problem, words)}>
        {(control) => (
          <input {...control} className="input" type="email" autoComplete="email" value={email} required={me.email !== null} onChange={(event) => setEmail(event.target.value)} />
        )}
      </Field>
      <p className="hint">{t("settings.role.yours", { role: t(`role.${me.role}`) })}</p>
      <div className="form-actions">
        <Button type="submit" look="primary" busy={saving.isBusy} disabled={isSame}>
          {t("common.save")}
        </Button>
      </div>
    </form>
  );
}
