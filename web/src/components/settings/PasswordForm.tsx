import { FormEvent, useState } from "react";
import { changeAccount, useAccount } from "../../app/account";
import { toast } from "../../app/toasts";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { Field } from "../Field";
import { Fault } from "./Fault";
import { toldAbout } from "./told";
import { useSave } from "./useSave";

/** The server's own rule; told before anything is sent. */
const leastCharacters = 10;

/** A first password, or another one; the other browsers of this person are signed out by it. */
export function PasswordForm() {
  const words = useWords();
  const { t } = words;
  const { me } = useAccount();
  const saving = useSave();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [isShort, setShort] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setShort([...next].length < leastCharacters);
    if ([...next].length < leastCharacters) return;
    const fields = { password: next, ...(me.has_password ? { current_password: current } : {}) };
    if (!(await saving.run(() => changeAccount(fields)))) return;
    setCurrent("");
    setNext("");
    toast(t("settings.password.done"));
  };
  const change = (password: string) => {
    setNext(password);
    if ([...password].length >= leastCharacters) setShort(false);
  };
  const isReady = next !== "" && (!me.has_password || current !== "") && me.email !== null;
  return (
    <form className="card card-pad form" onSubmit={(event) => void submit(event)}>
      <Fault problem={saving.problem} fields={["password", "current_password"]} />
      <input type="text" name="username" autoComplete="username" value={me.email ?? ""} readOnly hidden />
      {me.has_password && (
        <Field label={t("settings.password.current")} problem={toldAbout("current_password", saving.problem, words)}>
          {(control) => (
            <input {...control} className="input" type="password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.target.value)} />
          )}
        </Field>
      )}
      <Field
        label={t("settings.password.new")}
        hint={t(me.email === null ? "settings.password.needsEmail" : "settings.password.hint")}
        problem={isShort ? words.count("settings.password.short", [...next].length) : toldAbout("password", saving.problem, words)}
      >
        {(control) => (
          <input
            {...control}
            className="input"
            type="password"
            autoComplete="new-password"
            value={next}
            disabled={me.email === null}
            onChange={(event) => change(event.target.value)}
          />
        )}
      </Field>
      <div className="form-actions">
        <Button type="submit" look="primary" busy={saving.isBusy} disabled={!isReady}>
          {t(me.has_password ? "settings.password.change" : "settings.password.set")}
        </Button>
      </div>
    </form>
  );
}
