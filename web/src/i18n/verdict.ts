import type { ApprovalState } from "../model/events";
import type { Other } from "../model/owner";
import { inSentence } from "./people";
import type { Words } from "./words";

interface Verdict {
  state: ApprovalState;
  /** Approved with other values than those that were asked for. */
  isEdited?: boolean;
  /** Null is the reader; undefined where it is not known. */
  who?: Other | null;
}

/** What became of a question, and by whom it was decided. */
export function verdict({ state, isEdited, who }: Verdict, words: Words): string {
  const { t } = words;
  if (state === "expired") return t("work.expired");
  if (state !== "approved" && state !== "rejected") return t("work.cancelled");
  const key = state === "approved" && isEdited ? "work.approvedEdited" : (`work.${state}` as const);
  return who === undefined ? t(key) : t(`${key}.by`, { who: inSentence(who, words) });
}
