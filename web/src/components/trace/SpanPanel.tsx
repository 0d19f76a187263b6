import type { Span } from "../../api/types";
import type { ApprovalState, Json, JsonObject } from "../../model/events";
import { wayOf } from "../../i18n/verdict";
import { useWords, Words } from "../../i18n/words";
import { Decided, useVerdict } from "../approval/useVerdict";
import { Link } from "../../app/Link";
import { paths } from "../../app/router";
import { Avatar, displayName } from "../Avatar";
import { IconButton } from "../Button";
import { Icon } from "../Icon";
import { Notice } from "../Notice";
import { ForkButton } from "../forks/ForkButton";
import { ValueList } from "../Value";
import { kindIcon, lengthOf, nameOf } from "./words";

interface SpanPanelProps {
  span: Span;
  end: number;
  /** Milliseconds of it in which a person was waited for. */
  wait: number;
  result: Json | undefined;
  /** Narrow windows show the panel over the page, and only when it was asked for. */
  isPicked: boolean;
  /** The run whose span it is, and all of its spans. */
  run: string;
  session: string;
  spans: Span[];
  onClose(): void;
}

/** All that is known of one span. */
export function SpanPanel({ span, end, wait, result, isPicked, run, session, spans, onClose }: SpanPanelProps) {
  const words = useWords();
  const { t } = words;
  const detail = span.detail ?? {};
  return (
    <aside className={`span-panel card ${isPicked ? "" : "unpicked"}`} aria-label={t("trace.details")}>
      <h3>
        <Icon name={kindIcon[span.kind]} />
        <span>{nameOf(span, words)}</span>
        <IconButton className="span-close" icon="close" small label={t("common.close")} onClick={onClose} />
      </h3>
      <Facts span={span} end={end} wait={wait} />
      {typeof detail.error === "string" && detail.error !== "" && <Notice look="bad">{detail.error}</Notice>}
      <Part label={t("work.arguments")} value={detail.params ?? detail.arguments} asked={detail.asked} />
      {!isEmpty(result) && <Part label={t("work.result")} value={result} />}
      <Others detail={detail} />
      {span.run_id === undefined ? <ForkButton run={run} session={session} spans={spans} span={span} /> : span.kind === "run" && <OwnPage run={span.run_id} />}
    </aside>
  );
}

/** A member's run by itself, with what can be done with it. */
function OwnPage({ run }: { run: string }) {
  const { t } = useWords();
  return (
    <p>
      <Link className="text-link" href={paths.run(run)}>
        {t("team.run")}
      </Link>
    </p>
  );
}

