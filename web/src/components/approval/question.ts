import type { Decision } from "../../api/approvals";
import { Problem } from "../../api/http";
import type { JsonObject } from "../../model/events";

/** What an answer depends on, in the inbox and in the conversation alike. */
export interface Question {
  reason?: string;
  params: JsonObject;
  /** Of a graph that asks for values instead of leave for a call. */
  question?: string;
  fields?: JsonObject;
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

/** The values that have a field of their own on the page. */
export const shownIn = (question: Question, mode: Mode): string[] =>
  asksForValues(question) ? Object.keys(question.fields ?? {}) : mode === "edit" ? Object.keys(question.params) : [];

/** Nobody is sure whether it was done already. */
export const isUnclear = ({ reason }: Question): boolean => reason === "uncertain_effect";
/** Answered with values, not with yes or no. */
export const asksForValues = ({ reason }: Question): boolean => reason === "question";
export const canEdit = (question: Question): boolean => !isUnclear(question) && !asksForValues(question) && Object.keys(question.params).length > 0;
