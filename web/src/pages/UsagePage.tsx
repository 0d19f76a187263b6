import { useMemo, useState } from "react";
import { atLeast } from "../api/types";
import { getUsage, UsageFigures, UsageReport } from "../api/usage";
import { useAccount } from "../app/account";
import { useResource } from "../app/load";
import { Blank, Failure, Skeletons } from "../components/Blank";
import { Segments } from "../components/Segments";
import { PageHead } from "../components/shell/PageHead";
import { amountText, shortDay } from "../components/usage/amounts";
import { Breakdown } from "../components/usage/Breakdown";
import { BudgetList } from "../components/usage/BudgetList";
import { DayPlot } from "../components/usage/DayPlot";
import { useUsageWords } from "../i18n/usage";
import { useWords } from "../i18n/words";
import { amountOf, dayBefore, everyDay, hitShare, Measure, today } from "../model/usage";

const periods = ["7", "30", "90", "365"] as const;
type Period = typeof periods[number];
type Whose = "all" | "me";

/** What models were used and cost: in figures, by day, by who asked whom, and what budgets leave. */
export default function UsagePage() {
  const { t: shell } = useWords();
  const { t } = useUsageWords();
  const isAdmin = atLeast(useAccount().me.role, "admin");
  const [period, setPeriod] = useState<Period>("30");
  const [whose, setWhose] = useState<Whose>("all");
  const [measure, setMeasure] = useState<Measure>("cost");
  const wish = useMemo(() => ({ from: dayBefore(today(new Date()), Number(period) - 1), user: whose === "me" ? ("me" as const) : undefined }), [period, whose]);
  const { now, reload } = useResource(`usage day ${JSON.stringify(wish)}`, (signal) => getUsage({ ...wish, group_by: "day" }, signal));
  const zone = now.state === "ready" ? now.value.time_zone : "…";
  return (
    <>
      <PageHead title={shell("shell.usage")} focus />
      <div className="page">
        <div className="page-column wide">
          <p className="page-lead">{t("lead", { zone })}</p>
          <div className="filters">
            <Segments<Period> label={t("period")} value={period} options={periods.map((value) => ({ value, label: t(`period.${value}`) }))} onChange={setPeriod} />
            {isAdmin && (
              <Segments<Whose>
                label={t("whose")}
                value={whose}
                options={[
                  { value: "all", label: t("whose.all") },
                  { value: "me", label: t("whose.me") },
                ]}
                onChange={setWhose}
              />
            )}
          </div>
          {now.state === "ready" && <Figures report={now.value} />}
          <section className="card" aria-label={t("days")}>
            <div className="card-head">
              <h2>{t("days")}</h2>
              <Segments<Measure>
                label={t("measure")}
                value={measure}
                options={[
                  { value: "cost", label: t("cost") },
                  { value: "tokens", label: t("tokens") },
                ]}
                onChange={setMeasure}
              />
            </div>
            {now.state === "loading" && <Skeletons count={5} />}
            {now.state === "failed" && <Failure title={t("failed")} problem={now.problem} onRetry={reload} />}
            {now.state === "ready" && <Days report={now.value} measure={measure} />}
          </section>
          <Breakdown wish={wish} measure={measure} isEveryones={isAdmin && whose === "all"} />
          <BudgetList />
        </div>
      </div>
    </>
  );
}

function Figures({ report }: { report: UsageReport }) {
  const { t, format } = useUsageWords();
  const { total } = report;
  const days = everyDay(report).length;
  const unpriced = total.unpriced_calls ?? 0;
  const estimated = total.estimated_usd ?? 0;
  const aDay = t("cost.day", { amount: format.usd(total.cost_usd / Math.max(1, days)) });
  const figures: [string, string, string][] = [
    [t("cost"), format.usd(total.cost_usd), estimated > 0 ? `${aDay} · ${t("cost.estimated", { amount: format.usd(estimated) })}` : aDay],
    [t("tokens"), format.number(amountOf(total, "tokens")), t("tokens.parts", { input: format.number(total.input_tokens), output: format.number(total.output_tokens) })],
    [t("calls"), format.number(total.calls), unpriced > 0 ? t("unpriced", { count: format.number(unpriced) }) : t("priced.all")],
    [t("saved"), format.usd(total.saved_usd), hits(total, t, format)],
  ];
  return (
    <dl className="usage-figures">
      {figures.map(([name, value, note]) => (
        <div key={name} className="card usage-figure">
          <dt>{name}</dt>
          <dd>{value}</dd>
          <dd className="usage-note">{note}</dd>
        </div>
      ))}
    </dl>
  );
}

type UsageWords = ReturnType<typeof useUsageWords>;

function hits(total: UsageFigures, t: UsageWords["t"], format: UsageWords["format"]): string {
  const share = hitShare(total);
  return share === null || share === 0 ? t("saved.none") : t("saved.share", { share: format.percent(share) });
}

function Days({ report, measure }: { report: UsageReport; measure: Measure }) {
  const { t, format } = useUsageWords();
  const lines = useMemo(() => everyDay(report), [report]);
  if (report.data.length === 0) {
    return (
      <Blank icon="chart" title={t("none")}>
        {t("none.text")}
      </Blank>
    );
  }
  return (
    <div className="plot-body">
      <DayPlot lines={lines} measure={measure} />
      <div className="plot-table" role="group" aria-label={t("days")} tabIndex={0}>
        <table className="data-table">
          <thead>
            <tr>
              <th scope="col">{t("day")}</th>
              <th scope="col" className="end">
                {t("cost")}
              </th>
              <th scope="col" className="end">
                {t("tokens")}
              </th>
            </tr>
          </thead>
          <tbody>
            {[...lines]
              .reverse()
              .filter(({ calls, cache_hits }) => calls + cache_hits > 0)
              .map((line) => (
                <tr key={line.day}>
                  <th scope="row">
                    <time dateTime={line.day}>{shortDay(line.day, format)}</time>
                  </th>
                  <td className="end">{amountText(line.cost_usd, "cost", format)}</td>
                  <td className="end">{amountText(amountOf(line, "tokens"), "tokens", format)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
