import { useEffect, useRef } from "react";
import { getRun, listRuns, RunFilter } from "../../api/runs";
import type { Run } from "../../api/types";
import { useAccount } from "../../app/account";
import { socket } from "../../app/live";
import { Paged, usePaged } from "../../app/load";
import { ownerOf } from "../../model/owner";
import { withRun } from "../../model/runs";

/** Runs that pass a filter, newest first, each as it is now. */
export function useRuns(filter: RunFilter): Paged<Run> {
  const list = usePaged<Run>(JSON.stringify(filter), (cursor, signal) => listRuns({ ...filter, cursor, limit: 40 }, signal));
  const { change, reload } = list;
  const wanted = useRef(filter);
  wanted.current = filter;
  const { me } = useAccount();
  useChangedRuns((run) => {
    const isOthers = wanted.current.owner === "me" && ownerOf(run, me.id) !== null;
    if (!isOthers) change((items) => withRun(items, run, wanted.current));
  });
  useEffect(() => socket.onReconnect(reload), [reload]);
  return list;
}

/** Calls back with each run that something happened to, a moment later: a run says several things at once. */
export function useChangedRuns(onRun: (run: Run) => void): void {
  const listener = useRef(onRun);
  listener.current = onRun;
  useEffect(() => {
    const timers = new Map<string, number>();
    const read = (id: string) => {
      timers.delete(id);
      getRun(id).then(
        (run) => listener.current(run),
        () => undefined,
      );
    };
    const unwatch = socket.watch(({ run_id }) => {
      if (run_id !== null && !timers.has(run_id)) timers.set(run_id, window.setTimeout(() => read(run_id), 200));
    });
    return () => {
      unwatch();
      timers.forEach((timer) => clearTimeout(timer));
    };
  }, []);
}
