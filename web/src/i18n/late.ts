/** Texts of pages that are loaded when they are first opened: each area adds its own then. */
export const lateTexts: Record<"en" | "pt-BR", Record<string, string>> = { en: {}, "pt-BR": {} };

export function addTexts<Key extends string>(en: Record<Key, string>, pt: Record<Key, string>): void {
  Object.assign(lateTexts.en, en);
  Object.assign(lateTexts["pt-BR"], pt);
}
