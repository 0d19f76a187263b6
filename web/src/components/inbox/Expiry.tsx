import { useNow } from "../../app/clock";
import { useWords } from "../../i18n/words";
import { Icon } from "../Icon";

const minute = 60_000;

/** How long there is to decide, in words; the last minutes are followed by the second, in the colour of haste. */
export function Expiry({ at }: { at: string }) {
  const { t, format } = useWords();
  const isNear = Date.parse(at) - Date.now() < 3 * minute;
  const now = useNow(isNear ? 1_000 : 20_000);
  const left = Date.parse(at) - now;
  return (
    <span className={`expiry ${left < 10 * minute ? "near" : ""}`} title={format.dateTime(at)}>
      <Icon name="clock" size={14} />
      {left <= 0 ? t("approval.expired") : t("approval.expires", { when: format.relative(at, now) })}
    </span>
  );
}
