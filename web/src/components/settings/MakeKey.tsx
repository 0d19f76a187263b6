import { FormEvent, useId, useState } from "react";
import { makeKey } from "../../api/keys";
import type { ApiKey, Role } from "../../api/types";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { Copyable } from "../Copyable";
import { Dialog } from "../Dialog";
import { Field } from "../Field";
import { Notice } from "../Notice";
import { Fault } from "./Fault";
import { RoleSelect } from "./RoleSelect";
import { toldAbout } from "./told";
import { useSave } from "./useSave";

const lifetimes = ["7d", "30d", "90d", "365d", ""] as const;

/** Name, role, expiry; then the secret, which is shown here and never again. */
export function MakeKey({ onMade, onClose }: { onMade(key: ApiKey): void; onClose(): void }) {
  const words = useWords();
  const { t } = words;
  const formId = useId();
  const saving = useSave();
  const [made, setMade] = useState<ApiKey | null>(null);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("member");
  const [expires, setExpires] = useState<string>("90d");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await saving.run(async () => {
      const { key: secret, ...key } = await makeKey({ name: name.trim(), role, ...(expires ? { expires } : {}) });
      onMade(key);
      setMade({ ...key, key: secret });
    });
  };
  if (made) return <MadeKey made={made} onClose={onClose} />;
  return (
    <Dialog
      title={t("settings.keys.make")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" form={formId} look="primary" busy={saving.isBusy}>
            {t("settings.keys.make.go")}
          </Button>
        </>
      }
    >
      <form id={formId} className="form" onSubmit={(event) => void submit(event)}>
        <Fault problem={saving.problem} fields={["name", "role", "expires"]} />
        <Field label={t("settings.name")} hint={t("settings.keys.name.hint")} problem={toldAbout("name", saving.problem, words)}>
          {(control) => <input {...control} className="input" required autoFocus autoComplete="off" maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label={t("settings.role")} hint={t(`role.${role}.can`)} problem={toldAbout("role", saving.problem, words)}>
          {(control) => <RoleSelect {...control} value={role} onChange={setRole} />}
        </Field>
        <Field label={t("settings.keys.expiry")} problem={toldAbout("expires", saving.problem, words)}>
          {(control) => (
            <select {...control} className="input" value={expires} onChange={(event) => setExpires(event.target.value)}>
              {lifetimes.map((lifetime) => (
                <option key={lifetime} value={lifetime}>
                  {lifetime === "" ? t("settings.keys.never") : t("settings.keys.days", { count: parseInt(lifetime, 10) })}
                </option>
              ))}
            </select>
          )}
        </Field>
      </form>
    </Dialog>
  );
}

function MadeKey({ made, onClose }: { made: ApiKey; onClose(): void }) {
  const { t } = useWords();
  return (
    <Dialog
      title={t("settings.keys.made", { name: made.name })}
      keeps
      onClose={onClose}
      actions={
        <Button look="primary" onClick={onClose}>
          {t("settings.keys.kept")}
        </Button>
      }
    >
      <Notice look="warn">{t("settings.keys.once")}</Notice>
      <Copyable text={made.key ?? ""} label={t("settings.keys.secret")} />
      <p>{t("settings.keys.usage")}</p>
      <Copyable text={`curl -H "Authorization: Bearer ${made.key ?? ""}" ${location.origin}/v1/me`} label={t("settings.keys.example")} />
    </Dialog>
  );
}
