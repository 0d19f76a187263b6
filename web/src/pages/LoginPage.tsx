import { useEffect } from "react";
import { account, chooseLanguage, chooseTheme } from "../app/account";
import { language, theme } from "../app/preferences";
import { Link } from "../app/Link";
import { navigate, placeAfterLogin } from "../app/router";
import { useStore } from "../app/store";
import { pageTitle } from "../app/tab";
import { Copyable } from "../components/Copyable";
import { Mark } from "../components/Icon";
import { LoginForm } from "../components/login/LoginForm";
import { Notice } from "../components/Notice";
import { Segments } from "../components/Segments";
import "../i18n/login";
import { useWords } from "../i18n/words";

export default function LoginPage({ reason }: { reason: string | null }) {
  const { t } = useWords();
  const { state } = useStore(account);
  const place = placeAfterLogin(location.search);
  useEffect(() => {
    if (state === "ready" && reason === null) navigate(place, { replace: true });
  }, [state, reason, place]);
  useEffect(() => {
    pageTitle.set(t("login.title"));
  }, [t]);
  return (
    <main className="login">
      <div className="login-card">
        <Mark size={44} />
        <h1>{t("login.title")}</h1>
        {reason === "link_used" && <LinkUsed />}
        {reason === "signed_out" && state !== "ready" && <SignedOut />}
        {state === "ready" ? <AlreadyIn place={place} /> : <LoginForm />}
        <NoAccount open={reason === "link_used"} />
      </div>
      <Looks />
    </main>
  );
}

function LinkUsed() {
  const { t } = useWords();
  return (
    <Notice look="warn">
      <strong>{t("login.linkUsed.title")}</strong>
      <p>{t("login.linkUsed.text")}</p>
    </Notice>
  );
}

/** The server does not tell which of the two it was. */
function SignedOut() {
  const { t } = useWords();
  return (
    <Notice look="warn">
      <strong>{t("login.signedOut.title")}</strong>
      <p>{t("login.signedOut.text")}</p>
    </Notice>
  );
}

function AlreadyIn({ place }: { place: string }) {
  const { t } = useWords();
  return (
    <>
      <p className="login-lead">{t("login.already")}</p>
      <Link className="button primary" href={place}>
        {t("login.continue")}
      </Link>
    </>
  );
}

/** The way in for whoever has no password: the link that only somebody at the server's terminal can print. */
function NoAccount({ open }: { open: boolean }) {
  const { t } = useWords();
  return (
    <details className="login-help" open={open}>
      <summary>{t("login.help.title")}</summary>
      <p>{t("login.help.own")}</p>
      <Copyable text="batuta user link" label={t("login.help.command")} />
      <p>{t("login.help.other")}</p>
    </details>
  );
}

function Looks() {
  const { t } = useWords();
  return (
    <footer className="login-foot">
      <Segments
        label={t("common.language")}
        value={useStore(language)}
        options={[
          { value: "en", label: "English" },
          { value: "pt-BR", label: "Português" },
        ]}
        onChange={chooseLanguage}
      />
      <Segments
        label={t("common.theme")}
        value={useStore(theme)}
        options={(["light", "dark", "system"] as const).map((value) => ({ value, label: t(`common.theme.${value}`) }))}
        onChange={chooseTheme}
      />
    </footer>
  );
}
