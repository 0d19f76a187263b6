import type { Decision } from "../../api/approvals";
import { Problem } from "../../api/http";
import type { JsonObject } from "../../model/events";

/** What an answer depends on, in the inbox and in the conversation alike. */
export interface Question {
  reason?: string;
  params: JsonObject;
}

/** The buttons, or the one form that a button opened. */
export type Mode = "ask" | "edit" | "reject" | "done";

export interface Deciding {
  isBusy: boolean;
  /** What went wrong with the last try, until the next. */
  problem: Problem | null;
  /** Somebody else decided, or time ran out, before this decision came. */
  isTooLate: boolean;
  send(decision: Decision): Promise<void>;
}

/** Nobody is sure whether it was done already. */
export const isUnclear = ({ reason }: Question): boolean => reason === "uncertain_effect";
export const canEdit = (question: Question): boolean => !isUnclear(question) && Object.keys(question.params).length > 0;
