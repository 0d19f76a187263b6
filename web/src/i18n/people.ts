import type { Other } from "../model/owner";
import type { Words } from "./words";

export const en = {
  "people.you": "you",
  "people.you.name": "You",
  "people.local": "the server's owner",
  "people.local.name": "The server's owner",
  "people.key": "an API key (“{name}”)",
  "people.key.bare": "an API key",
  "people.key.name": "API key “{name}”",
  "people.key.name.bare": "API key",
  "people.unknown": "someone else",
  "people.unknown.name": "Someone else",
  "people.conversation": "This conversation belongs to {who}.",
  "people.conversation.person": "This is {who}’s conversation.",
  "people.conversation.write": "Whatever you write here, they see too.",
  "people.asked": "Asked in a conversation of {who}",
  "people.asked.person": "Asked in {who}’s conversation",
};

export const pt: Record<keyof typeof en, string> = {
  "people.you": "você",
  "people.you.name": "Você",
  "people.local": "quem cuida do servidor",
  "people.local.name": "Quem cuida do servidor",
  "people.key": "uma chave de API (“{name}”)",
  "people.key.bare": "uma chave de API",
  "people.key.name": "Chave de API “{name}”",
  "people.key.name.bare": "Chave de API",
  "people.unknown": "outra pessoa",
  "people.unknown.name": "Outra pessoa",
  "people.conversation": "Esta conversa é de {who}.",
  "people.conversation.person": "Esta conversa é de {who}.",
  "people.conversation.write": "O que você escrever aqui aparece também para essa pessoa.",
  "people.asked": "Pergunta feita em uma conversa de {who}",
  "people.asked.person": "Pergunta feita em uma conversa de {who}",
};

/** Within a sentence. */
export function inSentence(who: Other | null, { t }: Words): string {
  if (!who) return t("people.you");
  if (who.kind === "person") return who.name;
  if (who.kind === "key") return who.name ? t("people.key", { name: who.name }) : t("people.key.bare");
  return t(`people.${who.kind}`);
}

/** By itself, in a column or beside an icon. */
export function asName(who: Other, { t }: Words): string {
  if (who.kind === "person") return who.name;
  if (who.kind === "key") return who.name ? t("people.key.name", { name: who.name }) : t("people.key.name.bare");
  return t(`people.${who.kind}.name`);
}

export const conversationOf = (who: Other, words: Words): string =>
  words.t(who.kind === "person" ? "people.conversation.person" : "people.conversation", { who: inSentence(who, words) });

export const askedIn = (who: Other, words: Words): string =>
  words.t(who.kind === "person" ? "people.asked.person" : "people.asked", { who: inSentence(who, words) });
