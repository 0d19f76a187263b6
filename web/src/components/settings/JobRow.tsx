import { useState } from "react";
import { cancelJob, Job, retryJob } from "../../api/jobs";
import { toast } from "../../app/toasts";
import { useJobWords } from "../../i18n/jobs";
import { Button } from "../Button";
import { Confirm } from "./Confirm";
import { Fault } from "./Fault";
import { useSave } from "./useSave";

/** One job: what it is, how it stands, and what can be done about it. */
export function JobRow({ job, onChange }: { job: Job; onChange(job: Job): void }) {
  const { t, format } = useJobWords();
  const isOpen = job.status === "scheduled" || job.status === "queued" || job.status === "running";
  return (
    <li className={`row ${isOpen || job.status === "dead" ? "" : "off"}`}>
      <div className="row-text">
        <p className="row-title">
          <span className="clip mono">{job.kind}</span>
          <span className="mark">{job.cancelling ? t("cancelling") : t(`status.${job.status}`)}</span>
        </p>
        <p className="row-meta" title={job.id}>
          {[when(job, t, format), attempts(job, t), job.every_seconds !== null && t("every", { duration: format.duration(job.every_seconds * 1_000) })]
            .filter(Boolean)
            .join(" · ")}
        </p>
        {job.reason && <p className="row-meta">{job.reason.detail}</p>}
        {job.status === "dead" && job.error && (
          <p className="row-meta" title={job.error}>
            {t("error")}: <code>{job.error}</code>
          </p>
        )}
      </div>
      {isOpen && !job.cancelling && <Cancel job={job} onChange={onChange} />}
      {(job.status === "dead" || job.status === "cancelled") && <Retry job={job} onChange={onChange} />}
    </li>
  );
}

type JobWords = ReturnType<typeof useJobWords>;

function when(job: Job, t: JobWords["t"], format: JobWords["format"]): string {
  if (job.ended_at) return t("when.ended", { when: format.relative(job.ended_at) });
  if (job.status === "running") return t("when.running", { when: format.relative(job.started_at ?? job.run_at) });
  return t(job.status === "queued" ? "when.queued" : "when.scheduled", { when: format.relative(job.run_at) });
}

/** Only when there was more than the one that everything has. */
const attempts = (job: Job, t: JobWords["t"]) => (job.attempts > 1 || job.status === "dead" ? t("attempts", { count: job.attempts, most: job.max_attempts }) : "");

function Retry({ job, onChange }: { job: Job; onChange(job: Job): void }) {
  const { t } = useJobWords();
  const saving = useSave();
  const retry = async () => {
    onChange(await retryJob(job.id));
    toast(t("retried", { kind: job.kind }));
  };
  return (
    <div>
      <Button icon="again" small busy={saving.isBusy} onClick={() => void saving.run(retry)} aria-label={t("retry.one", { kind: job.kind })}>
        {t("retry")}
      </Button>
      <Fault problem={saving.problem} />
    </div>
  );
}

function Cancel({ job, onChange }: { job: Job; onChange(job: Job): void }) {
  const { t } = useJobWords();
  const [isAsking, setAsking] = useState(false);
  const cancel = async () => {
    const now = await cancelJob(job.id);
    onChange(now);
    toast(t(now.status === "cancelled" ? "cancelled" : "stopping", { kind: job.kind }));
  };
  return (
    <>
      <Button small onClick={() => setAsking(true)} aria-label={t("cancel.one", { kind: job.kind })}>
        {t("cancel")}
      </Button>
      {isAsking && (
        <Confirm title={t("cancel.title")} action={t("cancel")} onConfirm={cancel} onClose={() => setAsking(false)}>
          {t("cancel.text")} {job.every_seconds !== null && t("cancel.recurring")}
        </Confirm>
      )}
    </>
  );
}
