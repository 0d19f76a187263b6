import { useEffect, useRef } from "react";
import { useWords } from "../i18n/words";
import type { Paged } from "../app/load";
import { Button } from "./Button";

/** The end of a list: reads on when it comes into view, and tries again what went wrong. A list that has nothing says that itself. */
export function More<Item>({ list }: { list: Paged<Item> }) {
  const { t } = useWords();
  const end = useRef<HTMLDivElement>(null);
  const more = useRef(list.more);
  more.current = list.more;
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
      {list.state === "failed" && list.items.length > 0 && (
        <Button icon="again" onClick={list.cursor === null ? list.reload : list.more}>
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}
