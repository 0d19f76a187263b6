import { useMemo, useSyncExternalStore } from "react";
import { useAccount } from "../../app/account";
import type { SessionFeed } from "../../app/feed";
import { Other, ownerOf } from "../../model/owner";

/** Whose conversation it is; null when it is the reader's own. */
export function useOwner(feed: SessionFeed): Other | null {
  const { me } = useAccount();
  const session = useSyncExternalStore(feed.store.subscribe, () => sessionOf(feed));
  return useMemo(() => (session ? ownerOf(session, me.id) : null), [session, me.id]);
}

function sessionOf(feed: SessionFeed) {
  const now = feed.store.get();
  return now.state === "ready" ? now.session : null;
}
