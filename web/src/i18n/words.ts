import { language, Language } from "../app/preferences";
import { useStore } from "../app/store";
import * as approvals from "./approvals";
import * as chat from "./chat";
import * as common from "./common";
import { formatsOf, Formats } from "./formats";
import { lateTexts } from "./late";
import type * as login from "./login";
import type * as model from "./model";
import * as people from "./people";
import * as runs from "./runs";
import type * as settings from "./settings";
import * as shell from "./shell";
import type * as trace from "./trace";

/** Every text of the page, by area. A missing translation is a type error: each area's `pt` has the keys of its `en`. */
const en = { ...common.en, ...shell.en, ...chat.en, ...approvals.en, ...runs.en, ...people.en };
const pt: Record<keyof typeof en, string> = { ...common.pt, ...shell.pt, ...chat.pt, ...approvals.pt, ...runs.pt, ...people.pt };

/** Of areas that are loaded when they are first opened. */
type LateKey = keyof typeof settings.en | keyof typeof model.en | keyof typeof login.en | keyof typeof trace.en;

export type Key = keyof typeof en | LateKey;
/** What has a form for one and a form for several. */
export type CountKey = Key extends infer K ? (K extends `${infer Base}.one` ? Base : never) : never;

export interface Words {
  language: Language;
  format: Formats;
  t(key: Key, fields?: Record<string, string | number>): string;
  count(key: CountKey, count: number, fields?: Record<string, string | number>): string;
}

const tables: Record<Language, Record<string, string>> = { en, "pt-BR": pt };
const made = new Map<Language, Words>();

export function wordsOf(language: Language): Words {
  const known = made.get(language);
  if (known) return known;
  const words = makeWords(language);
  made.set(language, words);
  return words;
}

function makeWords(language: Language): Words {
  const table = tables[language];
  const format = formatsOf(language);
  const plural = new Intl.PluralRules(language);
  const t = (key: Key, fields?: Record<string, string | number>) => fill(table[key] ?? lateTexts[language][key] ?? key, fields);
  return {
    language,
    format,
    t,
    count(key, count, fields) {
      const form = plural.select(count) === "one" ? "one" : "other";
      return t(`${key}.${form}` as Key, { count: format.number(count), ...fields });
    },
  };
}

function fill(text: string, fields: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in fields ? String(fields[name]) : whole));
}

export const useWords = (): Words => wordsOf(useStore(language));
export const wordsNow = (): Words => wordsOf(language.get());

/** The words of a part that is loaded by itself, with its texts. */
export function area<Table extends Record<string, string>>(en: Table, pt: Record<keyof Table, string>) {
  const own: Record<Language, Record<keyof Table, string>> = { en, "pt-BR": pt };
  return () => {
    const now = useStore(language);
    return { t: (name: keyof Table, fields?: Record<string, string | number>) => fill(own[now][name], fields), format: wordsOf(now).format };
  };
}
