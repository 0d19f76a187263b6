import { useMemo, useState } from "react";
import { stopRun } from "../api/runs";
import { getSession } from "../api/sessions";
import type { Run, Trace as TraceData } from "../api/types";
import { useAccount } from "../app/account";
import { Link } from "../app/Link";
import { Resource, useResource } from "../app/load";
import { paths } from "../app/router";
import { toast } from "../app/toasts";
import { displayName } from "../components/Avatar";
import { Blank, Failure, Skeletons } from "../components/Blank";
import { Button } from "../components/Button";
import { Icon } from "../components/Icon";
import { Notice } from "../components/Notice";
import { ForkButton } from "../components/forks/ForkButton";
import { ForkedRun } from "../components/forks/ForkNotice";
import { PauseButton } from "../components/runs/PauseButton";
import { RunFigures } from "../components/runs/RunFigures";
import { RehearsalMark, Status } from "../components/runs/Status";
import { useRun } from "../components/runs/useRun";
import { SessionLink } from "../components/SessionLink";
import { PageHead } from "../components/shell/PageHead";
import { Trace } from "../components/trace/Trace";
import { en as chatTexts } from "../i18n/chat";
import "../i18n/trace";
import { asName } from "../i18n/people";
import { Key, useWords } from "../i18n/words";
import { ownerOf } from "../model/owner";
import { isEnded, pausedIn, rehearsed, titleOf } from "../model/runs";

export default function RunPage({ run: id }: { run: string }) {
  const { t } = useWords();
  const { run, trace } = useRun(id);
  if (run.now.state !== "ready") {
    return (
      <>
        <PageHead title={t("runs.one")} focus />
        <div className="page">
          <div className="page-column wide">
            <div className="card">{run.now.state === "loading" ? <Skeletons /> : <NotFound resource={run} />}</div>
          </div>
        </div>
      </>
    );
  }
  return <Known run={run.now.value} trace={trace} onRun={run.set} />;
}

function NotFound({ resource }: { resource: Resource<Run> }) {
  const { t } = useWords();
  if (resource.now.state !== "failed") return null;
  const { problem } = resource.now;
  if (problem.status !== 404 && problem.status !== 400) return <Failure title={t("runs.one.failed")} problem={problem} onRetry={resource.reload} />;
  const back = (
    <Link className="button" href={paths.runs}>
      {t("runs.all")}
    </Link>
  );
  return (
    <Blank icon="search" title={t("runs.missing.title")} action={back}>
      {t("runs.missing.text")}
    </Blank>
  );
}

function Known({ run, trace, onRun }: { run: Run; trace: Resource<TraceData>; onRun(run: Run): void }) {
  const words = useWords();
  const { t } = words;
  const owner = ownerOf(run, useAccount().me.id);
  const asked = titleOf(run);
  const name = displayName(run.parent_run_id === null ? run.target : run.agent);
  return (
    <>
      <PageHead title={name} focus actions={<Controls run={run} trace={trace} onRun={onRun} />}>
        <Status status={run.status} />
        {run.rehearsal && <RehearsalMark />}
      </PageHead>
      <div className="page">
        <div className="page-column wide">
          <p className="run-places">
            <Link className="text-link" href={paths.runs}>
              {t("runs.all")}
            </Link>
            <span className="with-icon">
              <Icon name="chat" size={14} />
              <SessionLink session={run.session_id} title={run.session_title} />
            </span>
            {owner && (
              <span className="with-icon">
                <Icon name={owner.kind === "key" ? "key" : "user"} size={14} />
                {asName(owner, words)}
              </span>
            )}
            {run.parent_run_id !== null && (
              <Link className="text-link" href={paths.run(run.parent_run_id)}>
                {t("runs.parent")}
              </Link>
            )}
          </p>
          <Origin session={run.session_id} />
          {asked && asked !== run.session_title && <p className="run-asked">{asked}</p>}
          {run.error && <RunFault error={run.error} />}
          {run.status === "pending_approval" && <AsksNow />}
          <RunFigures run={run} />
          <TraceOf run={run} trace={trace} />
        </div>
      </div>
    </>
  );
}

function AsksNow() {
  const { t } = useWords();
  return (
    <Notice look="warn">
      {t("runs.asks")}{" "}
      <Link className="text-link" href={paths.approvals}>
        {t("runs.asks.link")}
      </Link>
    </Notice>
  );
}

function RunFault({ error }: { error: { code: string; message: string } }) {
  const { t } = useWords();
  const key = `error.${error.code}`;
  return (
    <Notice look="bad">
      <strong>{key in chatTexts ? t(key as Key) : error.message}</strong>
      {key in chatTexts && error.message && <p>{error.message}</p>}
    </Notice>
  );
}

/** Where the conversation of a run was forked from; nothing for nearly all. */
function Origin({ session }: { session: string }) {
  const { now } = useResource(session, (signal) => getSession(session, signal));
  return now.state === "ready" && now.value.forked_from ? <ForkedRun origin={now.value.forked_from} /> : null;
}

function Controls({ trace, ...props }: { run: Run; trace: Resource<TraceData>; onRun(run: Run): void }) {
  const { run } = props;
  return (
    <>
      {trace.now.state === "ready" && run.parent_run_id === null && (
        <ForkButton run={run.id} session={run.session_id} spans={trace.now.value.spans} className={isEnded(run) ? "" : "only-wide"} />
      )}
      <PauseButton {...props} />
      <StopButton {...props} />
    </>
  );
}

function StopButton({ run, onRun }: { run: Run; onRun(run: Run): void }) {
  const { t } = useWords();
  const [isBusy, setBusy] = useState(false);
  if (isEnded(run)) return null;
  const stop = async () => {
    setBusy(true);
    try {
      onRun(await stopRun(run.id));
    } catch {
      toast(t("runs.stop.failed"));
    }
    setBusy(false);
  };
  return (
    <Button look="danger" icon="stop" busy={isBusy} onClick={() => void stop()}>
      {t("runs.stop")}
    </Button>
  );
}

function TraceOf({ run, trace: { now, reload } }: { run: Run; trace: Resource<TraceData> }) {
  const { t } = useWords();
  const found = now.state === "ready" ? now.value.spans : null;
  const { id, status, rehearsal } = run;
  const spans = useMemo(() => found && pausedIn(rehearsal ? rehearsed(found) : found, { id, status }), [found, id, status, rehearsal]);
  if (spans && spans.length > 0) return <Trace session={run.session_id} spans={spans} begunAt={run.created_at} isLive={!isEnded(run)} />;
  return (
    <div className="card">
      {now.state === "loading" && <Skeletons count={6} />}
      {now.state === "failed" && <Failure title={t("trace.failed")} problem={now.problem} onRetry={reload} />}
      {now.state === "ready" && <Blank icon="trace" title={t("trace.none")} />}
    </div>
  );
}
