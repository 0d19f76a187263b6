import { useWords } from "../i18n/words";

/** Cards that are on their way. */
export function CardSkeletons({ count = 3 }: { count?: number }) {
  const { t } = useWords();
  return (
    <div className="inbox-list" role="status" aria-label={t("common.loading")}>
      {Array.from({ length: count }, (_, index) => (
        <div className="card card-pad card-skeleton" key={index}>
          <div className={`skeleton skeleton-${(index % 3) + 1}`} />
          <div className="skeleton skeleton-2" />
          <div className="skeleton skeleton-button" />
        </div>
      ))}
    </div>
  );
}
