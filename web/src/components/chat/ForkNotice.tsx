import { useWords } from "../../i18n/words";
import { Icon } from "../Icon";
import { Rich } from "../Rich";
import { SessionLink } from "../SessionLink";

/** Where a conversation comes from that was forked from a step of another's run. */
export function ForkNotice({ session }: { session: string }) {
  const { t } = useWords();
  return (
    <div className="owner-note" role="note">
      <Icon name="fork" />
      <p>
        <Rich text={t("chat.forked")} parts={{ title: <SessionLink session={session} /> }} />
      </p>
    </div>
  );
}
