import { useEffect, useRef } from "react";
import { useWords } from "../i18n/words";
import type { PagedState } from "../app/load";
import { Button } from "./Button";

/** The end of a list: reads on when it comes into view, and says what went wrong. */
export function More<Item>({ list, onMore }: { list: PagedState<Item>; onMore(): void }) {
  const { t } = useWords();
  const end = useRef<HTMLDivElement>(null);
  const more = useRef(onMore);
  more.current = onMore;
  const isWaiting = list.state === "ready" && list.cursor !== null;
  useEffect(() => {
    if (!end.current || !isWaiting) return undefined;
    const seen = new IntersectionObserver((entries) => entries[0]?.isIntersecting && more.current(), { rootMargin: "400px" });
    seen.observe(end.current);
    return () => seen.disconnect();
  }, [isWaiting, list.cursor]);
  return (
    <div ref={end} className="more">
      {list.state === "more" && <span className="spinner" role="status" aria-label={t("common.loading")} />}
      {list.state === "failed" && (
        <Button icon="again" onClick={onMore}>
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}
