import { lazy, RefObject, Suspense, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { Problem } from "../api/http";
import { pauseRun } from "../api/runs";
import { editMessage, moveLeaf, stopRun } from "../api/sessions";
import { atLeast } from "../api/types";
import { useAccount } from "../app/account";
import type { SessionFeed } from "../app/feed";
import { socket } from "../app/live";
import { forget, outbox, Pending, sendNew } from "../app/outbox";
import { navigate, paths } from "../app/router";
import { sessionList } from "../app/sessionList";
import { useStore } from "../app/store";
import { toast } from "../app/toasts";
import { displayName } from "../components/Avatar";
import { Failure } from "../components/Blank";
import { IconButton } from "../components/Button";
import { Composer, ComposerHandle } from "../components/chat/Composer";
import { DropZone } from "../components/chat/DropZone";
import { OwnerNotice } from "../components/chat/OwnerNotice";
import { RehearsalBanner } from "../components/chat/RehearsalBanner";
import { StatusRegion } from "../components/chat/StatusRegion";
import { TargetMenu } from "../components/chat/TargetMenu";
import { isQueuedBehind, lastTurn, PendingMessage, Thread, ThreadActions } from "../components/chat/Thread";
import { errorText } from "../components/chat/TurnView";
import { useFeed, useFeedState } from "../components/chat/useFeed";
import { FileSession, useFileSession } from "../components/chat/useFileSession";
import { Hold, useFollow } from "../components/chat/useFollow";
import { useWritingPlace } from "../components/chat/useWritingPlace";
import { Welcome } from "../components/chat/Welcome";
import { GivenResults, givenIn } from "../components/forks/context";
import { PageHead } from "../components/shell/PageHead";
import { useWords, wordsNow } from "../i18n/words";
import { leafOf } from "../model/branches";
import { Conversation, isBusy, Turn } from "../model/conversation";
import type { Attachment } from "../model/events";

const ForkNotice = lazy(() => import("../components/forks/ForkNotice"));

/** A conversation, or the beginning of one. */
export function ChatPage({ session }: { session: string | null }) {
  const { t } = useWords();
  const { info, me } = useAccount();
  const canWrite = atLeast(me.role, "member");
  const feed = useFeed(session);
  const state = useFeedState(feed);
  const [chosen, setChosen] = useState(info.default_target);
  const conversation = state.state === "ready" && session !== null ? state.conversation : null;
  const pending = usePending(session, conversation);
  const scroller = useRef<HTMLDivElement>(null);
  const column = useRef<HTMLDivElement>(null);
  const composer = useRef<ComposerHandle>(null);
  const { isAway, toEnd, hold } = useFollow(scroller, column);
  const isHeld = session === null && pending.some((item) => item.state === "sending");
  const files = useFileSession(session, chosen, isHeld);
  const place = useWritingPlace(session);
  const send = useSend({ session, target: chosen, feed, files, becomes: place.becomes, toEnd });
  const actions = useActions(feed, send, toEnd, hold, composer);
  const isEmpty = session === null && pending.length === 0;
  const known = useStore(sessionList).items.find((item) => item.id === session);
  const target = session === null ? chosen : state.state === "ready" ? state.session.target : known?.target ?? null;
  const isStoppable = useIsStoppable(conversation);
  const working = conversation && workingTurn(conversation);
  const origin = state.state === "ready" ? state.session.forked_from : null;
  const given = useMemo(() => givenIn(origin), [origin]);
  useLayoutEffect(() => toEnd(), [session, conversation !== null, toEnd]);
  if (session !== null && state.state === "failed") return <ChatFailure problem={state.problem} onRetry={() => void feed?.open()} />;
  const own = state.state === "ready" ? state.session.title ?? t("shell.untitled") : t("shell.chat");
  const title = session === null ? t("shell.newChat") : known?.title ?? own;
  return (
    <DropZone onFiles={(list) => composer.current?.attach(list)}>
      <PageHead title={title}>{session !== null && target !== null && <span className="pill">{displayName(target)}</span>}</PageHead>
      {feed && conversation && <OwnerNotice feed={feed} />}
      {origin && (
        <Suspense fallback={null}>
          <ForkNotice origin={origin} />
        </Suspense>
      )}
      <div className="thread" ref={scroller}>
        <RehearsalBanner />
        <div className="column" ref={column} role="log" aria-live="off" aria-label={t("chat.log")}>
          {isEmpty && canWrite && <Welcome target={chosen} onSuggestion={(text) => send(text, [])} />}
          {session !== null && !conversation && pending.length === 0 && <ThreadSkeleton />}
          {feed && conversation && (
            <GivenResults.Provider value={given}>
              <Thread feed={feed} conversation={conversation} actions={actions} />
            </GivenResults.Provider>
          )}
          {pending.map((item) => (
            <PendingMessage key={item.key} pending={item} />
          ))}
        </div>
        <div className="dock">
          <div className="dock-over">
            <ConnectionLine />
            {isAway && <IconButton className="jump" icon="arrowDown" label={t("chat.jump")} onClick={() => toEnd(true)} />}
          </div>
          {canWrite ? (
            <Composer
              key={place.key}
              ref={composer}
              session={session}
              target={target ?? chosen}
              isBusy={isStoppable}
              isHeld={isHeld}
              sessionForFiles={files.session}
              onSend={send}
              onStop={() => conversation && stopRunning(conversation)}
              onPause={working ? () => pause(working.runId) : undefined}
            >
              {session === null && <TargetMenu target={chosen} onChoose={setChosen} />}
            </Composer>
          ) : (
            <p className="read-only">{t("chat.readOnly")}</p>
          )}
        </div>
      </div>
      {conversation && <StatusRegion key={session} turn={lastTurn(conversation)} isBehind={isQueuedBehind(conversation)} />}
    </DropZone>
  );
}

/** Seen only when opening takes long enough to wonder. */
function ThreadSkeleton() {
  const { t } = useWords();
  return (
    <div className="thread-skeleton" role="status" aria-label={t("common.loading")}>
      <div className="skeleton" />
      <div className="skeleton" />
      <div className="skeleton" />
      <div className="skeleton" />
    </div>
  );
}

function ChatFailure({ problem, onRetry }: { problem: Problem; onRetry(): void }) {
  const { t } = useWords();
  const shown = problem.status === 404 ? new Problem(404, problem.code, t("chat.deleted")) : problem;
  return (
    <>
      <PageHead title={t("chat.failed.load")} focus />
      <Failure title={t("chat.failed.load")} problem={shown} onRetry={problem.status === 404 ? undefined : onRetry} />
    </>
  );
}

/** Has its place always, so that nothing moves when the connection goes or comes back. */
function ConnectionLine() {
  const { t } = useWords();
  const isLost = useStore(socket.link) === "lost";
  return (
    <p className={`connection ${isLost ? "lost" : ""}`} role="status">
      {isLost && (
        <>
          <span className="spinner" aria-hidden="true" />
          {t("shell.lost")}
        </>
      )}
    </p>
  );
}

/** Messages of this conversation that are on their way; they go as soon as the log has them. */
function usePending(session: string | null, conversation: Conversation | null): Pending[] {
  const all = useStore(outbox);
  const arrived = all.filter((item) => item.messageId !== null && conversation?.messages.has(item.messageId));
  useEffect(() => {
    if (arrived.length > 0) forget(arrived.map((item) => item.key));
  });
  return all.filter((item) => item.session === session && !arrived.includes(item));
}

type Send = (content: string, attachments: Attachment[]) => void;

interface Sending {
  session: string | null;
  target: string;
  feed: SessionFeed | null;
  files: FileSession;
  /** The new conversation has an address now. */
  becomes(session: string): void;
  toEnd(): void;
}

function useSend(now: Sending): Send {
  const latest = useRef(now);
  latest.current = now;
  return useCallback(async (content, attachments) => {
    const { session, target, feed, files, toEnd } = latest.current;
    const parent = parentOf(feed);
    const inSession = session ?? (await files.take()) ?? null;
    const went = new Promise<string>((resolve) => {
      sendNew({ session: inSession, target, content, attachments, parent }, ({ session_id }) => {
        resolve(session_id);
        if (session === null) arrive(session_id, latest.current.becomes);
      });
    });
    if (session === null) files.awaits(inSession === null ? went : Promise.resolve(inSession));
    if (session === null && inSession !== null) arrive(inSession, latest.current.becomes);
    requestAnimationFrame(() => toEnd());
  }, []);
}

/** From the beginning of a conversation to its address; not when the person went elsewhere meanwhile. */
function arrive(session: string, becomes: (session: string) => void): void {
  if (location.pathname !== paths.home) return;
  becomes(session);
  navigate(paths.session(session), { replace: true });
}

/** Named only when another branch than the newest is shown: the server's own leaf is right otherwise, also for two pages at once. */
function parentOf(feed: SessionFeed | null): string | null {
  const now = feed?.store.get();
  return now?.state === "ready" && feed?.isElsewhere ? leafOf(now.conversation) : null;
}

function useActions(feed: SessionFeed | null, send: Send, toEnd: () => void, hold: Hold, composer: RefObject<ComposerHandle>): ThreadActions {
  const latest = useRef(send);
  latest.current = send;
  return useMemo(
    () => ({
      edit(message, content) {
        if (!feed) return;
        if (matchMedia("(hover: hover)").matches) composer.current?.focus();
        editMessage(feed.id, message.id, content).then(
          () => toEnd(),
          (error) => toast(errorText(Problem.of(error).code, Problem.of(error).detail, wordsNow())),
        );
      },
      version(message, place) {
        if (!feed) return;
        hold(place, () => flushSync(() => feed.pin(message)));
        moveLeaf(feed.id, message).then(
          () => feed.settle(),
          () => undefined,
        );
      },
      withdraw: stop,
      suggest: (text) => latest.current(text, []),
    }),
    [feed, toEnd, hold, composer],
  );
}

function useIsStoppable(conversation: Conversation | null): boolean {
  return useMemo(() => (conversation ? [...conversation.turns.values()].some(isBusy) : false), [conversation]);
}

/** Stops what runs now; what waits behind it has a button of its own, and takes its turn. */
function stopRunning(conversation: Conversation): void {
  const busy = [...conversation.turns.values()].filter(isBusy);
  const now = busy.find((turn) => turn.startedAt !== null) ?? busy[0];
  if (now) stop(now.runId);
}

const workingTurn = (conversation: Conversation): Turn | undefined => [...conversation.turns.values()].find(({ status }) => status === "running");

function pause(run: string): void {
  const { t } = wordsNow();
  pauseRun(run).catch(() => toast(t("runs.pause.failed")));
}

function stop(run: string): void {
  stopRun(run).catch((error) => toast(Problem.of(error).detail));
}
