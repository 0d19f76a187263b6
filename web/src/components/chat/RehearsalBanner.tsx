import { useAccount } from "../../app/account";
import { connecting } from "../../app/drawer";
import { atLeast } from "../../api/types";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { Icon } from "../Icon";

/** Says in plain words that nobody thinks here yet, and how to change that. */
export function RehearsalBanner() {
  const { t } = useWords();
  const { info, me } = useAccount();
  if (!info.rehearsal) return null;
  return (
    <div className="thread-note" role="note">
      <Icon name="info" />
      <p>{t("chat.rehearsal")}</p>
      {atLeast(me.role, "admin") && (
        <Button small icon="plug" onClick={() => connecting.set(true)}>
          {t("chat.rehearsal.connect")}
        </Button>
      )}
    </div>
  );
}
