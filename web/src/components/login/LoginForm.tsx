import { FormEvent, useRef, useState } from "react";
import { login } from "../../api/account";
import { Problem } from "../../api/http";
import { loadAccount } from "../../app/account";
import { useNow } from "../../app/clock";
import { navigate, placeAfterLogin } from "../../app/router";
import { useWords, Words } from "../../i18n/words";
import { Button } from "../Button";
import { Field } from "../Field";
import { Notice } from "../Notice";

export function LoginForm() {
  const words = useWords();
  const { t } = words;
  const password = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [until, setUntil] = useState(0);
  const left = Math.ceil((until - useNow(until > Date.now() ? 1_000 : null)) / 1_000);
  const failed = (error: unknown) => {
    const found = Problem.of(error);
    setProblem(found);
    setBusy(false);
    if (found.status === 429) setUntil(Date.now() + (found.retryAfter ?? 60) * 1_000);
    else password.current?.select();
  };
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const place = placeAfterLogin(location.search);
    setBusy(true);
    setProblem(null);
    try {
      await login(String(form.get("email")).trim(), String(form.get("password")));
      await loadAccount();
      navigate(place, { replace: true });
    } catch (error) {
      failed(error);
    }
  };
  return (
    <form className="login-form" onSubmit={(event) => void submit(event)}>
      {problem && <Notice look="bad">{messageOf(problem, words)}</Notice>}
      <Field label={t("login.email")}>
        {(control) => <input {...control} className="input" type="email" name="email" autoComplete="username" autoFocus required />}
      </Field>
      <Field label={t("login.password")}>
        {(control) => <input {...control} ref={password} className="input" type="password" name="password" autoComplete="current-password" required />}
      </Field>
      <Button type="submit" look="primary" busy={isBusy} disabled={left > 0}>
        {left > 0 ? t("login.wait", { time: words.format.duration(left * 1_000) }) : t("login.submit")}
      </Button>
    </form>
  );
}

function messageOf(problem: Problem, { t, format }: Words): string {
  if (problem.isOffline) return t("common.offline");
  if (problem.status === 401) return t("login.wrong");
  if (problem.status === 429) return t("login.tooMany", { time: format.duration((problem.retryAfter ?? 60) * 1_000) });
  return problem.detail;
}
