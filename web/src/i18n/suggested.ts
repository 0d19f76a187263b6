import type { Words } from "./words";

interface Asked {
  reason?: string;
  suggested_action: string | null;
  doubts?: unknown[];
}

/** What to do before deciding. For the plainest reason in the words that the buttons have; else as the server says it. */
export function suggested({ reason, suggested_action, doubts = [] }: Asked, { t }: Words): string | null {
  if (!suggested_action) return null;
  if (reason === "critical_tool" && doubts.length === 0) return t("approval.suggested.critical_tool");
  return t("approval.suggested", { action: suggested_action });
}
