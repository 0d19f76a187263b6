import { useEffect, useRef, useState } from "react";

interface WritingPlace {
  /** The same as long as the same draft is written. */
  key: number;
  /** The new conversation gets this address: whoever writes there goes on writing. */
  becomes(session: string): void;
}

/** Where the composer writes. Another conversation is another place; a new one that got its address with its first message is not. */
export function useWritingPlace(session: string | null): WritingPlace {
  const [place, setPlace] = useState({ session, key: 0 });
  const born = useRef<string | null>(null);
  if (place.session !== session) {
    const isSame = place.session === null && session === born.current;
    setPlace({ session, key: isSame ? place.key : place.key + 1 });
  }
  // Once: whoever comes back to it later writes another draft.
  useEffect(() => void (born.current = null), [session]);
  return { key: place.key, becomes: (id) => (born.current = id) };
}
