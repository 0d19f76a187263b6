import { ReactNode } from "react";
import { Problem } from "../api/http";
import { useWords } from "../i18n/words";
import { Button } from "./Button";
import { Icon, IconName } from "./Icon";

/** A list or page with nothing in it: what belongs here, and one thing to do. */
export function Blank({ icon, title, children, action }: { icon: IconName; title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="blank">
      <Icon name={icon} size={28} />
      <h2>{title}</h2>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

/** Something could not be read: what happened, and try again. */
export function Failure({ title, problem, onRetry }: { title?: string; problem: Problem; onRetry?(): void }) {
  const { t } = useWords();
  return (
    <div role="alert">
      <Blank
        icon="warning"
        title={title ?? t("common.failed.load")}
        action={onRetry && <Button icon="again" onClick={onRetry}>{t("common.retry")}</Button>}
      >
        {problem.isOffline ? t("common.offline.again") : problem.detail}
      </Blank>
    </div>
  );
}

/** Rows that are on their way. */
export function Skeletons({ count = 4 }: { count?: number }) {
  const { t } = useWords();
  return (
    <div className="rows" role="status" aria-label={t("common.loading")}>
      {Array.from({ length: count }, (_, index) => (
        <div className="row" key={index}>
          <div className={`skeleton skeleton-${(index % 3) + 1}`} />
        </div>
      ))}
    </div>
  );
}
