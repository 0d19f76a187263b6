import { FormEvent, useMemo, useState } from "react";
import { sentence } from "../../i18n/sentence";
import { useWords, Words } from "../../i18n/words";
import type { FieldProblem } from "../../api/http";
import type { JsonObject } from "../../model/events";
import { Entry, entryOf, questionFields, SchemaField, valueOf } from "../../model/schema";
import { argumentOf } from "../../model/values";
import { Button } from "../Button";
import { SchemaFields } from "../schema/SchemaFields";
import type { Deciding } from "./question";

interface QuestionFormProps {
  fields: JsonObject;
  deciding: Deciding;
  onReject(): void;
}

/** What a graph asks a person, as a form: the answer goes on with the work. */
export function QuestionForm({ fields, deciding, onReject }: QuestionFormProps) {
  const words = useWords();
  const { t } = words;
  const list = useMemo(() => questionFields(fields), [fields]);
  const [entries, setEntries] = useState<Record<string, Entry>>(() => Object.fromEntries(list.map((field) => [field.name, entryOf(field, field.fallback)])));
  const { answer, faults } = answerFrom(list, entries, words);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(faults).length === 0) void deciding.send({ decision: "approve", arguments: answer });
  };
  return (
    <form className="form inbox-form question-form" onSubmit={submit}>
      <SchemaFields
        fields={list}
        entries={entries}
        problems={{ ...toldAbout(deciding.problem?.errors ?? [], words), ...faults }}
        onChange={(name, entry) => setEntries({ ...entries, [name]: entry })}
      />
      <div className="form-actions">
        <Button type="submit" look="primary" icon="check" busy={deciding.isBusy} disabled={Object.keys(faults).length > 0}>
          {t("question.answer")}
        </Button>
        <Button shortcut="R" disabled={deciding.isBusy} onClick={onReject}>
          {t("question.decline")}
        </Button>
      </div>
    </form>
  );
}

function answerFrom(fields: SchemaField[], entries: Record<string, Entry>, { t }: Words) {
  const answer: JsonObject = {};
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const read = valueOf(field, entries[field.name] ?? "");
    if ("fault" in read) faults[field.name] = t(read.fault === "json" ? "approval.badJson" : "approval.badNumber");
    else if (read.value !== null) answer[field.name] = read.value;
  }
  return { answer, faults };
}

const toldAbout = (problems: FieldProblem[], words: Words): Record<string, string> =>
  Object.fromEntries(problems.map(({ field, message }) => [argumentOf(field), sentence(message, words)]));
