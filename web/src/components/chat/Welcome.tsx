import { useAccount } from "../../app/account";
import { useWords } from "../../i18n/words";
import { displayName } from "../Avatar";
import { Mark } from "../Icon";

/** A conversation before its first message: who answers, and a few ways to begin. */
export function Welcome({ target, onSuggestion }: { target: string; onSuggestion(text: string): void }) {
  const { t } = useWords();
  const { info } = useAccount();
  const list = info.suggestions?.length ? info.suggestions : [t("chat.suggest.help"), t("chat.suggest.tools")];
  return (
    <div className="welcome">
      <Mark size={44} />
      <h2>{t("chat.empty.title")}</h2>
      <p>{t("chat.empty.with", { target: displayName(target) })}</p>
      <div className="suggestions" role="group" aria-label={t("chat.suggestions")}>
        {list.map((text) => (
          <button key={text} type="button" className="suggestion" onClick={() => onSuggestion(text)}>
            {text}
          </button>
        ))}
      </div>
    </div>
  );
}
