import { lazy, memo, Suspense, useContext, useId, useState } from "react";
import { contentUrl } from "../../api/files";
import type { SessionFeed } from "../../app/feed";
import { Link } from "../../app/Link";
import { paths } from "../../app/router";
import { useWords, Words } from "../../i18n/words";
import { wayOf } from "../../i18n/verdict";
import { ApprovalPart, CallPart, reasoningKey, ReasoningPart, RetryPart } from "../../model/conversation";
import type { Json, JsonObject } from "../../model/events";
import type { ActivityPart } from "../../model/segments";
import { isSame } from "../../model/values";
import { Decided, useVerdict } from "../approval/useVerdict";
import { Icon, IconName } from "../Icon";
import { Was } from "../Value";
import { GivenResults } from "../forks/context";
import { CodeBox } from "./CodeBox";
import { useText } from "./useFeed";

const Before = lazy(() => import("../forks/Before"));

/** One step of the work; a press shows what went in and what came out. */
export const Step = memo(function Step({ feed, part }: { feed: SessionFeed; part: ActivityPart }) {
  switch (part.kind) {
    case "call":
      return <CallStep part={part} />;
    case "reasoning":
      return <ReasoningStep feed={feed} part={part} />;
    case "approval":
      return <DecisionStep part={part} />;
    case "retry":
      return <RetryStep part={part} />;
  }
});

interface RowProps {
  state: "good" | "bad" | "warn" | "live" | "plain";
  icon: IconName;
  title: React.ReactNode;
  hint?: string;
  end?: React.ReactNode;
  children?: React.ReactNode;
}

function Row({ state, icon, title, hint, end, children }: RowProps) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const content = (
    <>
      <span className={`step-mark ${state}`}>{state === "live" ? <span className="spinner" /> : <Icon name={icon} size={12} />}</span>
      <span className="step-title">{title}</span>
      <span className="step-hint">{hint}</span>
      {end && <span className="step-end number">{end}</span>}
      {children && <Icon name="chevronRight" size={14} />}
    </>
  );
  return (
    <li className={`work-step ${isOpen ? "open" : ""}`}>
      {children ? (
        <button type="button" className="step-head" aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
          {content}
        </button>
      ) : (
        <div className="step-head">{content}</div>
      )}
      {children && isOpen && (
        <div className="step-body" id={id}>
          {children}
        </div>
      )}
    </li>
  );
}

function CallStep({ part }: { part: CallPart }) {
  const words = useWords();
  const { t, format } = words;
  const { call, edited, result } = part;
  const given = useContext(GivenResults).get(call.call_id);
  const ran = edited ?? call.params;
  const state = !result ? "live" : result.success ? "good" : "bad";
  return (
    <Row
      state={state}
      icon={state === "bad" ? "close" : "check"}
      title={
        <>
          <span className="mono">{call.tool}</span> {given && <span className="mark changed">{t("work.forked")}</span>}
        </>
      }
      hint={hintOf(ran, words)}
      end={result && [...extras(part, words), result.duration_ms > 0 ? format.duration(result.duration_ms) : ""].filter(Boolean).join(" · ")}
    >
      <p className="step-label">{t("work.arguments")}</p>
      {Object.keys(ran).length > 0 ? <CodeBox json={ran} /> : <p className="step-none">{t("work.noArguments")}</p>}
      {edited && <Asked asked={call.params} ran={edited} />}
      {result && <Result part={part} />}
      {given && (
        <Suspense fallback={null}>
          <Before change={given} />
        </Suspense>
      )}
    </Row>
  );
}

/** What the agent had asked for where a person changed it. */
function Asked({ asked, ran }: { asked: JsonObject; ran: JsonObject }) {
  const changed = Object.keys({ ...asked, ...ran }).filter((name) => !isSame(asked[name], ran[name]));
  return (
    <ul className="step-asked">
      {changed.map((name) => (
        <li key={name}>
          <span className="mono">{name}</span> <Was value={asked[name]} />
        </li>
      ))}
    </ul>
  );
}

