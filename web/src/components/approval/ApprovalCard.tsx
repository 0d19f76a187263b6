import { RefObject, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import type { SessionFeed } from "../../app/feed";
import { isModalOpen } from "../../app/keys";
import { useToolOf } from "../../app/lookup";
import { askedIn } from "../../i18n/people";
import { suggested, warningsOf, why } from "../../i18n/suggested";
import { useWords, Words } from "../../i18n/words";
import type { ApprovalData } from "../../model/events";
import { displayName } from "../Avatar";
import { useOwner } from "../chat/useOwner";
import { Icon } from "../Icon";
import { Actions } from "./Actions";
import { Fault } from "./Fault";
import { useAnswering } from "./useAnswering";
import { useDecision } from "./useDecision";
import { Particulars } from "./Values";
import { asksForValues, shownIn } from "./question";

interface ApprovalCardProps {
  feed: SessionFeed;
  approval: ApprovalData;
  agent: string;
  /** Whether the card takes the selection when it comes while nobody writes. */
  isFirst: boolean;
}

/** A question to the person: what would happen, why it is asked, and the ways to answer. */
export function ApprovalCard({ feed, approval, agent, isFirst }: ApprovalCardProps) {
  const words = useWords();
  const { t } = words;
  const isQuestion = asksForValues(approval);
  const action = suggested(approval, words);
  const does = useToolOf(approval.approval_id);
  const titleId = useId();
  const card = useRef<HTMLElement>(null);
  const deciding = useDecision(approval.approval_id);
  const isOver = useIsOver(approval.expires_at);
  const { mode, isArmed, setMode, select, handlers } = useAnswering(card, approval, !isOver, deciding);
  useSelection(card, isFirst && !isOver, select);
  return (
    <section ref={card} className="approval" aria-labelledby={titleId} tabIndex={0} {...handlers}>
      <div className="approval-shield">
        <Icon name="shield" size={18} />
      </div>
      <div className="approval-main">
        <h2 id={titleId}>{t(isQuestion ? "question.title" : "approval.title")}</h2>
        <p className="approval-what">{isQuestion ? approval.question : what(approval, agent, words)}</p>
        {does && <p className="approval-does">{does}</p>}
        <Asker feed={feed} />
        <p className="approval-why">
          {why(approval, words)} <Expiry at={approval.expires_at} isOver={isOver} />
        </p>
        <Warnings approval={approval} />
        {mode !== "edit" && !isQuestion && <Particulars params={approval.params} facts={approval.facts} />}
        {mode !== "edit" && action && <p className="approval-suggested">{action}</p>}
        <Fault deciding={deciding} shown={shownIn(approval, mode)} />
        {!isOver && <Actions question={approval} agent={agent} mode={mode} isArmed={isArmed} deciding={deciding} onMode={setMode} />}
      </div>
    </section>
  );
}

/** A card that comes while nobody writes is selected, and seen whole; whoever writes goes on writing. */
function useSelection(card: RefObject<HTMLElement>, isWanted: boolean, select: () => void): void {
  const wanted = useRef({ isWanted, select });
  wanted.current = { isWanted, select };
  useLayoutEffect(() => {
    if (wanted.current.isWanted && isIdle() && !isModalOpen()) wanted.current.select();
  }, [card]);
}

function isIdle(): boolean {
  const here = document.activeElement;
  return here === null || here === document.body || here.tagName === "H1" || (here instanceof HTMLTextAreaElement && here.value === "" && here.closest(".composer") !== null);
}

function what({ tool }: ApprovalData, agent: string, { t }: Words): React.ReactNode {
  const [before, after] = t("approval.what", { agent: displayName(agent), tool: "\u0000" }).split("\u0000");
  return (
    <>
      {before}
      <strong className="mono">{tool}</strong>
      {after}
    </>
  );
}

/** For whom it is asked, where that is not the reader. */
function Asker({ feed }: { feed: SessionFeed }) {
  const words = useWords();
  const owner = useOwner(feed);
  return owner && <p className="approval-asker">{askedIn(owner, words)}</p>;
}

function Warnings({ approval }: { approval: ApprovalData }) {
  return (
    <>
      {warningsOf(approval).map((warning) => (
        <p className="approval-warning" key={warning}>
          <Icon name="warning" />
          {warning}
        </p>
      ))}
    </>
  );
}

function Expiry({ at, isOver }: { at: string | null; isOver: boolean }) {
  const { t, format } = useWords();
  if (!at) return null;
  return (
    <time className="approval-expiry" dateTime={at} title={format.dateTime(at)}>
      {isOver ? t("approval.expired") : t("approval.expires", { when: format.relative(at) })}
    </time>
  );
}

/** Looks again each half minute, which also keeps the words beside it true. */
function useIsOver(at: string | null): boolean {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return at !== null && Date.parse(at) <= now;
}
