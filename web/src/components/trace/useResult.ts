import { useEffect, useState } from "react";
import { eventsOfRun } from "../../api/events";
import type { Span } from "../../api/types";
import type { Json, ToolResultData } from "../../model/events";

type Results = Promise<Map<string, ToolResultData>>;
const kept = new Map<string, Results>();

/** The results of a run's calls, read once for as many calls as have ended. */
function resultsOf(session: string, run: string, ended: number): Results {
  const key = `${run} ${ended}`;
  const known = kept.get(key);
  if (known) return known;
  const reading = eventsOfRun(session, run).then(
    (events) => new Map(events.flatMap(({ type, data }) => (type === "tool_result" ? [[(data as ToolResultData).call_id, data as ToolResultData]] : []))),
  );
  kept.clear();
  kept.set(key, reading);
  reading.catch(() => kept.delete(key));
  return reading;
}

/** What a call gave back: the trace leaves it out, the log has it. */
export function useResult(session: string, span: Span, spans: Span[]): Json | undefined {
  const told = span.detail?.data ?? span.detail?.result;
  const isWanted = span.kind === "tool" && span.end_ms !== null && told === undefined;
  const run = isWanted ? runOf(span, spans) : null;
  const ended = spans.filter(({ kind, end_ms }) => kind === "tool" && end_ms !== null).length;
  const [found, setFound] = useState<{ id: string; data: Json | undefined } | null>(null);
  useEffect(() => {
    if (run === null) return undefined;
    let isOver = false;
    resultsOf(session, run, ended).then(
      (results) => !isOver && setFound({ id: span.id, data: results.get(span.id)?.data }),
      () => undefined,
    );
    return () => {
      isOver = true;
    };
  }, [session, run, ended, span.id]);
  return told ?? (found?.id === span.id ? found.data : undefined);
}

/** The run that a span belongs to: the nearest one above it. */
function runOf(span: Span, spans: Span[]): string | null {
  let at: Span | undefined = span;
  while (at && at.kind !== "run") {
    const parent: string | null = at.parent_id;
    at = spans.find(({ id }) => id === parent);
  }
  return at?.id.startsWith("run_") ? at.id : null;
}
