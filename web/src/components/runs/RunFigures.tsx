import type { ReactNode } from "react";
import type { Run } from "../../api/types";
import { useNow } from "../../app/clock";
import { useWords } from "../../i18n/words";
import { costOf, durationOf, hasNoPrice, isActive, isEnded, kindsOf, tokensOf } from "../../model/runs";

export function RunFigures({ run }: { run: Run }) {
  const { t, format } = useWords();
  const now = useNow(isEnded(run) ? null : 1_000);
  const took = durationOf(run, now);
  const cost = costOf(run);
  const tokens = tokensOf(run);
  const { input_tokens: input = 0, output_tokens: output = 0 } = run.usage ?? {};
  const inOut = t("runs.inOut", { input: format.number(input), output: format.number(output) });
  const kinds = kindsOf(run.usage).map(([kind, count]) => t(`runs.tokens.${kind}`, { count: format.number(count) }));
  const costNote = run.rehearsal ? t("runs.noModel") : hasNoPrice(run) ? t("runs.noPrice") : run.estimated ? t("runs.estimated") : undefined;
  return (
    <dl className="figures">
      <Figure label={t("runs.duration")} note={t("runs.startedAt", { when: format.dateTime(run.created_at) })}>
        {took === null ? "–" : format.duration(isActive(run) ? Math.round(took / 1_000) * 1_000 : took)}
      </Figure>
      <Figure label={t("runs.tokens")} note={tokens === null ? undefined : [inOut, ...kinds].join(" · ")}>
        {run.rehearsal ? t("chat.rehearsal.tag") : tokens === null ? "–" : format.number(tokens)}
      </Figure>
      <Figure label={t("runs.cost")} note={costNote}>
        {cost === null ? "–" : format.usd(cost)}
      </Figure>
    </dl>
  );
}

function Figure({ label, note, children }: { label: string; note?: string; children: ReactNode }) {
  return (
    <div className="card figure">
      <dt>{label}</dt>
      <dd className="figure-value">{children}</dd>
      {note && <dd className="figure-note">{note}</dd>}
    </div>
  );
}
