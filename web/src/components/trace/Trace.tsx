import { useMemo, useState } from "react";
import type { Span } from "../../api/types";
import { useNow } from "../../app/clock";
import { useWords } from "../../i18n/words";
import { axisOf, rowsOf, waitIn } from "../../model/timeline";
import { Avatar, displayName } from "../Avatar";
import { Measured } from "../Measured";
import { Segments } from "../Segments";
import { Bars } from "./Bars";
import { SpanPanel } from "./SpanPanel";
import { SpanTable } from "./SpanTable";
import { useResult } from "./useResult";

interface TraceProps {
  session: string;
  spans: Span[];
  /** When the run was accepted: running spans grow from there. */
  begunAt: string;
  isLive: boolean;
}

type View = "timeline" | "table";

/** Where the time of a run went: as bars with details at the side, or as a table. */
export function Trace({ session, spans, begunAt, isLive }: TraceProps) {
  const { t } = useWords();
  const [view, setView] = useState<View>("timeline");
  const [picked, setPicked] = useState<string | null>(null);
  const now = useNow(isLive ? 250 : null);
  const known = spans.reduce((most, span) => Math.max(most, span.start_ms, span.end_ms ?? 0), 0);
  const end = isLive ? Math.max(known, now - Date.parse(begunAt)) : known;
  const rows = useMemo(() => rowsOf(spans), [spans]);
  const axis = useMemo(() => axisOf(spans, end), [spans, end]);
  const shown = rows.find(({ span }) => span.id === picked)?.span ?? rows[0]?.span;
  return (
    <section className="trace" aria-label={t("trace.title")}>
      <div className="trace-head">
        <h2>{t("trace.title")}</h2>
        <Agents spans={spans} />
        <Segments
          label={t("trace.view")}
          value={view}
          options={[
            { value: "timeline", label: t("trace.timeline") },
            { value: "table", label: t("trace.table") },
          ]}
          onChange={(next: View) => setView(next)}
        />
      </div>
      {view === "table" ? (
        <div className="card">
          <SpanTable rows={rows} end={end} />
        </div>
      ) : (
        <div className="trace-body">
          <Measured className="card waterfall-box">{(width) => <Bars rows={rows} axis={axis} width={width} shown={shown?.id ?? null} onShow={setPicked} />}</Measured>
          {shown && <Panel session={session} run={spans[0]?.id ?? ""} span={shown} spans={spans} end={end} isPicked={picked !== null} onClose={() => setPicked(null)} />}
        </div>
      )}
    </section>
  );
}

function Panel(props: Omit<Parameters<typeof SpanPanel>[0], "result" | "wait">) {
  const { session, span, spans, end } = props;
  return <SpanPanel {...props} wait={waitIn(span, spans, end)} result={useResult(session, span, spans)} />;
}

/** Who is who: the colours of the bars, and that of waiting for a person. */
function Agents({ spans }: { spans: Span[] }) {
  const { t } = useWords();
  const names = [...new Set(spans.flatMap(({ agent }) => (agent ? [agent] : [])))];
  return (
    <ul className="trace-agents">
      {names.map((name) => (
        <li key={name}>
          <Avatar name={name} />
          {displayName(name)}
        </li>
      ))}
      {spans.some(({ kind }) => kind === "approval") && (
        <li>
          <span className="wait-sample" aria-hidden="true" />
          {t("trace.wait")}
        </li>
      )}
    </ul>
  );
}
