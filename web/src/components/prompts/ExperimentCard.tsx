import { Experiment, getExperiment, VariantResult } from "../../api/prompts";
import { Link } from "../../app/Link";
import { useResource } from "../../app/load";
import { paths } from "../../app/router";
import { usePromptWords } from "../../i18n/prompts";
import { displayName } from "../Avatar";
import { Failure, Skeletons } from "../Blank";
import { blockOf } from "./words";

/** The block as it is without a variant. */
const base = "default";

/** What the variants of a block came to, side by side. */
export function ExperimentCard({ name }: { name: string }) {
  const { t } = usePromptWords();
  const block = blockOf(name);
  const { now, reload } = useResource(`experiment ${block}`, (signal) => getExperiment(block, signal));
  return (
    <section className="card" aria-label={t("experiment")}>
      <div className="card-head">
        <h2>{t("experiment")}</h2>
      </div>
      {now.state === "loading" && <Skeletons count={3} />}
      {now.state === "failed" && <Failure title={t("failed")} problem={now.problem} onRetry={reload} />}
      {now.state === "ready" && <Table experiment={now.value} />}
    </section>
  );
}

function Table({ experiment }: { experiment: Experiment }) {
  const { t } = usePromptWords();
  const { variants, rehearsal, active, prompt } = experiment;
  const numbers = [...new Set(variants.flatMap(({ outcomes }) => Object.keys(outcomes)))].sort();
  const whole = variants.reduce((sum, { weight }) => sum + (weight ?? 0), 0);
  const notes = [t("experiment.lead"), rehearsal && t("experiment.rehearsal"), !active && t("experiment.over")];
  const heads = [t("weight"), t("runs"), t("people"), t("completed"), t("rating"), t("cost"), t("duration"), ...numbers.map((name) => t("outcome", { name: displayName(name) }))];
  return (
    <>
      <p className="diff-lead">{notes.filter(Boolean).join(" ")}</p>
      <div className="data-table-box" role="group" aria-label={t("experiment")} tabIndex={0}>
        <table className="data-table">
          <thead>
            <tr>
              <th scope="col">{t("variant")}</th>
              {heads.map((head) => (
                <th key={head} scope="col" className="end">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {variants.map((variant) => (
              <Row key={variant.variant} variant={variant} prompt={prompt} numbers={numbers} whole={whole} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({ variant, prompt, numbers, whole }: { variant: VariantResult; prompt: string; numbers: string[]; whole: number }) {
  const { t, format } = usePromptWords();
  const { weight, rating, duration_ms: duration, completed_share: share, mean_cost_usd: cost } = variant;
  const figures = [
    weight === null ? t("gone") : format.percent(whole > 0 ? weight / whole : 0),
    format.number(variant.runs),
    format.number(variant.users),
    share === null ? "–" : format.percent(share),
    rating.mean === null ? "–" : `${format.oneDecimal(rating.mean)} (${format.number(rating.count)})`,
    cost === null ? "–" : format.usd(cost),
    duration.p50 === null ? "–" : format.duration(duration.p50),
    ...numbers.map((name) => (variant.outcomes[name] ? format.oneDecimal(variant.outcomes[name].mean) : "–")),
  ];
  return (
    <tr>
      <th scope="row" className="variant-name">
        {weight === null ? variant.variant : <Link className="text-link" href={paths.prompt(variant.variant === base ? prompt : `${prompt}@${variant.variant}`)}>{variant.variant}</Link>}
      </th>
      {figures.map((figure, index) => (
        <td key={index} className="end" title={index === 6 && duration.p95 !== null ? t("duration.p95", { time: format.duration(duration.p95) }) : undefined}>
          {figure}
        </td>
      ))}
    </tr>
  );
}
