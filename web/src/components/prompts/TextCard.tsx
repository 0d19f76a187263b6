import { useState } from "react";
import { getDiff, getVersion, Prompt, PromptVersion } from "../../api/prompts";
import { useResource } from "../../app/load";
import { usePromptWords } from "../../i18n/prompts";
import { Failure, Skeletons } from "../Blank";
import { Diff } from "../Diff";
import { Segments } from "../Segments";

type View = "text" | "diff";

/** The text that is in force, or an earlier one: as it was, or as what changed since. */
export function TextCard({ prompt, version }: { prompt: Prompt; version: PromptVersion | null }) {
  const { t, format } = usePromptWords();
  const [view, setView] = useState<View>("diff");
  if (version === null || version.version === null || version.current) {
    return (
      <Card title={t("text")}>
        <pre className="prompt-text">{prompt.text}</pre>
      </Card>
    );
  }
  const choice = (
    <Segments<View>
      label={t("view")}
      value={view}
      options={[
        { value: "diff", label: t("view.diff") },
        { value: "text", label: t("view.text") },
      ]}
      onChange={setView}
    />
  );
  return (
    <Card title={t("show", { when: format.dateTime(version.at) })} action={choice}>
      {view === "diff" ? <Difference name={prompt.name} version={version.version} at={version.at} /> : <Earlier name={prompt.name} version={version.version} />}
    </Card>
  );
}

function Card({ title, action, children }: { title: string; action?: React.ReactNode; children: React.ReactNode }) {
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
        {action}
      </div>
      {children}
    </section>
  );
}

function Earlier({ name, version }: { name: string; version: string }) {
  const { t } = usePromptWords();
  const { now, reload } = useResource(version, (signal) => getVersion(name, version, signal));
  if (now.state === "loading") return <Skeletons />;
  if (now.state === "failed") return <Failure title={t("failed")} problem={now.problem} onRetry={reload} />;
  return <pre className="prompt-text">{now.value.text}</pre>;
}

function Difference({ name, version, at }: { name: string; version: string; at: string }) {
  const { t, format } = usePromptWords();
  const { now, reload } = useResource(version, (signal) => getDiff(name, version, null, signal));
  if (now.state === "loading") return <Skeletons />;
  if (now.state === "failed") return <Failure title={t("failed")} problem={now.problem} onRetry={reload} />;
  const { added, removed, lines } = now.value;
  const lead = added + removed === 0 ? t("changes.same") : t("changes.lead", { added: format.number(added), removed: format.number(removed), when: format.dateTime(at) });
  return (
    <>
      <p className="diff-lead">{lead}</p>
      <Diff lines={lines} />
    </>
  );
}
