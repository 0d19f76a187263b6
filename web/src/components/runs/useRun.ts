import { useEffect } from "react";
import { getRun, getTrace } from "../../api/runs";
import type { Run, Trace } from "../../api/types";
import { socket } from "../../app/live";
import { Resource, useResource } from "../../app/load";
import { isActive, isEnded } from "../../model/runs";

const freshEvery = 1_500;

/** A run and its trace, read again at each event of the run; while it works, every second and a half: steps send no event to watchers. */
export function useRun(id: string): { run: Resource<Run>; trace: Resource<Trace> } {
  const run = useResource(id, (signal) => getRun(id, signal));
  const trace = useResource(id, (signal) => getTrace(id, signal));
  const known = run.now.state === "ready" ? run.now.value : null;
  const works = known !== null && isActive(known);
  const rests = known !== null && isEnded(known);
  const [readRun, readTrace] = [run.reload, trace.reload];
  useEffect(() => {
    const unwatch = socket.watch((event) => {
      if (event.run_id === id) readRun();
      if (event.run_id === id || event.parent_run_id === id) readTrace();
    });
    const unlisten = socket.onReconnect(() => {
      readRun();
      readTrace();
    });
    return () => {
      unwatch();
      unlisten();
    };
  }, [id, readRun, readTrace]);
  useEffect(() => {
    if (!works) return undefined;
    const timer = setInterval(() => document.visibilityState === "visible" && readTrace(), freshEvery);
    return () => clearInterval(timer);
  }, [works, readTrace]);
  useEffect(() => {
    if (rests) readTrace();
  }, [rests, readTrace]);
  return { run, trace };
}
