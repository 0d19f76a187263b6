import { useState } from "react";
import { Job, JobStatus, listJobs } from "../../api/jobs";
import { Paged, usePaged } from "../../app/load";
import { useJobWords } from "../../i18n/jobs";
import { Blank, Failure, Skeletons } from "../Blank";
import { Button } from "../Button";
import { More } from "../More";
import { Segments } from "../Segments";
import { JobRow } from "./JobRow";
import { Section } from "./Section";

type Choice = "all" | Extract<JobStatus, "dead" | "scheduled" | "running">;

/** The queue: what is under way, what comes next, and what failed for good. */
export default function JobsSettings() {
  const { t } = useJobWords();
  const [choice, setChoice] = useState<Choice>("all");
  const list = usePaged<Job>(`jobs ${choice}`, (cursor, signal) => listJobs(choice === "all" ? null : choice, cursor, signal));
  const reload = (
    <Button icon="again" onClick={list.reload}>
      {t("reload")}
    </Button>
  );
  const options: { value: Choice; label: string }[] = [
    { value: "all", label: t("all") },
    { value: "dead", label: t("dead") },
    { value: "scheduled", label: t("waiting") },
    { value: "running", label: t("running") },
  ];
  return (
    <Section title={t("title")} lead={t("lead")} action={reload}>
      <Segments<Choice> label={t("filter")} value={choice} options={options} onChange={setChoice} />
      <div className="card">
        <Rows list={list} choice={choice} />
      </div>
      <More list={list} />
    </Section>
  );
}

function Rows({ list, choice }: { list: Paged<Job>; choice: Choice }) {
  const { t } = useJobWords();
  if (list.state === "loading") return <Skeletons />;
  if (list.items.length === 0) {
    if (list.problem) return <Failure title={t("failed")} problem={list.problem} onRetry={list.reload} />;
    const text = choice === "all" || choice === "dead" ? t(`none.${choice}.text`) : t("none.other.text");
    return (
      <Blank icon={choice === "dead" ? "check" : "clock"} title={t(`none.${choice}`)}>
        {text}
      </Blank>
    );
  }
  const change = (job: Job) => list.change((items) => items.map((item) => (item.id === job.id ? job : item)));
  return (
    <ul className="rows">
      {list.items.map((job) => (
        <JobRow key={job.id} job={job} onChange={change} />
      ))}
    </ul>
  );
}
