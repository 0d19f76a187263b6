import { useState } from "react";
import { getPrompt, listVersions, Prompt, PromptVersion } from "../api/prompts";
import { atLeast } from "../api/types";
import { useAccount } from "../app/account";
import { Link } from "../app/Link";
import { useResource } from "../app/load";
import { paths } from "../app/router";
import { Blank, Failure, Skeletons } from "../components/Blank";
import { ExperimentCard } from "../components/prompts/ExperimentCard";
import { TextCard } from "../components/prompts/TextCard";
import { VariableCard } from "../components/prompts/VariableCard";
import { VersionCard } from "../components/prompts/VersionCard";
import { whereabouts } from "../components/prompts/words";
import { PageHead } from "../components/shell/PageHead";
import { usePromptWords } from "../i18n/prompts";

/** One prompt: its text, its variables, how it changed, and what its variants came to. */
export default function PromptPage({ name }: { name: string }) {
  const isBuilder = atLeast(useAccount().me.role, "builder");
  return isBuilder ? <Shown name={name} /> : <Refused name={name} />;
}

function Refused({ name }: { name: string }) {
  const { t } = usePromptWords();
  return (
    <>
      <PageHead title={name} focus />
      <div className="page">
        <div className="page-column">
          <div className="card">
            <Blank icon="shield" title={t("forbidden")}>
              {t("forbidden.text")}
            </Blank>
          </div>
        </div>
      </div>
    </>
  );
}

function Shown({ name }: { name: string }) {
  const { t } = usePromptWords();
  const { now, reload } = useResource(name, (signal) => getPrompt(name, signal));
  return (
    <>
      <PageHead title={name} focus>
        {now.state === "ready" && <span className="pill">{t(`one.${now.value.kind}`)}</span>}
      </PageHead>
      <div className="page">
        <div className="page-column">
          <p className="run-places">
            <Link className="text-link" href={paths.prompts}>
              {t("back")}
            </Link>
          </p>
          {now.state === "ready" ? (
            <Known prompt={now.value} />
          ) : (
            <div className="card">
              {now.state === "loading" && <Skeletons count={6} />}
              {now.state === "failed" && now.problem.status === 404 && (
                <Blank icon="search" title={t("missing")}>
                  {t("missing.text")}
                </Blank>
              )}
              {now.state === "failed" && now.problem.status !== 404 && <Failure title={t("failed")} problem={now.problem} onRetry={reload} />}
            </div>
          )}
        </div>
      </div>
    </>
  );
}

function Known({ prompt }: { prompt: Prompt }) {
  const { t, format } = usePromptWords();
  const versions = useResource(`versions ${prompt.name}`, (signal) => listVersions(prompt.name, signal));
  const [picked, setPicked] = useState<PromptVersion | null>(null);
  return (
    <>
      <p className="page-lead">{[prompt.description, ...whereabouts(prompt, t, format)].filter(Boolean).join(" · ")}</p>
      {prompt.variants.length > 0 && <ExperimentCard name={prompt.name} />}
      <TextCard key={picked?.version ?? ""} prompt={prompt} version={picked} />
      <VersionCard versions={versions} picked={picked} onPick={setPicked} />
      {prompt.variables.length > 0 && <VariableCard variables={prompt.variables} />}
    </>
  );
}
