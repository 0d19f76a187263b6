import { memo, useId, useState } from "react";
import type { SessionFeed } from "../../app/feed";
import { useWords, Words } from "../../i18n/words";
import type { CallPart, Turn } from "../../model/conversation";
import { membersIn, workersIn } from "../../model/segments";
import { displayName } from "../Avatar";
import { MemberBlock } from "./MemberBlock";
import { agentIn, doing } from "./memberWords";
import { FailedMark, WorkHead } from "./WorkHead";

interface TeamCardProps {
  feed: SessionFeed;
  turn: Turn;
  calls: CallPart[];
  isLive: boolean;
}

/** What was handed to others: who is at work now, and a block for each with all that it does. */
export const TeamCard = memo(function TeamCard({ feed, turn, calls, isLive }: TeamCardProps) {
  const words = useWords();
  const [chosen, setChosen] = useState<boolean | null>(null);
  const bodyId = useId();
  const isOpen = chosen ?? isLive;
  const agents = [...new Set(calls.map((call) => agentIn(turn, call)))];
  const failures = calls.filter(({ result }) => result?.success === false).length;
  const sum = (
    <>
      <FailedMark>{failures > 0 ? words.count("work.failures", failures) : null}</FailedMark>
      {words.count("team.tasks", calls.length)}
    </>
  );
  return (
    <section className={`activity team ${isLive ? "live" : ""} ${isOpen ? "open" : ""}`}>
      <WorkHead
        agents={agents}
        title={isLive ? atWork(turn, calls, words) : words.format.list(agents.map(displayName))}
        sum={sum}
        isLive={isLive}
        isOpen={isOpen}
        bodyId={bodyId}
        onToggle={() => setChosen(!isOpen)}
      />
      <ul className="activity-body members" id={bodyId} hidden={!isOpen}>
        {calls.map((call) => (
          <MemberBlock key={call.call.call_id} feed={feed} turn={turn} part={call} isLive={isLive} />
        ))}
      </ul>
    </section>
  );
});

/** Who is working now. Between two rounds that is whoever leads. */
function atWork(turn: Turn, calls: CallPart[], { t, format }: Words): string {
  const workers = workersIn(turn, calls);
  if (workers.length === 1) return doing(turn, workers[0], t);
  const names = [...new Set(workers.map(({ agent }) => displayName(agent)))];
  if (names.length > 1) return t("team.working", { agents: format.list(names) });
  if (names.length === 1) return t("team.works", { agent: names[0] });
  return membersIn(turn, calls).length < calls.length ? t("work.working") : t("chat.status.thinking", { agent: displayName(turn.agent) });
}
