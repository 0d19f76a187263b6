import { useCallback, useEffect, useRef } from "react";
import { getRun, getTree } from "../../api/runs";
import { getSession } from "../../api/sessions";
import type { Run, Trace } from "../../api/types";
import { socket } from "../../app/live";
import { Resource, useResource } from "../../app/load";
import { isActive, isEnded } from "../../model/runs";

const restBetween = 300;
const streamed = new Set(["content", "reasoning"]);

/** A run and its trace. Both are read again when the log says that something happened, a moment later: a run says several things at once. */
export function useRun(id: string): { run: Resource<Run>; trace: Resource<Trace> } {
  const run = useResource(id, (signal) => getRun(id, signal));
  const kept = useRef(new Map<string, Trace>());
  const trace = useResource(id, (signal) => getTree(id, kept.current, signal));
  const known = run.now.state === "ready" ? run.now.value : null;
  const [readRun, readTrace] = [run.reload, trace.reload];
  const read = useSoon(() => {
    readRun();
    readTrace();
  });
  useEffect(() => socket.watch((event) => (event.run_id === id || event.parent_run_id === id) && read()), [id, read]);
  useEffect(() => socket.onReconnect(read), [read]);
  useSteps(known && isActive(known) ? known.session_id : null, read);
  const rests = known !== null && isEnded(known);
  useEffect(() => {
    if (rests) readTrace();
  }, [rests, readTrace]);
  return { run, trace };
}

/** At most one call in a while, and one after the last wish. */
function useSoon(act: () => void): () => void {
  const latest = useRef(act);
  latest.current = act;
  const timer = useRef<number | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined;
      latest.current();
    }, restBetween);
  }, []);
}

/** Steps are told to those who follow the session, from its end on; the pieces of texts are no steps. */
function useSteps(session: string | null, onStep: () => void): void {
  useEffect(() => {
    if (session === null) return undefined;
    let [unfollow, isOver, after] = [() => undefined as void, false, 0];
    getSession(session).then(
      ({ last_event }) => {
        if (isOver) return;
        after = last_event;
        unfollow = socket.follow(session, {
          after: () => after,
          begun: onStep,
          receive: (event) => {
            after = event.id;
            if (!streamed.has(event.type)) onStep();
          },
          refused: () => undefined,
        });
      },
      () => undefined,
    );
    return () => {
      isOver = true;
      unfollow();
    };
  }, [session, onStep]);
}
