import type { Page } from "../../api/http";
import type { PromptVersion } from "../../api/prompts";
import type { Resource } from "../../app/load";
import { usePromptWords } from "../../i18n/prompts";
import { Blank, Failure, Skeletons } from "../Blank";

interface VersionCardProps {
  versions: Resource<Page<PromptVersion>>;
  picked: PromptVersion | null;
  onPick(version: PromptVersion): void;
}

/** How the prompt changed, newest first; a press shows what was then. */
export function VersionCard({ versions: { now, reload }, picked, onPick }: VersionCardProps) {
  const { t } = usePromptWords();
  return (
    <section className="card" aria-label={t("history")}>
      <div className="card-head">
        <h2>{t("history")}</h2>
      </div>
      {now.state === "loading" && <Skeletons count={3} />}
      {now.state === "failed" && (now.problem.status === 404 ? <Blank icon="clock" title={t("history.none")} /> : <Failure title={t("failed")} problem={now.problem} onRetry={reload} />)}
      {now.state === "ready" && (
        <ul className="rows">
          {now.value.data.map((version) => (
            <li key={version.at + version.version}>
              <Row version={version} isPicked={picked ? picked.at === version.at : version.current} onPick={onPick} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ version, isPicked, onPick }: { version: PromptVersion; isPicked: boolean; onPick(version: PromptVersion): void }) {
  const { t, format } = usePromptWords();
  const when = <time dateTime={version.at}>{format.dateTime(version.at)}</time>;
  if (version.removed) {
    return (
      <div className="row">
        <span className="row-text">{when}</span>
        <span className="mark">{t("removed")}</span>
      </div>
    );
  }
  return (
    <button type="button" className={`row version-row ${isPicked ? "here" : ""}`} aria-pressed={isPicked} onClick={() => onPick(version)}>
      <span className="row-text">
        {when} {version.current && <span className="mark">{t("current")}</span>}
      </span>
      <span className="row-end">{format.bytes(version.size)}</span>
    </button>
  );
}
