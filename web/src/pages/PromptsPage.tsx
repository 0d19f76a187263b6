import { useState } from "react";
import { listPrompts, Prompt } from "../api/prompts";
import { atLeast } from "../api/types";
import { useAccount } from "../app/account";
import { useResource } from "../app/load";
import { Blank, Failure, Skeletons } from "../components/Blank";
import { PromptRow } from "../components/prompts/PromptRow";
import { Segments } from "../components/Segments";
import { PageHead } from "../components/shell/PageHead";
import { usePromptWords } from "../i18n/prompts";
import { useWords } from "../i18n/words";

const kinds = ["all", "agent", "block", "variant"] as const;
type Kind = typeof kinds[number];

/** What agents are told, as the project's files say it. */
export default function PromptsPage() {
  const { t: shell } = useWords();
  const { t } = usePromptWords();
  const isBuilder = atLeast(useAccount().me.role, "builder");
  return (
    <>
      <PageHead title={shell("shell.prompts")} focus />
      <div className="page">
        <div className="page-column">
          {isBuilder ? (
            <List />
          ) : (
            <div className="card">
              <Blank icon="shield" title={t("forbidden")}>
                {t("forbidden.text")}
              </Blank>
            </div>
          )}
        </div>
      </div>
    </>
  );
}

function List() {
  const { t } = usePromptWords();
  const [kind, setKind] = useState<Kind>("all");
  const { now, reload } = useResource("prompts", listPrompts);
  const fits = ({ kind: own }: Prompt) => kind === "all" || own === kind;
  return (
    <>
      <p className="page-lead">{t("lead")}</p>
      <div>
        <Segments<Kind> label={t("kind")} value={kind} options={kinds.map((value) => ({ value, label: t(`kind.${value}`) }))} onChange={setKind} />
      </div>
      <div className="card">
        {now.state === "loading" && <Skeletons count={6} />}
        {now.state === "failed" && <Failure title={t("failed")} problem={now.problem} onRetry={reload} />}
        {now.state === "ready" && <Rows prompts={now.value.data.filter(fits)} />}
      </div>
    </>
  );
}

function Rows({ prompts }: { prompts: Prompt[] }) {
  const { t } = usePromptWords();
  if (prompts.length === 0) {
    return (
      <Blank icon="edit" title={t("none")}>
        {t("none.text")}
      </Blank>
    );
  }
  return (
    <ul className="rows" aria-label={t("list")}>
      {prompts.map((prompt) => (
        <PromptRow key={prompt.name} prompt={prompt} />
      ))}
    </ul>
  );
}
