import { useState } from "react";
import { getUsage, UsageLine, UsagePart, usageParts, UsageWish } from "../../api/usage";
import { useResource } from "../../app/load";
import { useUsageWords } from "../../i18n/usage";
import { useWords } from "../../i18n/words";
import { amountOf, byAmount, Measure } from "../../model/usage";
import { agentColour, Avatar, displayName } from "../Avatar";
import { Blank, Failure, Skeletons } from "../Blank";
import { Segments } from "../Segments";
import { amountText } from "./amounts";

/** The same amounts by who asked for them: a table with a bar in each row. */
export function Breakdown({ wish, measure, isEveryones }: { wish: Omit<UsageWish, "group_by">; measure: Measure; isEveryones: boolean }) {
  const { t } = useUsageWords();
  const [part, setPart] = useState<UsagePart>("agent");
  const { now, reload } = useResource(`usage ${part} ${JSON.stringify(wish)}`, (signal) => getUsage({ ...wish, group_by: part }, signal));
  const parts = usageParts.filter((one) => one !== "user" || isEveryones);
  return (
    <section className="card" aria-label={t("breakdown")}>
      <div className="card-head">
        <h2>{t("breakdown")}</h2>
        <Segments<UsagePart> label={t("by")} value={part} options={parts.map((value) => ({ value, label: t(value) }))} onChange={setPart} />
      </div>
      {now.state === "loading" && <Skeletons count={3} />}
      {now.state === "failed" && <Failure title={t("failed")} problem={now.problem} onRetry={reload} />}
      {now.state === "ready" && (now.value.data.length > 0 ? <Table lines={byAmount(now.value.data, measure)} part={part} measure={measure} /> : <Blank icon="chart" title={t("none")} />)}
    </section>
  );
}

function Table({ lines, part, measure }: { lines: UsageLine[]; part: UsagePart; measure: Measure }) {
  const { t, format } = useUsageWords();
  const most = Math.max(...lines.map((line) => amountOf(line, measure)));
  return (
    <div className="data-table-box" role="group" aria-label={t("breakdown")} tabIndex={0}>
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">{t(part)}</th>
            <th scope="col">
              <span className="visually-hidden">{t("share")}</span>
            </th>
            <th scope="col" className="end">
              {t("cost")}
            </th>
            <th scope="col" className="end">
              {t("tokens")}
            </th>
            <th scope="col" className="end">
              {t("calls")}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line[part] ?? ""} className={part === "agent" ? agentColour(line.agent ?? "") : ""}>
              <th scope="row">
                <Name line={line} part={part} />
              </th>
              <td className="share">
                <Bar share={most > 0 ? amountOf(line, measure) / most : 0} />
              </td>
              <td className="end">{amountText(line.cost_usd, "cost", format)}</td>
              <td className="end">{amountText(amountOf(line, "tokens"), "tokens", format)}</td>
              <td className="end">{format.number(line.calls)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Name({ line, part }: { line: UsageLine; part: UsagePart }) {
  const { t } = useUsageWords();
  const people = useWords();
  if (part === "agent") {
    return (
      <span className="with-avatar">
        <Avatar name={line.agent ?? "?"} />
        {displayName(line.agent ?? "") || t("unknown")}
      </span>
    );
  }
  if (part === "model" || part === "provider") return <span className="variant-name">{line[part] || t("unknown")}</span>;
  if (part === "team") return <>{line.team ? displayName(line.team) : t("team.none")}</>;
  return <>{line.user_name ?? (line.user === "usr_local" ? people.t("people.local.name") : line.user ?? t("unknown"))}</>;
}

function Bar({ share }: { share: number }) {
  return (
    <svg className="plot" width="100%" height="10" aria-hidden="true">
      <rect className="plot-bar" width={`${Math.max(share > 0 ? 1 : 0, share * 100)}%`} height="10" rx="3" />
    </svg>
  );
}
