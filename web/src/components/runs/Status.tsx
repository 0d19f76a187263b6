import { useWords } from "../../i18n/words";
import { knownStatus, lookOf } from "../../model/runs";

export function Status({ status }: { status: string }) {
  const { t } = useWords();
  const known = knownStatus(status);
  return (
    <span className={`pill ${lookOf(status)}`}>
      <span className="dot" />
      {known ? t(`runs.status.${known}`) : status}
    </span>
  );
}

export function RehearsalMark() {
  const { t } = useWords();
  return (
    <span className="mark" title={t("chat.rehearsal")}>
      {t("chat.rehearsal.tag")}
    </span>
  );
}
