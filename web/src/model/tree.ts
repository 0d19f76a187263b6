import type { Span, Trace } from "../api/types";

/** The run that a call handed its work to. */
export const childOf = ({ detail }: Span): string | null => (typeof detail?.child_run_id === "string" ? detail.child_run_id : null);

/** A run's spans, with those of the runs below under the calls that asked for them, in the time of the run at the top. */
export function withChildren(trace: Trace, children: ReadonlyMap<string, Trace>): Trace {
  const spans = trace.spans.flatMap((span) => {
    const child = children.get(childOf(span) ?? "");
    return child ? [span, ...child.spans.map((below) => moved(below, span, child.run_id))] : [span];
  });
  return { ...trace, spans };
}

/** A child is accepted when its call leaves. Identifiers that only count are made its own. */
function moved(span: Span, call: Span, run: string): Span {
  const own = (id: string) => (/^(queue|summary)-/.test(id) ? `${run}/${id}` : id);
  return {
    ...span,
    id: own(span.id),
    parent_id: span.parent_id === null ? call.id : own(span.parent_id),
    start_ms: span.start_ms + call.start_ms,
    end_ms: span.end_ms === null ? null : span.end_ms + call.start_ms,
    run_id: span.run_id ?? run,
  };
}
