import { useWords } from "../../i18n/words";
import { AccountForm } from "./AccountForm";
import { PasswordForm } from "./PasswordForm";
import { ProjectProfile } from "./ProjectProfile";
import { Section } from "./Section";

export function ProfileSettings() {
  const { t } = useWords();
  return (
    <>
      <Section title={t("settings.you")} lead={t("settings.you.lead")}>
        <AccountForm />
      </Section>
      <Section title={t("login.password")} lead={t("settings.password.lead")}>
        <PasswordForm />
      </Section>
      <ProjectProfile />
    </>
  );
}
