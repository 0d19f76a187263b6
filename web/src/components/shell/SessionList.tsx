import { useEffect, useRef, useState } from "react";
import { palette } from "../../app/drawer";
import { waitingApprovals } from "../../app/inbox";
import { commandKey } from "../../app/keys";
import { readMoreSessions, readSessions, sessionList } from "../../app/sessionList";
import { socket } from "../../app/live";
import { useStore } from "../../app/store";
import type { Session } from "../../api/types";
import { useWords, Words } from "../../i18n/words";
import { IconButton, Kbd } from "../Button";
import { Icon } from "../Icon";
import { SessionRow } from "./SessionRow";

/** Every conversation of the person, newest first, by day; more are read as the end comes into view. */
export function SessionList({ here }: { here: string | null }) {
  const words = useWords();
  const { t } = words;
  const { items, state, query, running, cursor } = useStore(sessionList);
  const asking = new Set(useStore(waitingApprovals).values());
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!end.current || cursor === null) return undefined;
    const seen = new IntersectionObserver((entries) => entries[0]?.isIntersecting && void readMoreSessions(), { rootMargin: "300px" });
    seen.observe(end.current);
    return () => seen.disconnect();
  }, [cursor]);
  return (
    <div className="sessions">
      <SessionSearch />
      <nav className="session-scroll" aria-label={t("shell.sessions")}>
        {groups(items, words).map((group) => (
          <section key={group.title} aria-label={group.title}>
            <h2>{group.title}</h2>
            <ul>
              {group.items.map((item) => (
                <SessionRow key={item.id} session={item} isHere={item.id === here} isRunning={running.has(item.id)} isAsking={asking.has(item.id)} />
              ))}
            </ul>
          </section>
        ))}
        {state === "loading" && [1, 2, 3, 1].map((width, index) => <div key={index} className={`skeleton session-skeleton skeleton-${width}`} />)}
        {state === "failed" && <Failed />}
        {state === "ready" && items.length === 0 && (
          <p className="sessions-note">{query ? t("shell.search.none", { query }) : t("shell.sessions.none")}</p>
        )}
        <div ref={end} />
      </nav>
    </div>
  );
}

/** Without a connection it tries again by itself, and the page has the button. */
function Failed() {
  const { t } = useWords();
  if (useStore(socket.link) !== "open") return <p className="sessions-note">{t("shell.sessions.failed")}</p>;
  return (
    <button type="button" className="sessions-note" onClick={() => void readSessions()}>
      {t("shell.sessions.failed")} <u>{t("common.retry")}</u>
    </button>
  );
}

function SessionSearch() {
  const { t } = useWords();
  const [text, setText] = useState(sessionList.get().query);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return undefined;
    }
    const timer = setTimeout(() => void readSessions(text.trim()), 180);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div className="session-search">
      <Icon name="search" />
      <input
        type="search"
        value={text}
        placeholder={t("shell.search.placeholder")}
        title={t("shell.search")}
        aria-label={t("shell.search")}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !text) return;
          event.stopPropagation();
          setText("");
        }}
      />
      {text ? (
        <IconButton icon="close" label={t("common.close")} small onClick={() => setText("")} />
      ) : (
        <button type="button" className="palette-hint" aria-label={t("shell.palette")} title={t("shell.palette")} aria-keyshortcuts="Control+K Meta+K" onClick={() => palette.set(true)}>
          <Kbd>{`${commandKey} K`}</Kbd>
        </button>
      )}
    </div>
  );
}

interface Group {
  title: string;
  items: Session[];
}

const dayOf = (time: number) => new Date(time).setHours(0, 0, 0, 0);

/** In the order of the list, a new heading wherever the day's name changes. */
function groups(items: Session[], { t, format }: Words): Group[] {
  const today = dayOf(Date.now());
  const list: Group[] = [];
  for (const item of items) {
    const days = Math.round((today - dayOf(Date.parse(item.created_at))) / 86_400_000);
    const title = days <= 0 ? t("common.today") : days === 1 ? t("common.yesterday") : days < 7 ? t("common.lastSevenDays") : format.month(item.created_at);
    const last = list[list.length - 1];
    if (last?.title === title) last.items.push(item);
    else list.push({ title, items: [item] });
  }
  return list;
}
