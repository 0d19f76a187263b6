import { ReactNode, useId, useRef } from "react";
import type { Approval } from "../../api/types";
import { useNow } from "../../app/clock";
import { isOpen } from "../../model/approvals";
import { suggested, warningsOf, why } from "../../i18n/suggested";
import { useWords } from "../../i18n/words";
import { Avatar, displayName } from "../Avatar";
import { Icon } from "../Icon";
import { Rich } from "../Rich";
import { Actions } from "../approval/Actions";
import { Fault } from "../approval/Fault";
import { asksForValues, shownIn } from "../approval/question";
import { useAnswering } from "../approval/useAnswering";
import { Particulars, Values } from "../approval/Values";
import { Expiry } from "./Expiry";
import { Outcome } from "./Outcome";
import { useInboxDecision } from "./useInboxDecision";

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
  const deciding = useInboxDecision(approval, onChange);
  const canDecide = isOpen(approval, useNow(approval.state === "requested" ? 5_000 : null));
  const { mode, isArmed, setMode, handlers } = useAnswering(card, approval, canDecide, deciding);
  return (
    <article ref={card} className={`card inbox-card ${canDecide ? "open" : "closed"}`} aria-labelledby={titleId} tabIndex={0} {...handlers}>
      <Head approval={approval} agent={agent} titleId={titleId} origin={origin} canDecide={canDecide} />
      <Fault deciding={deciding} shown={shownIn(approval, mode)} />
      {canDecide ? (
        <>
          {mode !== "edit" && <Details approval={approval} />}
          <Actions question={approval} agent={agent} mode={mode} isArmed={isArmed} deciding={deciding} onMode={setMode} />
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
          {approval.question ?? <Rich text={t(canDecide ? "approval.what" : "approvals.wanted")} parts={{ agent: name, tool }} />}
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

function Details({ approval }: { approval: Approval }) {
  const words = useWords();
  const reason = why(approval, words);
  const action = suggested(approval, words);
  return (
    <div className="inbox-details">
      {approval.tool_description && <p className="inbox-does">{approval.tool_description}</p>}
      {reason && <p className={approval.reason === "uncertain_effect" ? "inbox-why unclear" : "inbox-why"}>{reason}</p>}
      {warningsOf(approval).map((warning) => (
        <p className="approval-warning" key={warning}>
          <Icon name="warning" />
          {warning}
        </p>
      ))}
      {!asksForValues(approval) && <Particulars params={approval.params} facts={approval.facts} />}
      {action && <p className="inbox-why">{action}</p>}
    </div>
  );
}

function ClosedDetails({ approval }: { approval: Approval }) {
  const { t } = useWords();
  if (asksForValues(approval) || Object.keys(approval.params).length === 0) return null;
  return (
    <details className="inbox-closed">
      <summary>{t("approval.arguments")}</summary>
      <Values values={approval.params} />
    </details>
  );
}
