import type { Run } from "../../api/types";
import { useAccount } from "../../app/account";
import { useNow } from "../../app/clock";
import { Link } from "../../app/Link";
import { useTitleOf } from "../../app/lookup";
import { paths } from "../../app/router";
import { asName } from "../../i18n/people";
import { useWords } from "../../i18n/words";
import { ownerOf } from "../../model/owner";
import { costOf, durationOf, hasNoPrice, isActive, titleOf, tokensOf } from "../../model/runs";
import { Avatar, displayName } from "../Avatar";
import { Status } from "./Status";

/** With whose each run is where it is everyone's. Explicit roles: narrow windows lay the table out as blocks, and it stays a table for a screen reader. */
export function RunTable({ runs, isEveryones }: { runs: Run[]; isEveryones: boolean }) {
  const { t } = useWords();
  const now = useNow(runs.some(isActive) ? 1_000 : 60_000);
  return (
    <table className="runs" role="table" aria-label={t("shell.runs")}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader">{t("runs.run")}</th>
          {isEveryones && <th role="columnheader">{t("runs.person")}</th>}
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
          <RunRow key={run.id} run={run} now={now} isEveryones={isEveryones} />
        ))}
      </tbody>
    </table>
  );
}

function RunRow({ run, now, isEveryones }: { run: Run; now: number; isEveryones: boolean }) {
  const { t, format } = useWords();
  const agent = displayName(run.parent_run_id === null ? run.target : run.agent);
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
              <Link href={paths.run(run.id)}>{titleOf(run) ?? agent}</Link>
            </p>
            <RunMeta run={run} agent={agent} />
          </div>
        </div>
      </td>
      {isEveryones && <Whose run={run} />}
      <td role="cell" className="run-status">
        <Status status={run.status} />
      </td>
      <td role="cell" className="run-fact">
        <time dateTime={run.created_at} title={format.dateTime(run.created_at)}>
          {format.relative(run.created_at, now)}
        </time>
      </td>
      <Fact>{took === null ? null : format.duration(isActive(run) ? Math.round(took / 1_000) * 1_000 : took)}</Fact>
      {run.rehearsal ? <Fact>{t("chat.rehearsal.tag")}</Fact> : <Fact unit={t("runs.tokens.unit")}>{tokens === null ? null : format.number(tokens)}</Fact>}
      <Fact why={hasNoPrice(run) ? t("runs.noPrice") : undefined}>{cost === null ? null : format.usd(cost)}</Fact>
    </tr>
  );
}

/** Who answered, and in which conversation where that says more than the question. */
function RunMeta({ run, agent }: { run: Run; agent: string }) {
  const { t } = useWords();
  const known = useTitleOf(run.session_id, run.session_title);
  const title = known === undefined ? t("common.conversation") : known ?? t("shell.untitled");
  const asked = titleOf(run);
  const parts = [asked && agent, run.parent_run_id !== null && t("runs.inside"), title !== asked && title];
  return <p className="row-meta">{parts.filter(Boolean).join(" · ")}</p>;
}

function Whose({ run }: { run: Run }) {
  const words = useWords();
  const { me } = useAccount();
  const owner = ownerOf(run, me.id);
  const name = owner ? asName(owner, words) : words.t("people.you.name");
  return (
    <td role="cell" className={`run-person ${owner ? "" : "own"}`} title={owner ? name : undefined}>
      {name}
    </td>
  );
}

/** A number of a run. Where columns have no heads, its unit says what it is, and what is not known is left out. */
function Fact({ unit, why, children }: { unit?: string; why?: string; children: string | null }) {
  return (
    <td role="cell" className={`run-fact end ${children === null ? "unknown" : ""}`} data-unit={unit} title={why}>
      {children ?? "–"}
      {why && <span className="visually-hidden">{why}</span>}
    </td>
  );
}
