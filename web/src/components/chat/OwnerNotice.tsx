import { atLeast } from "../../api/types";
import { useAccount } from "../../app/account";
import type { SessionFeed } from "../../app/feed";
import { conversationOf } from "../../i18n/people";
import { useWords } from "../../i18n/words";
import { Icon } from "../Icon";
import { useOwner } from "./useOwner";

/** Says whose conversation is read here, when it is not the reader's own. */
export function OwnerNotice({ feed }: { feed: SessionFeed }) {
  const words = useWords();
  const { me } = useAccount();
  const owner = useOwner(feed);
  if (!owner) return null;
  const isRead = owner.kind !== "key" && atLeast(me.role, "member");
  return (
    <div className="owner-note" role="note">
      <Icon name={owner.kind === "key" ? "key" : "user"} />
      <p>
        <strong>{conversationOf(owner, words)}</strong> {isRead && <span>{words.t("people.conversation.write")}</span>}
      </p>
    </div>
  );
}
