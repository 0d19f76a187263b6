import { Budget, listBudgets } from "../../api/usage";
import { useResource } from "../../app/load";
import { useUsageWords } from "../../i18n/usage";
import { displayName } from "../Avatar";
import { Blank, Failure, Skeletons } from "../Blank";

type UsageWords = ReturnType<typeof useUsageWords>;
type Known = Parameters<UsageWords["t"]>[0];

const known = new Set(["run", "user_per_day", "user_per_month", "project_per_day", "project_per_month"]);

/** How much may still be spent, and until when. */
export function BudgetList() {
  const { t } = useUsageWords();
  const { now, reload } = useResource("budgets", listBudgets);
  return (
    <section className="card" aria-label={t("budgets")}>
      <div className="card-head">
        <h2>{t("budgets")}</h2>
      </div>
      {now.state === "loading" && <Skeletons count={2} />}
      {now.state === "failed" && <Failure title={t("budgets.failed")} problem={now.problem} onRetry={reload} />}
      {now.state === "ready" && now.value.data.length === 0 && (
        <Blank icon="chart" title={t("budgets.none")}>
          {t("budgets.none.text")}
        </Blank>
      )}
      {now.state === "ready" && now.value.data.length > 0 && (
        <ul className="rows">
          {now.value.data.map((budget) => (
            <Row key={budget.budget} budget={budget} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ budget }: { budget: Budget }) {
  const { t, format } = useUsageWords();
  const name = known.has(budget.budget) ? t(`budget.${budget.budget}` as Known) : displayName(budget.budget);
  const { limit_usd: limit, spent_usd: spent, left_usd: left, reserved_usd: reserved, renews_at: renews } = budget;
  const notes = [
    reserved !== undefined && reserved > 0 && t("budget.reserved", { amount: format.usd(reserved) }),
    renews && t("budget.renews", { when: format.relative(renews) }),
  ];
  return (
    <li className="budget">
      <div className="budget-head">
        <h3>{name}</h3>
        <span className="number">{left === undefined ? t("budget.limit", { limit: format.usd(limit) }) : t("budget.left", { left: format.usd(left), limit: format.usd(limit) })}</span>
      </div>
      {spent !== undefined && <Meter label={t("budget.spent", { budget: name, spent: format.usd(spent), limit: format.usd(limit) })} share={limit > 0 ? spent / limit : 1} />}
      {notes.some(Boolean) && <p className="memory-meta">{notes.filter(Boolean).join(" · ")}</p>}
    </li>
  );
}

function Meter({ label, share }: { label: string; share: number }) {
  const look = share >= 1 ? "full" : share >= 0.8 ? "high" : "";
  return (
    <svg className="meter" role="img" aria-label={label}>
      <rect className={`meter-spent ${look}`} width={`${Math.min(100, share * 100)}%`} height="8" rx="4" />
    </svg>
  );
}
