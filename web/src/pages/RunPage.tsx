import { PageHead } from "../components/shell/PageHead";
import { useWords } from "../i18n/words";

export default function RunPage({ run }: { run: string }) {
  const { t } = useWords();
  return (
    <PageHead title={t("shell.runs")} focus>
      <span className="mono">{run}</span>
    </PageHead>
  );
}
