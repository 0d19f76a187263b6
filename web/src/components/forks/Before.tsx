import type { ChangedResult } from "../../api/types";
import { useForkWords } from "../../i18n/forks";
import { CodeBox } from "../chat/CodeBox";

/** What a call had come to before somebody gave another result for it. */
export default function Before({ change: { was, error } }: { change: ChangedResult }) {
  const { t } = useForkWords();
  if (was === undefined) return <p className="step-none">{error === undefined ? t("before.none") : t("before.error", { error })}</p>;
  return (
    <>
      <p className="step-label">{t("before")}</p>
      <CodeBox json={was} />
    </>
  );
}
