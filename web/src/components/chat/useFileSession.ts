import { useEffect, useMemo, useRef } from "react";
import { createSession, deleteSession } from "../../api/sessions";

export interface FileSession {
  /** The session that a file goes to: the one that is shown, the one that the first message went to, or one made for the file. */
  session(): Promise<string>;
  /** The session with the files, for the message that goes with them; from now on it stays. */
  take(): Promise<string> | null;
  /** The first message is on its way, and says later where it went: files that come meanwhile go there as well. */
  awaits(session: Promise<string>): void;
}

/** Made at the first file of a new conversation, gone again when nothing was sent. `isHeld`: the first message is on its way. */
export function useFileSession(session: string | null, target: string, isHeld: boolean): FileSession {
  const made = useRef<Promise<string> | null>(null);
  const awaited = useRef<Promise<string> | null>(null);
  const held = useRef(isHeld);
  held.current = isHeld;
  useEffect(() => {
    return () => {
      made.current?.then(deleteSession).catch(() => undefined);
      made.current = awaited.current = null;
    };
  }, [session]);
  return useMemo(
    () => ({
      session: () => {
        if (session !== null) return Promise.resolve(session);
        if (held.current && awaited.current) return awaited.current;
        return (made.current ??= createSession(target).then(({ id }) => id));
      },
      take: () => {
        const taken = made.current;
        made.current = null;
        return taken;
      },
      awaits: (going) => (awaited.current = going),
    }),
    [session, target],
  );
}
