import { PageHead } from "../components/shell/PageHead";
import { useWords } from "../i18n/words";

export default function ApprovalsPage() {
  const { t } = useWords();
  return <PageHead title={t("shell.approvals")} focus />;
}
