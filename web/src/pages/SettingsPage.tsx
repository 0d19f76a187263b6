import type { SettingsSection } from "../app/router";
import { PageHead } from "../components/shell/PageHead";
import { useWords } from "../i18n/words";

export default function SettingsPage({ section }: { section: SettingsSection }) {
  const { t } = useWords();
  return (
    <PageHead title={t("shell.settings")} focus>
      <span>{section}</span>
    </PageHead>
  );
}
