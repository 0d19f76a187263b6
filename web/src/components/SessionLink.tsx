import { Link } from "../app/Link";
import { useTitleOf } from "../app/lookup";
import { paths } from "../app/router";
import { useWords } from "../i18n/words";

/** A conversation by its title: the one that came with it, or one that is looked up. */
export function SessionLink({ session, title }: { session: string; title?: string | null }) {
  const { t } = useWords();
  const known = useTitleOf(session, title);
  return (
    <Link className="text-link session-link" href={paths.session(session)}>
      {known === undefined ? t("common.conversation") : known ?? t("shell.untitled")}
    </Link>
  );
}
