import { FormEvent, useId, useState } from "react";
import { addPerson } from "../../api/people";
import type { Person, Role } from "../../api/types";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { Field } from "../Field";
import { Fault } from "./Fault";
import { RoleSelect } from "./RoleSelect";
import { SignInLink } from "./SignInLink";
import { toldAbout } from "./told";
import { useSave } from "./useSave";

/** E-mail, name, role; then the link with which the new person comes in. */
export function AddPerson({ onAdded, onClose }: { onAdded(person: Person): void; onClose(): void }) {
  const words = useWords();
  const { t } = words;
  const formId = useId();
  const saving = useSave();
  const [added, setAdded] = useState<Person | null>(null);
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("member");
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    await saving.run(async () => {
      const person = await addPerson({ email: email.trim(), role, ...(name.trim() ? { name: name.trim() } : {}) });
      onAdded(person);
      setAdded(person);
    });
  };
  if (added) return <SignInLink person={added} onClose={onClose} />;
  return (
    <Dialog
      title={t("settings.people.add")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" form={formId} look="primary" busy={saving.isBusy}>
            {t("settings.people.add.go")}
          </Button>
        </>
      }
    >
      <form id={formId} className="form" onSubmit={(event) => void submit(event)}>
        <Fault problem={saving.problem} fields={["email", "name", "role"]} />
        <Field label={t("login.email")} problem={toldAbout("email", saving.problem, words)}>
          {(control) => <input {...control} className="input" type="email" required autoFocus autoComplete="off" value={email} onChange={(event) => setEmail(event.target.value)} />}
        </Field>
        <Field label={t("settings.name.optional")} problem={toldAbout("name", saving.problem, words)}>
          {(control) => <input {...control} className="input" autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label={t("settings.role")} hint={t(`role.${role}.can`)} problem={toldAbout("role", saving.problem, words)}>
          {(control) => <RoleSelect {...control} value={role} onChange={setRole} />}
        </Field>
      </form>
    </Dialog>
  );
}
