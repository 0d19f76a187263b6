import "../../i18n/settings";
import type { Problem } from "../../api/http";
import { sentence } from "../../i18n/sentence";
import type { Key, Words } from "../../i18n/words";

/** What can go wrong with accounts, in the reader's language; anything else in the server's words. */
const known: Record<string, Key> = {
  email_taken: "settings.fault.email_taken",
  wrong_password: "settings.fault.wrong_password",
  last_owner: "settings.fault.last_owner",
  forbidden: "settings.fault.forbidden",
  rate_limited: "settings.fault.rate_limited",
};

export function told(problem: Problem, { t }: Pick<Words, "t">): string {
  if (problem.isOffline) return t("common.offline");
  const key = known[problem.code];
  return key ? t(key) : problem.detail;
}

/** The same about one field, when the problem is about it. */
export function toldAbout(field: string, problem: Problem | null, words: Pick<Words, "t">): string | undefined {
  const message = problem?.about(field);
  return problem && message ? (known[problem.code] ? told(problem, words) : sentence(message, words)) : undefined;
}
