import type { Prompt } from "../../api/prompts";
import type { usePromptWords } from "../../i18n/prompts";

type Words = ReturnType<typeof usePromptWords>;

/** Who uses a prompt, what it holds of others, and when it changed. */
export function whereabouts({ kind, used_by, includes, changed_at }: Prompt, t: Words["t"], format: Words["format"]): string[] {
  return [
    kind !== "agent" && used_by.length > 0 ? t("used", { agents: format.list(used_by) }) : "",
    includes.length > 0 ? t("includes", { blocks: format.list(includes) }) : "",
    changed_at ? t("changed", { when: format.relative(changed_at) }) : "",
  ].filter(Boolean);
}

/** The block that a variant is of: `tone@warm` is of `tone`. */
export const blockOf = (name: string): string => name.split("@")[0] ?? name;
