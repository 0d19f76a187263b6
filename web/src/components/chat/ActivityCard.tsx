import { memo, useContext, useId, useState } from "react";
import type { SessionFeed } from "../../app/feed";
import { useWords, Words } from "../../i18n/words";
import type { ApprovalPart } from "../../model/conversation";
import { ActivityPart, failuresIn, stepsIn, timeOf } from "../../model/segments";
import { agentColour, displayName } from "../Avatar";
import { useVerdict } from "../approval/useVerdict";
import { GivenResults } from "../forks/context";
import { decidedIn, Step } from "./Step";
import { FailedMark, WorkHead } from "./WorkHead";

interface ActivityCardProps {
  feed: SessionFeed;
  parts: ActivityPart[];
  isLive: boolean;
}

/** What an agent does and with what: open while it goes on, one line when it is done. */
export const ActivityCard = memo(function ActivityCard({ feed, parts, isLive }: ActivityCardProps) {
  const words = useWords();
  const [chosen, setChosen] = useState<boolean | null>(null);
  const bodyId = useId();
  const isOpen = chosen ?? isLive;
  const decision = [...parts].reverse().find((part): part is ApprovalPart => part.kind === "approval");
  const decided = useVerdict(decision ? decidedIn(decision) : null);
  const agents = [...new Set(parts.map((part) => part.agent))].filter(Boolean);
  const given = useContext(GivenResults);
  const isGiven = parts.some((part) => part.kind === "call" && given.has(part.call.call_id));
  const sum = (
    <>
      <FailedMark>{failed(parts, words)}</FailedMark>
      {isGiven && <span className="mark changed">{words.t("work.forked")}</span>} {[decided, summary(parts, words)].filter(Boolean).join(" · ")}
    </>
  );
  return (
    <section className={`activity ${isLive ? "live" : ""} ${isOpen ? "open" : ""}`}>
      <WorkHead
        agents={agents}
        title={isLive ? doing(parts, words) : [words.format.list(agents.map(displayName)), toolsOf(parts)].filter(Boolean).join(" · ")}
        sum={sum}
        isLive={isLive}
        isOpen={isOpen}
        bodyId={bodyId}
        onToggle={() => setChosen(!isOpen)}
      />
      <div className={`activity-body ${agentColour(agents[0] ?? "")}`} id={bodyId} hidden={!isOpen}>
        <Steps feed={feed} parts={parts} />
      </div>
    </section>
  );
});

export function Steps({ feed, parts }: { feed: SessionFeed; parts: ActivityPart[] }) {
  return (
    <ul>
      {parts.map((part) => (
        <Step key={keyOf(part)} feed={feed} part={part} />
      ))}
    </ul>
  );
}

function failed(parts: ActivityPart[], { t, count }: Words): string | null {
  const failures = failuresIn(parts);
  if (failures === 0) return null;
  return stepsIn(parts) === 1 ? t("work.failed") : count("work.failures", failures);
}

/** The tools by name; two, and that there are more. */
function toolsOf(parts: ActivityPart[]): string {
  const tools = [...new Set(parts.flatMap((part) => (part.kind === "call" ? part.call.tool : [])))];
  return tools.slice(0, 2).join(", ") + (tools.length > 2 ? ` +${tools.length - 2}` : "");
}

function keyOf(part: ActivityPart): string {
  if (part.kind === "call") return part.call.call_id;
  if (part.kind === "approval") return part.approval.approval_id;
  return `${part.kind}-${"messageId" in part ? part.messageId : part.at}`;
}

function doing(parts: ActivityPart[], { t }: Words): string {
  const last = parts[parts.length - 1];
  if (last?.kind === "call" && !last.result) return t("work.using", { tool: last.call.tool });
  if (last?.kind === "reasoning" && !last.endedAt) return t("work.thinking");
  return t("work.working");
}

function summary(parts: ActivityPart[], { t, count, format }: Words): string {
  const steps = stepsIn(parts);
  const time = timeOf(parts);
  const retries = parts.filter((part) => part.kind === "retry").length;
  const words = steps > 0 ? count("work.steps", steps) : time > 0 ? t("work.thought") : retries > 0 ? count("work.attempts", retries + 1) : "";
  return [words, time > 0 ? format.duration(time) : ""].filter(Boolean).join(" · ");
}
