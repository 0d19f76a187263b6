import { memo, useId, useState } from "react";
import type { SessionFeed } from "../../app/feed";
import { useWords, Words } from "../../i18n/words";
import type { ApprovalPart } from "../../model/conversation";
import { ActivityPart, failuresIn, stepsIn, timeOf } from "../../model/segments";
import { agentColour, Avatar, displayName } from "../Avatar";
import { Icon } from "../Icon";
import { useVerdict } from "../approval/useVerdict";
import { decidedIn, Step } from "./Step";

interface ActivityCardProps {
  feed: SessionFeed;
  parts: ActivityPart[];
  isLive: boolean;
}

/** Who works and with what: open while it goes on, one line when it is done. */
export const ActivityCard = memo(function ActivityCard({ feed, parts, isLive }: ActivityCardProps) {
  const words = useWords();
  const [chosen, setChosen] = useState<boolean | null>(null);
  const bodyId = useId();
  const isOpen = chosen ?? isLive;
  const decision = [...parts].reverse().find((part): part is ApprovalPart => part.kind === "approval");
  const decided = useVerdict(decision ? decidedIn(decision) : null);
  const agents = [...new Set(parts.map((part) => part.agent))].filter(Boolean);
  return (
    <section className={`activity ${isLive ? "live" : ""} ${isOpen ? "open" : ""}`}>
      <button type="button" className="activity-head" aria-expanded={isOpen} aria-controls={bodyId} onClick={() => setChosen(!isOpen)}>
        <span className="activity-agents">
          {agents.slice(0, 4).map((agent) => (
            <Avatar key={agent} name={agent} />
          ))}
        </span>
        <span className="activity-words">
          <span className={`activity-title ${isLive ? "sheen" : ""}`}>{isLive ? doing(parts, words) : [words.format.list(agents.map(displayName)), toolsOf(parts)].filter(Boolean).join(" · ")}</span>
          <span className="activity-sum number">
            <Failures parts={parts} />
            {[decided, summary(parts, words)].filter(Boolean).join(" · ")}
          </span>
        </span>
        <Icon name="chevronDown" />
      </button>
      <div className="activity-body" id={bodyId} hidden={!isOpen}>
        {lanes(parts).map((lane, index) => (
          <div key={index} className={`lane ${agentColour(lane.agent)}`}>
            {agents.length > 1 && (
              <div className="lane-name">
                <Avatar name={lane.agent} />
                {displayName(lane.agent)}
              </div>
            )}
            <ul>
              {lane.parts.map((part) => (
                <Step key={keyOf(part)} feed={feed} part={part} />
              ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
});

/** That something failed is seen without opening the card. */
function Failures({ parts }: { parts: ActivityPart[] }) {
  const { t, count } = useWords();
  const failed = failuresIn(parts);
  if (failed === 0) return null;
  return (
    <span className="activity-failed">
      <Icon name="warning" size={14} />
      {stepsIn(parts) === 1 ? t("work.failed") : count("work.failures", failed)}
    </span>
  );
}

/** The tools by name; two, and that there are more. */
function toolsOf(parts: ActivityPart[]): string {
  const tools = [...new Set(parts.flatMap((part) => (part.kind === "call" ? part.call.tool : [])))];
  return tools.slice(0, 2).join(", ") + (tools.length > 2 ? ` +${tools.length - 2}` : "");
}

/** Consecutive steps of the same agent. */
function lanes(parts: ActivityPart[]): { agent: string; parts: ActivityPart[] }[] {
  const list: { agent: string; parts: ActivityPart[] }[] = [];
  for (const part of parts) {
    const last = list[list.length - 1];
    if (last?.agent === part.agent) last.parts.push(part);
    else list.push({ agent: part.agent, parts: [part] });
  }
  return list;
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
