import { memo } from "react";
import type { SessionFeed } from "../../app/feed";
import { useAccount } from "../../app/account";
import { copyText } from "../../app/clipboard";
import { Link } from "../../app/Link";
import { paths } from "../../app/router";
import { toast } from "../../app/toasts";
import { Key, useWords, Words } from "../../i18n/words";
import { isBusy, isEnded, Turn } from "../../model/conversation";
import { Segment, segments } from "../../model/segments";
import { ApprovalCard } from "../approval/ApprovalCard";
import { Avatar, displayName } from "../Avatar";
import { Button, IconButton } from "../Button";
import { Icon } from "../Icon";
import { PausedNote } from "../runs/PauseButton";
import { ActivityCard } from "./ActivityCard";
import { AnswerText } from "./AnswerText";
import { FileChips } from "./FileChips";
import { TeamCard } from "./TeamCard";
import { textOf } from "./useFeed";
import { useOwner } from "./useOwner";

interface TurnViewProps {
  feed: SessionFeed;
  turn: Turn;
  isLast: boolean;
  /** Another run of the session has the turn. */
  isBehind: boolean;
  onWithdraw(): void;
  onAgain(): void;
  onSuggestion(text: string): void;
}

/** What came of a message: work, text, questions, and how it ended. */
export const TurnView = memo(function TurnView({ feed, turn, isLast, isBehind, onWithdraw, onAgain, onSuggestion }: TurnViewProps) {
  const list = segments(turn);
  const firstAsk = list.find((segment) => segment.kind === "approval");
  return (
    <div className="turn">
      {list.map((segment) => (
        <SegmentView key={segment.key} feed={feed} turn={turn} segment={segment} isFirstAsk={segment === firstAsk} />
      ))}
      <Waiting turn={turn} list={list} isBehind={isBehind} onWithdraw={onWithdraw} />
      <Ending feed={feed} turn={turn} onAgain={onAgain} />
      {isEnded(turn) && turn.status !== "failed" && <Foot feed={feed} turn={turn} onAgain={onAgain} />}
      {isLast && turn.suggestions.length > 0 && <Suggestions list={turn.suggestions} onSuggestion={onSuggestion} />}
    </div>
  );
});

function SegmentView({ feed, turn, segment, isFirstAsk }: { feed: SessionFeed; turn: Turn; segment: Segment; isFirstAsk: boolean }) {
  switch (segment.kind) {
    case "activity":
      return <ActivityCard feed={feed} parts={segment.parts} isLive={segment.live} />;
    case "team":
      return <TeamCard feed={feed} turn={turn} calls={segment.calls} isLive={segment.live} />;
    case "text":
      return <AnswerText feed={feed} messageId={segment.part.messageId} isDone={segment.part.final || !isBusy(turn)} />;
    case "approval":
      return <ApprovalCard feed={feed} approval={segment.part.approval} agent={segment.part.agent} isFirst={isFirstAsk} />;
    case "files":
      return <FileChips files={segment.files.map((part) => part.file)} />;
  }
}

/** The moments when a run works and nothing of it is seen yet. */
function Waiting({ turn, list, isBehind, onWithdraw }: { turn: Turn; list: Segment[]; isBehind: boolean; onWithdraw(): void }) {
  const { t } = useWords();
  const last = list[list.length - 1];
  const isWriting = last?.kind === "text" && !last.part.final;
  if (turn.status === "paused") return <PausedNote run={turn.runId} />;
  if (!isBusy(turn) || isWriting || (last && "live" in last && last.live)) return null;
  if (isBehind && turn.status === "queued") {
    return (
      <div className="waiting">
        <Icon name="clock" />
        <span>{t("chat.queued")}</span>
        <Button small look="quiet" onClick={onWithdraw}>
          {t("chat.withdraw")}
        </Button>
      </div>
    );
  }
  return (
    <p className="waiting">
      <Avatar name={turn.agent} />
      <span className="sheen">{t("work.thinking")}</span>
    </p>
  );
}

