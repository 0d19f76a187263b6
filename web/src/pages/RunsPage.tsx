import { PageHead } from "../components/shell/PageHead";
import { useWords } from "../i18n/words";

export default function RunsPage() {
  const { t } = useWords();
  return <PageHead title={t("shell.runs")} focus />;
}