function Facts({ span, end, wait }: { span: Span; end: number; wait: number }) {
  const words = useWords();
  const { t, format } = words;
  const detail = span.detail ?? {};
  const number = (value: Json | undefined) => (typeof value === "number" ? format.number(value) : null);
  const decision = useVerdict(decisionOf(span));
  const attempts = Number(detail.attempts ?? span.attempt ?? 1);
  const facts: [string, string | null][] = [
    [t("trace.status"), t(`trace.status.${span.status}`)],
    [t("trace.decision"), decision || null],
    [t("approval.note"), span.kind === "approval" && typeof detail.note === "string" ? detail.note : null],
    [t("trace.start"), format.duration(span.start_ms)],
    [t(wait > 0 ? "trace.worked" : "runs.duration"), format.duration(lengthOf(span, end) - wait)],
    [t("trace.wait"), wait > 0 ? format.duration(wait) : null],
    [t("trace.model"), typeof detail.model === "string" ? (typeof detail.provider === "string" ? `${detail.model} (${detail.provider})` : detail.model) : null],
    [t("trace.summed"), summedOf(span, words)],
    [t("trace.input"), number(detail.input_tokens)],
    [t("trace.cached"), detail.cached_tokens ? number(detail.cached_tokens) : null],
    [t("trace.output"), number(detail.output_tokens)],
    [t("runs.cost"), typeof detail.cost_usd === "number" ? format.usd(detail.cost_usd) : null],
    [t("trace.next"), Array.isArray(detail.next) ? detail.next.join(", ") || t("trace.next.none") : null],
    [t("trace.finish"), typeof detail.finish_reason === "string" ? detail.finish_reason : null],
    [t("trace.calls"), detail.calls ? number(detail.calls) : null],
    [t("trace.effect"), isEffect(detail.effect) ? t(`trace.effect.${detail.effect}`) : null],
    [t("trace.attempts"), attempts > 1 ? format.number(attempts) : null],
    [t("trace.fromCache"), detail.cached === true ? t("approval.yes") : cacheOf(detail.cache, t)],
    [t("trace.saved"), typeof detail.saved_usd === "number" && detail.saved_usd > 0 ? format.usd(detail.saved_usd) : null],
  ];
  return (
    <dl className="span-facts">
      {span.agent && (
        <div>
          <dt>{t("trace.agent")}</dt>
          <dd className="with-avatar">
            <Avatar name={span.agent} />
            {displayName(span.agent)}
          </dd>
        </div>
      )}
      {facts.map(([label, value]) =>
        value === null ? null : (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** Which cache answered in the model's place. */
const cacheOf = (cache: Json | undefined, t: Words["t"]): string | null => (cache === "exact" || cache === "semantic" ? t(`trace.cache.${cache}`) : null);

/** What a summary stands for in the prompts that follow. */
function summedOf({ kind, detail }: Span, { t, format }: Words): string | null {
  if (kind !== "summary") return null;
  const { messages, through_step: step } = detail ?? {};
  if (typeof messages === "number") return t(messages === 1 ? "trace.summed.message" : "trace.summed.messages", { count: format.number(messages) });
  return typeof step === "number" ? t("trace.summed.steps", { step: format.number(step) }) : null;
}

/** What a person decided about a call. */
function decisionOf({ id, kind, detail }: Span): Decided | null {
  const state = detail?.state;
  if (kind !== "approval" || typeof state !== "string" || state === "requested") return null;
  return { approval_id: id, state: state as ApprovalState, by: typeof detail?.by === "string" ? detail.by : undefined, way: wayOf({ reason: typeof detail?.reason === "string" ? detail.reason : undefined, result: detail?.result }, false) };
}

const isEffect = (value: Json | undefined): value is "read" | "write" | "critical" => value === "read" || value === "write" || value === "critical";
const isObject = (value: Json): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

const isEmpty = (value: Json | undefined): boolean => value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);

function Part({ label, value, asked }: { label: string; value: Json | undefined; asked?: Json }) {
  const { t } = useWords();
  if (value === undefined || value === null) return null;
  if (isObject(value) && Object.keys(value).length === 0) return <p className="faint">{t("work.noArguments")}</p>;
  const isFlat = isObject(value) && Object.keys(value).length > 0;
  return (
    <section className="span-part">
      <h4>{label}</h4>
      {isFlat ? <ValueList values={value} label={label} asked={asked !== undefined && isObject(asked) ? asked : undefined} /> : <code className="value-json">{typeof value === "string" ? value : JSON.stringify(value, null, 2)}</code>}
    </section>
  );
}

const told = new Set(
  ("model provider input_tokens output_tokens cached_tokens tokens usage cost_usd finish_reason calls effect error params arguments asked data result " +
    "attempts cached cache saved_usd node next child_run_id success rehearsal state by note reason").split(" "),
);

/** What a newer server may add is shown as it is. */
function Others({ detail }: { detail: JsonObject }) {
  const { t } = useWords();
  const others = Object.fromEntries(Object.entries(detail).filter(([name, value]) => !told.has(name) && value !== null));
  return Object.keys(others).length > 0 ? <ValueList values={others} label={t("trace.details")} /> : null;
}
