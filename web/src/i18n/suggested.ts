import type { Key, Words } from "./words";

interface Asked {
  reason?: string;
  warnings: string[];
  suggested_action: string | null;
  doubts?: unknown[];
}

const reasons: Record<string, Key> = {
  question: "question.why",
  critical_tool: "approval.why.critical_tool",
  uncertain_effect: "approvals.unclear",
  earlier_uncertain: "approval.why.earlier_uncertain",
};

const isAboutEarlier = ({ reason, doubts = [] }: Asked): boolean => reason === "earlier_uncertain" || doubts.length > 0;

/** Why a person is asked. Null where a warning says it with more: which earlier call it is about. */
export function why(asked: Asked, { t }: Words): string | null {
  if (asked.reason === "earlier_uncertain" && asked.warnings.length > 0) return null;
  return t(reasons[asked.reason ?? ""] ?? "approval.why.policy");
}

/** What else to know. Where nobody knows whether the call itself had its effect, the reason has said that already. */
export function warningsOf(asked: Asked): string[] {
  return asked.reason === "uncertain_effect" && !isAboutEarlier(asked) ? [] : asked.warnings;
}

/** What to do before deciding, in the words that the buttons have; as the server says it where we have none. */
export function suggested(asked: Asked, { t }: Words): string | null {
  if (!asked.suggested_action || asked.reason === "question") return null;
  if (isAboutEarlier(asked)) return t("approval.suggested.earlier");
  if (asked.reason === "uncertain_effect") return null;
  if (asked.reason === "critical_tool") return t("approval.suggested.critical_tool");
  return t("approval.suggested", { action: asked.suggested_action });
}