function extras({ result }: CallPart, { t, count }: Words): string[] {
  const words = [];
  if (result?.cached) words.push(t("work.cached"));
  if (result && result.attempts > 1) words.push(count("work.attempts", result.attempts));
  return words;
}

function Result({ part }: { part: CallPart }) {
  const { t } = useWords();
  const result = part.result;
  if (!result) return null;
  if (!result.success) {
    return (
      <>
        <p className="step-label">{t("work.error")}</p>
        <p className="step-error">{result.error ?? t("work.failed")}</p>
        {result.code === "not_connected" && (
          <p>
            <Link className="button small" href={paths.settings("connections")}>
              <Icon name="plug" />
              {t("work.connect")}
            </Link>
          </p>
        )}
      </>
    );
  }
  const none = result.data === undefined || result.data === null;
  return (
    <>
      <p className="step-label">{t("work.result")}</p>
      {none ? <p className="step-none">{t("work.noResult")}</p> : <Data data={result.data as Json} />}
    </>
  );
}

interface Cut {
  truncated: true;
  size: number;
  file_id: string;
  preview: Json;
}

const isCut = (data: unknown): data is Cut => typeof data === "object" && data !== null && (data as Partial<Cut>).truncated === true && "file_id" in data;

/** Big results are kept as a file; the beginning is here. */
function Data({ data }: { data: Json }) {
  const { t, format } = useWords();
  if (!isCut(data)) return <CodeBox json={data} />;
  return (
    <>
      <CodeBox json={data.preview} />
      <p className="step-none">
        {t("work.cut", { size: format.bytes(data.size) })}{" "}
        <a href={contentUrl(data.file_id)} download>
          {t("work.whole")}
        </a>
      </p>
    </>
  );
}

/** The values that tell one call from another, in short. */
function hintOf(params: JsonObject, { format }: Words): string {
  const values = Object.values(params).flatMap((value) => (typeof value === "number" ? format.exact(value) : typeof value === "string" ? value : []));
  return values.slice(0, 3).join(" · ").replace(/\s+/g, " ").slice(0, 120);
}

function ReasoningStep({ feed, part }: { feed: SessionFeed; part: ReasoningPart }) {
  const { t, format } = useWords();
  const time = part.endedAt ? Date.parse(part.endedAt) - Date.parse(part.at) : null;
  const title = time === null ? t("work.thinking") : time < 1_000 ? t("work.thought") : t("work.thoughtFor", { time: format.duration(time) });
  return (
    <Row state={time === null ? "live" : "plain"} icon="thought" title={title}>
      <Text feed={feed} textKey={reasoningKey(part.messageId)} />
    </Row>
  );
}

function Text({ feed, textKey }: { feed: SessionFeed; textKey: string }) {
  return <p className="step-text">{useText(feed, textKey)}</p>;
}

function RetryStep({ part }: { part: RetryPart }) {
  const { t } = useWords();
  return <Row state="warn" icon="again" title={t("work.retry", { reason: part.error.message })} />;
}

function DecisionStep({ part }: { part: ApprovalPart }) {
  const { t } = useWords();
  const { approval } = part;
  const title = useVerdict(decidedIn(part));
  const state = approval.state === "approved" ? "good" : approval.state === "rejected" ? "bad" : "plain";
  const changed = approval.arguments;
  return (
    <Row state={state} icon="shield" title={title} hint={approval.question ?? (approval.note ? `“${approval.note}”` : undefined)}>
      {changed && (
        <>
          <p className="step-label">{t("work.arguments")}</p>
          <CodeBox json={changed} />
        </>
      )}
    </Row>
  );
}

export const decidedIn = ({ approval }: ApprovalPart): Decided => ({ ...approval, way: wayOf(approval, approval.arguments !== undefined) });
