import { KeyboardEvent, ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Approval } from "../../api/types";
import { useNow } from "../../app/clock";
import { isTyping } from "../../app/keys";
import { isOpen } from "../../model/approvals";
import { argumentOf, differences, plainFacts } from "../../model/values";
import { Key, useWords } from "../../i18n/words";
import { Avatar, displayName } from "../Avatar";
import { Icon } from "../Icon";
import { Notice } from "../Notice";
import { Rich } from "../Rich";
import { Differences, Values } from "../approval/Values";
import { Actions, Mode } from "./Actions";
import { Expiry } from "./Expiry";
import { Outcome } from "./Outcome";
import { Deciding, useInboxDecision } from "./useInboxDecision";

interface InboxCardProps {
  approval: Approval;
  agent: string | undefined;
  /** Where it was asked: a link to the conversation. */
  origin?: ReactNode;
  onChange(approval: Approval): void;
}

/** One question to a person: what would happen, with which values, why it is asked, and the answer. */
export function InboxCard({ approval, agent, origin, onChange }: InboxCardProps) {
  const titleId = useId();
  const card = useRef<HTMLElement>(null);
  const [mode, setMode] = useState<Mode>("ask");
  const deciding = useInboxDecision(approval, onChange);
  const canDecide = isOpen(approval, useNow(approval.state === "requested" ? 5_000 : null));
  useFocusBack(card, mode, approval.state);
  const press = (event: KeyboardEvent) => {
    const next = modeOfKey(event, approval);
    if (!canDecide || mode !== "ask" || next === null) return;
    event.preventDefault();
    if (next === "approve") void deciding.send({ decision: "approve" });
    else setMode(next);
  };
  return (
    <article ref={card} className={`card inbox-card ${canDecide ? "open" : "closed"}`} aria-labelledby={titleId} tabIndex={0} onKeyDown={press}>
      <Head approval={approval} agent={agent} titleId={titleId} origin={origin} canDecide={canDecide} />
      <Fault deciding={deciding} shown={mode === "edit" ? Object.keys(approval.params) : []} />
      {canDecide ? (
        <>
          {mode !== "edit" && <Details approval={approval} />}
          <Actions approval={approval} agent={agent} mode={mode} deciding={deciding} onMode={setMode} />
        </>
      ) : (
        <>
          <ClosedDetails approval={approval} />
          <Outcome approval={approval.state === "requested" ? { ...approval, state: "expired" } : approval} />
        </>
      )}
    </article>
  );
}

/** Letters do what the buttons do, but only while the card itself has the focus or one of its buttons. */
function modeOfKey(event: KeyboardEvent, approval: Approval): Mode | "approve" | null {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.nativeEvent)) return null;
  const modes: Record<string, Mode | "approve"> = { a: "approve", r: "reject" };
  if (approval.reason === "uncertain_effect") modes.d = "done";
  else if (Object.keys(approval.params).length > 0) modes.e = "edit";
  return modes[event.key.toLowerCase()] ?? null;
}

/** When a form closes or the buttons go, the card keeps the focus. */
function useFocusBack(card: React.RefObject<HTMLElement>, mode: Mode, state: string): void {
  const was = useRef({ mode, state });
  useEffect(() => {
    const before = was.current;
    was.current = { mode, state };
    const closed = (before.mode !== mode && mode === "ask") || before.state !== state;
    if (closed && (document.activeElement === document.body || card.current?.contains(document.activeElement))) card.current?.focus();
  }, [card, mode, state]);
}

interface HeadProps {
  approval: Approval;
  agent: string | undefined;
  titleId: string;
  origin?: ReactNode;
  canDecide: boolean;
}

function Head({ approval, agent, titleId, origin, canDecide }: HeadProps) {
  const { t, format } = useWords();
  const name = agent ? displayName(agent) : t("approvals.anAgent");
  const tool = <code className="tool-name">{approval.tool}</code>;
  return (
    <header className="inbox-head">
      <Avatar name={agent ?? "?"} />
      <div>
        <h3 id={titleId}>
          <Rich text={t(canDecide ? "approval.what" : "approvals.wanted")} parts={{ agent: name, tool }} />
        </h3>
        <p className="inbox-meta">
          {origin}
          <time dateTime={approval.requested_at} title={format.dateTime(approval.requested_at)}>
            {format.relative(approval.requested_at)}
          </time>
          {canDecide && approval.expires_at && <Expiry at={approval.expires_at} />}
        </p>
      </div>
    </header>
  );
}

const reasons: Record<string, Key> = {
  critical_tool: "approval.why.critical_tool",
  uncertain_effect: "approvals.unclear",
  earlier_uncertain: "approval.why.earlier_uncertain",
};

function Details({ approval }: { approval: Approval }) {
  const { t } = useWords();
  const values = { ...approval.params, ...plainFacts(approval.facts) };
  const changes = differences(approval.facts);
  return (
    <div className="inbox-details">
      <p className={approval.reason === "uncertain_effect" ? "inbox-why unclear" : "inbox-why"}>{t(reasons[approval.reason] ?? "approval.why.policy")}</p>
      {approval.warnings.map((warning) => (
        <p className="approval-warning" key={warning}>
          <Icon name="warning" />
          {warning}
        </p>
      ))}
      {Object.keys(values).length > 0 && <Values values={values} />}
      {changes.length > 0 && <Differences rows={changes} />}
      {approval.suggested_action && <p className="inbox-why">{t("approval.suggested", { action: approval.suggested_action })}</p>}
    </div>
  );
}

function ClosedDetails({ approval }: { approval: Approval }) {
  const { t } = useWords();
  if (Object.keys(approval.params).length === 0) return null;
  return (
    <details className="inbox-closed">
      <summary>{t("approval.arguments")}</summary>
      <Values values={approval.params} />
    </details>
  );
}

/** Why the decision was not taken; what stands beside a shown field is not said again. */
function Fault({ deciding, shown }: { deciding: Deciding; shown: string[] }) {
  const { t } = useWords();
  const { problem, isTooLate } = deciding;
  if (!problem) return null;
  const others = problem.errors.filter(({ field }) => !shown.includes(argumentOf(field)));
  if (isTooLate) return <Notice>{t(problem.status === 410 ? "approval.tooLate" : "approval.taken")}</Notice>;
  return (
    <Notice look="bad">
      <strong>{t("approval.failed")}</strong>
      {problem.errors.length === 0 && <p>{problem.isOffline ? t("common.offline") : problem.detail}</p>}
      {others.map(({ field, message }) => (
        <p key={field + message}>{[displayName(field.replace(/^arguments[./]?/, "")), message].filter(Boolean).join(": ")}</p>
      ))}
    </Notice>
  );
}
