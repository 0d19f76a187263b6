import { PageHead } from "../components/shell/PageHead";
import { useWords } from "../i18n/words";

export function ChatPage({ session }: { session: string | null }) {
  const { t } = useWords();
  return <PageHead title={session ?? t("shell.newChat")} />;
}
