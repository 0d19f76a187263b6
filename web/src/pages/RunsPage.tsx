import type { RunFilter } from "../api/runs";
import { atLeast, Run } from "../api/types";
import { useAccount } from "../app/account";
import { Link } from "../app/Link";
import type { Paged } from "../app/load";
import { navigate, paths } from "../app/router";
import { Blank, Failure, Skeletons } from "../components/Blank";
import { Button } from "../components/Button";
import { More } from "../components/More";
import { RunFilters } from "../components/runs/RunFilters";
import { RunTable } from "../components/runs/RunTable";
import { useRuns } from "../components/runs/useRuns";
import { PageHead } from "../components/shell/PageHead";
import { useWords } from "../i18n/words";
import { knownStatus } from "../model/runs";

export default function RunsPage() {
  const { t } = useWords();
  const { me } = useAccount();
  const filter = filterOf(location.search);
  const list = useRuns(filter);
  return (
    <>
      <PageHead title={t("shell.runs")} focus />
      <div className="page">
        <div className="page-column wide">
          <RunFilters filter={filter} onChange={(next) => navigate(paths.runs + searchOf(next), { replace: true })} />
          <div className="card">
            <List list={list} isFiltered={searchOf(filter) !== ""} isEveryones={atLeast(me.role, "admin") && filter.owner !== "me"} />
          </div>
          <More list={list} />
        </div>
      </div>
    </>
  );
}

function List({ list, isFiltered, isEveryones }: { list: Paged<Run>; isFiltered: boolean; isEveryones: boolean }) {
  const { t } = useWords();
  if (list.state === "loading") return <Skeletons count={8} />;
  if (list.items.length > 0) return <RunTable runs={list.items} isEveryones={isEveryones} />;
  if (list.problem) return <Failure title={t("runs.failed")} problem={list.problem} onRetry={list.reload} />;
  if (isFiltered) {
    const clear = <Button onClick={() => navigate(paths.runs, { replace: true })}>{t("runs.clear")}</Button>;
    return <Blank icon="search" title={t("runs.noneFiltered")} action={clear} />;
  }
  const start = (
    <Link className="button primary" href={paths.home}>
      {t("common.missing.action")}
    </Link>
  );
  return (
    <Blank icon="runs" title={t("runs.none.title")} action={start}>
      {t("runs.none.text")}
    </Blank>
  );
}

/** The filter lives in the address, so that it can be kept and sent on. */
function filterOf(search: string): RunFilter {
  const fields = new URLSearchParams(search);
  return { status: knownStatus(fields.get("status")), session_id: fields.get("session"), owner: fields.get("owner") === "me" ? "me" : undefined };
}

function searchOf({ status, session_id, owner }: RunFilter): string {
  const fields = Object.entries({ status, session: session_id, owner }).filter(([, value]) => value);
  return fields.length === 0 ? "" : `?${new URLSearchParams(fields as [string, string][])}`;
}
