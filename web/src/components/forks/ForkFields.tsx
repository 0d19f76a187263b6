import { useId } from "react";
import type { ForkableCall, ForkChanges, ForkGround } from "../../api/forks";
import type { Problem } from "../../api/http";
import { useForkWords } from "../../i18n/forks";
import { useWords } from "../../i18n/words";
import { ForkEdits, isNothing, resultText } from "../../model/forks";
import { Field } from "../Field";
import { Icon } from "../Icon";
import { toldAbout } from "../settings/told";

interface ForkFieldsProps {
  ground: ForkGround;
  edits: ForkEdits;
  /** Calls whose new results cannot be read. */
  faults: string[];
  problem: Problem | null;
  /** The call that is shown from the beginning. */
  opened?: string;
  onChange(edits: ForkEdits): void;
}

/** What may be otherwise, filled in with what it is. */
export function ForkFields({ ground, edits, faults, problem, opened, onChange }: ForkFieldsProps) {
  const words = useWords();
  const { t } = useForkWords();
  const told = (name: string) => toldAbout(`changes.${name}`, problem, words);
  const field = (name: "content" | "instructions" | "model") => {
    const was = ground[name] ?? "";
    const text = edits[name] ?? was;
    return { name: t(name), text, isChanged: text !== was, problem: told(name), onChange: (next: string | undefined) => onChange({ ...edits, [name]: next }) };
  };
  const wrong = told("tool_results");
  return (
    <>
      <TextField {...field("content")} />
      {ground.instructions !== undefined && <TextField {...field("instructions")} hint={t("instructions.hint")} isLong />}
      {ground.model !== undefined && <ModelField {...field("model")} models={ground.models ?? []} was={ground.model} />}
      {ground.tool_results.length > 0 && (
        <fieldset className="fork-results">
          <legend>{t("tool_results")}</legend>
          {wrong && <p className="problem">{wrong}</p>}
          {ground.tool_results.map((call) => (
            <ResultField
              key={call.call_id}
              call={call}
              text={edits.results[call.call_id]}
              isWrong={faults.includes(call.call_id)}
              isOpen={call.call_id === opened}
              onChange={(text) => onChange({ ...edits, results: withText(edits.results, call.call_id, text) })}
            />
          ))}
        </fieldset>
      )}
    </>
  );
}

function withText(results: ForkEdits["results"], call: string, text: string | undefined): ForkEdits["results"] {
  const { [call]: _, ...others } = results;
  return text === undefined ? others : { ...others, [call]: text };
}

interface ChangeProps {
  name: string;
  text: string;
  isChanged: boolean;
  problem?: string;
  hint?: string;
  /** Without a text it is what it was. */
  onChange(text: string | undefined): void;
}

function TextField({ name, text, isChanged, problem, hint, isLong, onChange }: ChangeProps & { isLong?: boolean }) {
  return (
    <Changeable name={name} isChanged={isChanged} onBack={() => onChange(undefined)}>
      <Field label={name} hint={hint} problem={problem}>
        {(control) => (
          <textarea {...control} className={`input ${isLong ? "mono" : ""}`} rows={rowsOf(text, isLong ? 8 : 2)} value={text} onChange={(event) => onChange(event.target.value)} />
        )}
      </Field>
    </Changeable>
  );
}

function ModelField({ name, text, isChanged, problem, models, was, onChange }: ChangeProps & { models: string[]; was: string }) {
  const known = models.includes(was) ? models : [was, ...models];
  return (
    <Changeable name={name} isChanged={isChanged} onBack={() => onChange(undefined)}>
      <Field label={name} problem={problem}>
        {(control) => (
          <select {...control} className="input" value={text} onChange={(event) => onChange(event.target.value)}>
            {known.map((model) => (
              <option key={model}>{model}</option>
            ))}
          </select>
        )}
      </Field>
    </Changeable>
  );
}

interface ResultFieldProps {
  call: ForkableCall;
  text: string | undefined;
  isWrong: boolean;
  isOpen: boolean;
  onChange(text: string | undefined): void;
}

function ResultField({ call, text, isWrong, isOpen, onChange }: ResultFieldProps) {
  const { t } = useForkWords();
  const was = resultText(call);
  const isChanged = text !== undefined && text !== was;
  const hint = call.success === null ? t("result.none") : call.success ? undefined : t("result.error", { error: call.error ?? "" });
  const name = t("result.of", { tool: call.tool });
  return (
    <details className="fork-result" open={isOpen || isWrong || undefined}>
      <summary>
        <Icon name="chevronRight" size={14} />
        <span className="mono">{call.tool}</span>
        <span className="fork-call">{callHint(call)}</span>
        {isChanged && <span className="mark changed">{t("changed")}</span>}
      </summary>
      <Changeable name={name} isChanged={isChanged} isMarked onBack={() => onChange(undefined)}>
        <Field label={t("result")} hint={hint} problem={isWrong ? t("result.json") : undefined}>
          {(control) => (
            <textarea
              {...control}
              className="input mono"
              rows={rowsOf(text ?? was, 3)}
              spellCheck={false}
              aria-label={name}
              value={text ?? was}
              onChange={(event) => onChange(event.target.value)}
            />
          )}
        </Field>
      </Changeable>
    </details>
  );
}

/** The arguments of a call, in short. */
const callHint = ({ params }: ForkableCall): string =>
  Object.values(params)
    .flatMap((value) => (typeof value === "string" || typeof value === "number" ? [String(value)] : []))
    .join(" · ");

const mostRows = 16;
const rowsOf = (text: string, least: number): number => Math.min(mostRows, Math.max(least, text.split("\n").length));

interface ChangeableProps {
  name: string;
  isChanged: boolean;
  /** Said elsewhere already. */
  isMarked?: boolean;
  onBack(): void;
  children: React.ReactNode;
}

/** A field that says when it differs from what was, and can be put back. */
function Changeable({ name, isChanged, isMarked, onBack, children }: ChangeableProps) {
  const { t } = useForkWords();
  const id = useId();
  const back = () => {
    onBack();
    document.getElementById(id)?.querySelector<HTMLElement>("textarea, select")?.focus();
  };
  return (
    <div id={id} className="changeable">
      {children}
      {isChanged && (
        <p className="changeable-state">
          {!isMarked && <span className="mark changed">{t("changed")}</span>}
          <button type="button" className="link-button" aria-label={t("back", { name })} onClick={back}>
            {t("back.short")}
          </button>
        </p>
      )}
    </div>
  );
}

/** What will be otherwise, in one line that is said as it changes. */
export function ForkSum({ changes }: { changes: ForkChanges }) {
  const { t, format } = useForkWords();
  const names = (Object.keys(changes) as (keyof ForkChanges)[]).map((name) => t(name).toLocaleLowerCase());
  return (
    <p className="fork-sum" role="status">
      {isNothing(changes) ? t("same") : t("sum", { list: format.list(names) })}
    </p>
  );
}
