import { useEffect, useState, useSyncExternalStore } from "react";
import { FeedState, SessionFeed } from "../../app/feed";

const nothing: FeedState = { state: "loading" };
const noStore = { subscribe: () => () => undefined, get: () => nothing };

/** Follows a session as long as the component shows it. */
export function useFeed(session: string | null): SessionFeed | null {
  const [feed, setFeed] = useState<SessionFeed | null>(null);
  useEffect(() => {
    if (session === null) {
      setFeed(null);
      return undefined;
    }
    const made = new SessionFeed(session);
    setFeed(made);
    return () => made.close();
  }, [session]);
  return feed?.id === session ? feed : null;
}

/** The feed's state without its texts: a token renders nothing. */
export function useFeedState(feed: SessionFeed | null): FeedState {
  const store = feed?.store ?? noStore;
  return useSyncExternalStore(store.subscribe, () => settled(feed, store.get()));
}

const last = new WeakMap<SessionFeed, FeedState>();

/** The state before, when only texts and numbers differ from it. */
function settled(feed: SessionFeed | null, now: FeedState): FeedState {
  if (!feed) return now;
  const before = last.get(feed);
  if (before && isSameShape(before, now)) return before;
  last.set(feed, now);
  return now;
}

function isSameShape(a: FeedState, b: FeedState): boolean {
  if (a.state !== "ready" || b.state !== "ready") return a === b;
  const [one, two] = [a.conversation, b.conversation];
  return a.session === b.session && one.messages === two.messages && one.turns === two.turns && one.pin === two.pin;
}

/** The text under a key as it is now, and whenever it grows. */
export function useText(feed: SessionFeed, key: string): string {
  return useSyncExternalStore(feed.store.subscribe, () => textOf(feed, key));
}

export function textOf(feed: SessionFeed, key: string): string {
  const now = feed.store.get();
  return now.state === "ready" ? now.conversation.texts.get(key) ?? "" : "";
}
