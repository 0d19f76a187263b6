import type { Memory } from "../../api/memories";
import { Link } from "../../app/Link";
import { paths } from "../../app/router";
import { useMemoryWords } from "../../i18n/memory";
import { displayName } from "../Avatar";
import { IconButton } from "../Button";

interface MemoryRowProps {
  memory: Memory;
  canChange: boolean;
  onEdit(): void;
  onForget(): void;
}

/** A fact in its own words, and where it comes from. */
export function MemoryRow({ memory, canChange, onEdit, onForget }: MemoryRowProps) {
  const { t, format } = useMemoryWords();
  const { fact, about, namespace, agent, run_id, updated_at } = memory;
  const places = [namespace, about, agent && t("by", { agent: displayName(agent) }), t("changed", { when: format.relative(updated_at) })];
  return (
    <li className="row memory">
      <div className="row-text">
        <p className="memory-fact">{fact}</p>
        <p className="memory-meta">
          <span title={format.dateTime(updated_at)}>{places.filter(Boolean).join(" · ")}</span>
          {run_id && (
            <Link className="text-link" href={paths.run(run_id)}>
              {t("run")}
            </Link>
          )}
        </p>
      </div>
      {canChange && (
        <>
          <IconButton small icon="edit" label={t("edit", { fact })} onClick={onEdit} />
          <IconButton small icon="trash" label={t("forget", { fact })} onClick={onForget} />
        </>
      )}
    </li>
  );
}