function Ending({ feed, turn, onAgain }: { feed: SessionFeed; turn: Turn; onAgain(): void }) {
  const words = useWords();
  const { t } = words;
  const isOwn = useOwner(feed) === null;
  if (turn.status === "cancelled") return <p className="turn-note">{t(stopped(turn, isOwn))}</p>;
  if (turn.cutShort) return <p className="turn-note">{t(`chat.cut.${turn.cutShort}`)}</p>;
  if (turn.status !== "failed" || !turn.error) return null;
  return (
    <section className="fault" role="group" aria-label={t("error.title")}>
      <Icon name="warning" size={18} />
      <div>
        <h2>{t("error.title")}</h2>
        <p>{errorText(turn.error.code, turn.error.message, words)}</p>
        <p className="fault-detail">{turn.error.message}</p>
        <div className="fault-actions">
          <Button icon="again" onClick={onAgain}>
            {t("chat.runAgain")}
          </Button>
          <Link className="button quiet" href={paths.run(turn.runId)}>
            {t("error.trace")}
          </Link>
        </div>
      </div>
    </section>
  );
}

function stopped(turn: Turn, isOwn: boolean): Key {
  if (turn.startedAt === null) return "chat.withdrawn";
  if (turn.parts.length === 0) return "chat.stopped.empty";
  return isOwn ? "chat.stopped" : "chat.stopped.other";
}

const known = new Set([
  "model_unavailable",
  "model_timeout",
  "model_rate_limited",
  "model_rejected",
  "model_bad_answer",
  "rehearsal_error",
  "limit_model_calls",
  "limit_tool_calls",
  "limit_work_time",
  "loop_detected",
  "budget_exceeded",
  "refused_by_policy",
  "invalid_output",
  "rehearsal_refused",
  "internal",
  "offline",
  "rate_limited",
]);

/** What to do about it, in the reader's words; the server's own where we have none. */
export const errorText = (code: string, message: string, { t }: Words): string => (known.has(code) ? t(`error.${code}` as Key) : message);

function Foot({ feed, turn, onAgain }: { feed: SessionFeed; turn: Turn; onAgain(): void }) {
  const words = useWords();
  const { t } = words;
  const text = () =>
    turn.parts
      .flatMap((part) => (part.kind === "text" && part.runId === turn.runId ? [textOf(feed, part.messageId)] : []))
      .join("\n\n");
  const hasText = turn.parts.some((part) => part.kind === "text" && part.runId === turn.runId);
  return (
    <div className="turn-foot">
      {hasText && <IconButton small icon="copy" label={t("chat.copy")} onClick={async () => (await copyText(text())) && toast(t("common.copied"))} />}
      <IconButton small icon="again" label={t("chat.runAgain")} onClick={onAgain} />
      <Link className="turn-numbers number" href={paths.run(turn.runId)} title={t("chat.details")}>
        {numbers(turn, words)}
      </Link>
    </div>
  );
}

/** The models by name; two, and that there are more. */
const modelsOf = ({ models }: Turn): string => models.slice(0, 2).join(", ") + (models.length > 2 ? ` +${models.length - 2}` : "");

function numbers(turn: Turn, { t, count, format }: Words): string {
  const tokens = (turn.usage?.input_tokens ?? 0) + (turn.usage?.output_tokens ?? 0);
  const words = [displayName(turn.agent), turn.rehearsal ? t("trace.script") : modelsOf(turn)].filter(Boolean);
  if (tokens > 0 && !turn.rehearsal) words.push(count("chat.tokens", tokens));
  if (turn.costUsd && !turn.rehearsal) words.push(format.usd(turn.costUsd));
  if (turn.cache) words.push(t(`chat.cache.${turn.cache}`));
  if (turn.durationMs !== null && turn.startedAt !== null) words.push(format.duration(turn.durationMs));
  return words.join(" · ");
}

function Suggestions({ list, onSuggestion }: { list: string[]; onSuggestion(text: string): void }) {
  const { t } = useWords();
  const { info } = useAccount();
  if (!info.rehearsal) return null;
  return (
    <div className="suggest-more">
      <p>{t("chat.rehearsal.try")}</p>
      <div className="suggestions">
        {list.map((text) => (
          <button key={text} type="button" className="suggestion" onClick={() => onSuggestion(text)}>
            {text}
          </button>
        ))}
      </div>
    </div>
  );
}
