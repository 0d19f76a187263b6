import { forgetAll, remember, remembered } from "./storage";

/** What was typed and not sent, for each conversation; `null` is the new one. */
const key = (session: string | null) => `draft.${session ?? "new"}`;

export const draftOf = (session: string | null): string => remembered(key(session)) ?? "";
export const keepDraft = (session: string | null, text: string): void => remember(key(session), text.trim() === "" ? null : text);

/** Whoever signs out takes their drafts along. */
export const forgetDrafts = (): void => forgetAll("draft.");
