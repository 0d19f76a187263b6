import { ReactNode, useId, useState } from "react";
import type { ForkOrigin } from "../../api/types";
import { Link } from "../../app/Link";
import { paths } from "../../app/router";
import { useForkWords } from "../../i18n/forks";
import { isShort } from "../../model/forks";
import { Icon } from "../Icon";
import { Rich } from "../Rich";
import { SessionLink } from "../SessionLink";
import { Changes } from "./Changes";

/** Where a conversation comes from that was forked, and what it has otherwise. */
export default function ForkNotice({ origin }: { origin: ForkOrigin }) {
  const { t, format } = useForkWords();
  const event = (
    <Link className="text-link" href={paths.run(origin.run_id)}>
      {t("event", { event: format.number(origin.event) })}
    </Link>
  );
  return (
    <Note origin={origin} className="fork-note">
      <Rich text={t("forked")} parts={{ title: <SessionLink session={origin.session_id} />, event }} />
    </Note>
  );
}

/** The same where a run is looked at. */
export function ForkedRun({ origin }: { origin: ForkOrigin }) {
  const { t, format } = useForkWords();
  const run = (
    <Link className="text-link" href={paths.run(origin.run_id)}>
      {t("forked.that")}
    </Link>
  );
  return (
    <Note origin={origin} className="fork-note card">
      <Rich text={t("forked.run", { event: format.number(origin.event) })} parts={{ run }} />
    </Note>
  );
}

function Note({ origin: { changed = [], changes }, className, children }: { origin: ForkOrigin; className: string; children: ReactNode }) {
  const { t, format } = useForkWords();
  const id = useId();
  const [isOpen, setOpen] = useState(() => changes !== undefined && isShort(changes));
  return (
    <div className={className} role="note">
      <div className="fork-note-line">
        <Icon name="fork" />
        <p>
          {children} {changed.length === 0 ? t("nothing") : t("sum", { list: format.list(changed.map((name) => t(name).toLocaleLowerCase())) })}
        </p>
        {changes && (
          <button type="button" className="fork-toggle" aria-expanded={isOpen} aria-controls={id} onClick={() => setOpen(!isOpen)}>
            {t(isOpen ? "hide" : "show")}
            <Icon name="chevronRight" size={14} />
          </button>
        )}
      </div>
      {changes && isOpen && (
        <div id={id} className="fork-note-body" tabIndex={0} role="group" aria-label={t("what")}>
          <Changes changes={changes} />
        </div>
      )}
    </div>
  );
}
