import type { ApprovalState } from "../model/events";
import type { Other } from "../model/owner";
import { inSentence } from "./people";
import type { Words } from "./words";

/** How a call was approved: as it was asked, with other values, to be run once more, or as done already; or how a question was answered. */
export type Way = "plain" | "edited" | "again" | "done" | "answer";

interface Verdict {
  state: ApprovalState;
  way?: Way;
  /** Null is the reader; undefined where it is not known. */
  who?: Other | null;
}

const approved = { plain: "work.approved", edited: "work.approvedEdited", again: "work.again", done: "work.done", answer: "work.answered" } as const;

/** What became of a question, and by whom it was decided. */
export function verdict({ state, way = "plain", who }: Verdict, words: Words): string {
  const { t } = words;
  if (state === "expired") return t("work.expired");
  if (state !== "approved" && state !== "rejected") return t("work.cancelled");
  const key = state === "approved" ? approved[way] : way === "answer" ? "work.declined" : "work.rejected";
  return who === undefined ? t(key) : t(`${key}.by`, { who: inSentence(who, words) });
}

/** `changed` tells whether other values than those that were asked for were approved. */
export function wayOf({ reason, result }: { reason?: string; result?: unknown }, changed: boolean): Way {
  if (reason === "question") return "answer";
  if (result !== undefined && result !== null) return "done";
  if (changed) return "edited";
  return reason === "uncertain_effect" ? "again" : "plain";
}
