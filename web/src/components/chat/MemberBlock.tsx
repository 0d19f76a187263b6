import { useId, useState } from "react";
import type { SessionFeed } from "../../app/feed";
import { Link } from "../../app/Link";
import { paths } from "../../app/router";
import { useWords, Words } from "../../i18n/words";
import { CallPart, isBusy, isEnded, Member, Turn } from "../../model/conversation";
import { Segment, segmentsIn } from "../../model/segments";
import { agentColour, Avatar, displayName } from "../Avatar";
import { Icon, IconName } from "../Icon";
import { Steps } from "./ActivityCard";
import { AnswerText } from "./AnswerText";
import { FileChips } from "./FileChips";
import { agentIn, taskIn } from "./memberWords";

interface MemberBlockProps {
  feed: SessionFeed;
  turn: Turn;
  /** The call that handed the work on. */
  part: CallPart;
  /** Somebody of the same round is still at work: so that nothing moves, a block closes when all are done. */
  isLive: boolean;
}

/** One member's work: what it was asked, its tools, its text as it comes, and how it ended. */
export function MemberBlock({ feed, turn, part, isLive }: MemberBlockProps) {
  const words = useWords();
  const { t } = words;
  const [chosen, setChosen] = useState<boolean | null>(null);
  const id = useId();
  const isOpen = chosen ?? isLive;
  const agent = agentIn(turn, part);
  const task = taskIn(turn, part);
  const member = turn.members.get(part.call.child_run_id ?? "");
  const mark = markOf(member, part);
  return (
    <li className={`member ${agentColour(agent)} ${isOpen ? "open" : ""}`}>
      <button type="button" className="step-head member-head" aria-expanded={isOpen} aria-controls={id} onClick={() => setChosen(!isOpen)}>
        <Avatar name={agent} />
        <span className="member-name">{displayName(agent)}</span>
        <span className="step-hint">{isOpen ? "" : task}</span>
        <span className="step-end number">{endOf(member, part, words)}</span>
        <span className={`step-mark ${mark.state}`}>{mark.icon ? <Icon name={mark.icon} size={12} /> : <span className="spinner" />}</span>
        <Icon name="chevronRight" size={14} />
      </button>
      {isOpen && (
        <div className="member-body" id={id}>
          {task && (
            <>
              <p className="step-label">{t("team.asked")}</p>
              <p className="step-text">{task}</p>
            </>
          )}
          {member && <Work feed={feed} turn={turn} member={member} isLive={isLive} />}
          <Ending member={member} part={part} />
        </div>
      )}
    </li>
  );
}

function Work({ feed, turn, member, isLive }: { feed: SessionFeed; turn: Turn; member: Member; isLive: boolean }) {
  const list = segmentsIn(turn, member);
  return (
    <>
      {list.map((segment) => (
        <Piece key={segment.key} feed={feed} turn={turn} member={member} segment={segment} isLive={isLive} />
      ))}
    </>
  );
}

function Piece({ feed, turn, member, segment, isLive }: { feed: SessionFeed; turn: Turn; member: Member; segment: Segment; isLive: boolean }) {
  switch (segment.kind) {
    case "activity":
      return <Steps feed={feed} parts={segment.parts} />;
    case "team":
      return (
        <ul className="members">
          {segment.calls.map((call) => (
            <MemberBlock key={call.call.call_id} feed={feed} turn={turn} part={call} isLive={isLive && segment.live} />
          ))}
        </ul>
      );
    case "text":
      return <AnswerText feed={feed} messageId={segment.part.messageId} isDone={segment.part.final || !isBusy(member)} />;
    case "files":
      return <FileChips files={segment.files.map(({ file }) => file)} />;
    case "approval":
      return null;
  }
}

/** How it ended where its text does not say, and the way to its run. */
function Ending({ member, part }: { member: Member | undefined; part: CallPart }) {
  const { t } = useWords();
  const error = member?.error?.message ?? (part.result?.success === false && member?.status !== "cancelled" ? part.result.error : undefined);
  return (
    <>
      {error && <p className="step-error">{error}</p>}
      {member && isEnded(member) && (
        <p className="member-run">
          <Link className="text-link" href={paths.run(member.runId)}>
            {t("team.run")}
          </Link>
        </p>
      )}
    </>
  );
}

interface Mark {
  state: "good" | "bad" | "warn" | "live" | "plain";
  /** None while it works. */
  icon: IconName | null;
}

function markOf(member: Member | undefined, { result }: CallPart): Mark {
  if (member?.status === "failed" || (!member && result?.success === false)) return { state: "bad", icon: "close" };
  if (member?.status === "cancelled") return { state: "plain", icon: "stop" };
  if (member?.status === "pending_approval") return { state: "warn", icon: "shield" };
  if (member?.status === "paused") return { state: "plain", icon: "clock" };
  return member?.status === "completed" || result ? { state: "good", icon: "check" } : { state: "live", icon: null };
}

function endOf(member: Member | undefined, { result }: CallPart, { t, format }: Words): string {
  if (!member) return result?.success === false ? t("work.failed") : "";
  if (member.status === "failed") return t("work.failed");
  if (member.status === "cancelled") return t("chat.status.stopped");
  if (member.status === "pending_approval") return t("team.asks");
  return member.durationMs === null ? "" : format.duration(member.durationMs);
}
