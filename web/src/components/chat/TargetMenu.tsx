import { useAccount } from "../../app/account";
import { useWords } from "../../i18n/words";
import { displayName } from "../Avatar";
import { Icon } from "../Icon";
import { Menu } from "../Menu";

/** Whom the new conversation is with; nothing to choose when the project has one target only. */
export function TargetMenu({ target, onChoose }: { target: string; onChoose(target: string): void }) {
  const { t } = useWords();
  const { info } = useAccount();
  if (info.targets.length < 2) return null;
  return (
    <Menu
      label={t("chat.target")}
      items={info.targets.map((name) => ({
        label: displayName(name),
        icon: name.startsWith("team:") ? "users" : "user",
        end: name === target ? <Icon name="check" /> : undefined,
        onSelect: () => onChoose(name),
      }))}
      trigger={(props) => (
        <button type="button" {...props} className="pill target" aria-label={`${t("chat.target")}: ${displayName(target)}`}>
          {displayName(target)}
          <Icon name="chevronDown" size={12} />
        </button>
      )}
    />
  );
}
