import type { Words } from "./words";

/** What the server says about a field is the end of a sentence ("must have …"); people read the whole of it. */
export function sentence(message: string, { t }: Pick<Words, "t">): string {
  if (!/^\p{Ll}/u.test(message)) return message;
  return t("common.field", { message: /[.!?…]$/.test(message) ? message : `${message}.` });
}
