import { Link } from "../app/Link";
import { useTitleOf } from "../app/lookup";
import { paths } from "../app/router";
import { useWords } from "../i18n/words";

/** A conversation by its title, which is looked up. */
export function SessionLink({ session }: { session: string }) {
  const { t } = useWords();
  const title = useTitleOf(session);
  return (
    <Link className="text-link session-link" href={paths.session(session)}>
      {title === undefined ? t("common.conversation") : title ?? t("shell.untitled")}
    </Link>
  );
}
