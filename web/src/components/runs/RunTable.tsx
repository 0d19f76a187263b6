import type { Run } from "../../api/types";
import { useNow } from "../../app/clock";
import { Link } from "../../app/Link";
import { useTitleOf } from "../../app/lookup";
import { paths } from "../../app/router";
import { useWords } from "../../i18n/words";
import { costOf, durationOf, isActive, tokensOf } from "../../model/runs";
import { Avatar, displayName } from "../Avatar";
import { RehearsalMark, Status } from "./Status";

/** Explicit roles: narrow windows lay the table out as blocks, and it stays a table for a screen reader. */
export function RunTable({ runs }: { runs: Run[] }) {
  const { t } = useWords();
  const now = useNow(runs.some(isActive) ? 1_000 : 60_000);
  return (
    <table className="runs" role="table" aria-label={t("shell.runs")}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader">{t("runs.run")}</th>
          <th role="columnheader">{t("runs.status")}</th>
          <th role="columnheader">{t("runs.started")}</th>
          <th role="columnheader" className="end">
            {t("runs.duration")}
          </th>
          <th role="columnheader" className="end">
            {t("runs.tokens")}
          </th>
          <th role="columnheader" className="end">
            {t("runs.cost")}
          </th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {runs.map((run) => (
          <RunRow key={run.id} run={run} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function RunRow({ run, now }: { run: Run; now: number }) {
  const { t, format } = useWords();
  const title = useTitleOf(run.session_id, run.session_title);
  const took = durationOf(run, now);
  const tokens = tokensOf(run);
  const cost = costOf(run);
  return (
    <tr role="row">
      <td role="cell" className="run-cell">
        <div className="run-name">
          <Avatar name={run.agent} />
          <div>
            <p className="row-title">
              <Link href={paths.run(run.id)}>{displayName(run.parent_run_id === null ? run.target : run.agent)}</Link>
              {run.rehearsal && <RehearsalMark />}
            </p>
            <p className="row-meta">
              {run.parent_run_id !== null && `${t("runs.inside")} · `}
              {title === undefined ? t("common.conversation") : title ?? t("shell.untitled")}
            </p>
          </div>
        </div>
      </td>
      <td role="cell" className="run-status">
        <Status status={run.status} />
      </td>
      <td role="cell" className="run-fact">
        <time dateTime={run.created_at} title={format.dateTime(run.created_at)}>
          {format.relative(run.created_at, now)}
        </time>
      </td>
      <Fact>{took === null ? null : format.duration(isActive(run) ? Math.round(took / 1_000) * 1_000 : took)}</Fact>
      <Fact unit={t("runs.tokens.unit")}>{tokens === null ? null : format.number(tokens)}</Fact>
      <Fact>{cost === null ? null : format.usd(cost)}</Fact>
    </tr>
  );
}

/** A number of a run. Where columns have no heads, its unit says what it is, and what is not known is left out. */
function Fact({ unit, children }: { unit?: string; children: string | null }) {
  return (
    <td role="cell" className={`run-fact end ${children === null ? "unknown" : ""}`} data-unit={unit}>
      {children ?? "–"}
    </td>
  );
}
