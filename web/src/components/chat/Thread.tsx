import { memo, useMemo, useRef } from "react";
import type { SessionFeed } from "../../app/feed";
import type { Pending } from "../../app/outbox";
import { asName } from "../../i18n/people";
import { useWords } from "../../i18n/words";
import { Exchange, exchanges } from "../../model/branches";
import { Conversation, isEnded, MessageNode, Turn } from "../../model/conversation";
import { Button } from "../Button";
import { Icon } from "../Icon";
import { errorText, TurnView } from "./TurnView";
import { useOwner } from "./useOwner";
import { UserMessage } from "./UserMessage";

/** What the person can do with an exchange. Stable, so that only what changed is rendered. */
export interface ThreadActions {
  edit(message: MessageNode, content: string): void;
  /** `place` is the exchange, which stays where it is. */
  version(message: string, place: Element): void;
  /** Takes back a message that waits for its turn. */
  withdraw(run: string): void;
  suggest(text: string): void;
}

interface ThreadProps {
  feed: SessionFeed;
  conversation: Conversation;
  actions: ThreadActions;
}

/** Versions of a message are one exchange: the one that is shown takes the other's place, and what has the focus keeps it. */
export function Thread({ feed, conversation, actions }: ThreadProps) {
  const list = useMemo(() => exchanges(conversation), [conversation]);
  const firstOpen = list.findIndex(({ turn }) => turn && !isEnded(turn));
  return (
    <>
      {list.map((exchange, index) => (
        <ExchangeView
          key={exchange.message.parent ?? "first"}
          feed={feed}
          exchange={exchange}
          actions={actions}
          isLast={index === list.length - 1}
          isBehind={firstOpen >= 0 && firstOpen < index}
        />
      ))}
    </>
  );
}

interface ExchangeViewProps {
  feed: SessionFeed;
  exchange: Exchange;
  actions: ThreadActions;
  isLast: boolean;
  isBehind: boolean;
}

const ExchangeView = memo(
  function ExchangeView({ feed, exchange, actions, isLast, isBehind }: ExchangeViewProps) {
    const { message, turn, versions, index } = exchange;
    const place = useRef<HTMLElement>(null);
    const owner = useOwner(feed);
    const words = useWords();
    return (
      <article className="exchange" ref={place}>
        <UserMessage
          author={owner ? asName(owner, words) : words.t("chat.you")}
          content={message.content}
          attachments={message.attachments}
          versions={versions}
          index={index}
          onEdit={(content) => actions.edit(message, content)}
          onVersion={(version) => place.current && actions.version(version, place.current)}
        />
        {turn && (
          <TurnView
            key={turn.runId}
            feed={feed}
            turn={turn}
            isLast={isLast}
            isBehind={isBehind}
            onWithdraw={() => actions.withdraw(turn.runId)}
            onAgain={() => actions.edit(message, message.content)}
            onSuggestion={actions.suggest}
          />
        )}
      </article>
    );
  },
  (a, b) =>
    a.feed === b.feed &&
    a.actions === b.actions &&
    a.isLast === b.isLast &&
    a.isBehind === b.isBehind &&
    a.exchange.message === b.exchange.message &&
    a.exchange.turn === b.exchange.turn &&
    a.exchange.versions.join() === b.exchange.versions.join(),
);

/** A message that the log does not have yet. */
export function PendingMessage({ pending }: { pending: Pending }) {
  const words = useWords();
  const { t } = words;
  return (
    <article className="exchange">
      <UserMessage author={t("chat.you")} content={pending.content} attachments={pending.attachments} versions={[]} index={0} isPending={pending.state !== "failed"} />
      {pending.problem && (
        <section className="fault" role="alert">
          <Icon name="warning" size={18} />
          <div>
            <h2>{t("chat.send.failed")}</h2>
            <p>{errorText(pending.problem.code, pending.problem.detail, words)}</p>
            <div className="fault-actions">
              <Button icon="again" onClick={pending.resend}>
                {t("chat.send.again")}
              </Button>
            </div>
          </div>
        </section>
      )}
    </article>
  );
}

/** Whether the last message waits for an earlier one. */
export const isQueuedBehind = (conversation: Conversation): boolean =>
  exchanges(conversation)
    .slice(0, -1)
    .some(({ turn }) => turn && !isEnded(turn));

export const lastTurn = (conversation: Conversation): Turn | null => {
  const list = exchanges(conversation);
  return list[list.length - 1]?.turn ?? null;
};
