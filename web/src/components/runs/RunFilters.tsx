import { useAccount } from "../../app/account";
import { useTitleOf } from "../../app/lookup";
import { sessionList } from "../../app/sessionList";
import { useStore } from "../../app/store";
import type { RunFilter } from "../../api/runs";
import { atLeast } from "../../api/types";
import { useWords } from "../../i18n/words";
import { runStatuses } from "../../model/runs";
import { Segments } from "../Segments";

interface RunFiltersProps {
  filter: RunFilter;
  onChange(filter: RunFilter): void;
}

export function RunFilters({ filter, onChange }: RunFiltersProps) {
  const { t } = useWords();
  const { me } = useAccount();
  return (
    <div className="filters" role="group" aria-label={t("runs.filters")}>
      <select
        className="input"
        aria-label={t("runs.status")}
        value={filter.status ?? ""}
        onChange={(event) => onChange({ ...filter, status: event.target.value || null })}
      >
        <option value="">{t("runs.status.any")}</option>
        {runStatuses.map((status) => (
          <option key={status} value={status}>
            {t(`runs.status.${status}`)}
          </option>
        ))}
      </select>
      <SessionFilter value={filter.session_id ?? ""} onChange={(session) => onChange({ ...filter, session_id: session || null })} />
      {atLeast(me.role, "admin") && (
        <Segments
          label={t("runs.whose")}
          value={filter.owner ?? "all"}
          options={[
            { value: "all", label: t("runs.whose.all") },
            { value: "me", label: t("runs.whose.me") },
          ]}
          onChange={(owner) => onChange({ ...filter, owner: owner === "me" ? "me" : undefined })}
        />
      )}
    </div>
  );
}

/** The conversations that the sidebar knows, and the one that the address names. */
function SessionFilter({ value, onChange }: { value: string; onChange(session: string): void }) {
  const { t } = useWords();
  const { items } = useStore(sessionList);
  const title = useTitleOf(value === "" ? null : value);
  const isListed = items.some((item) => item.id === value);
  return (
    <select className="input session" aria-label={t("common.conversation")} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{t("runs.session.any")}</option>
      {value !== "" && !isListed && <option value={value}>{title ?? t("common.conversation")}</option>}
      {items.map((item) => (
        <option key={item.id} value={item.id}>
          {item.title ?? t("shell.untitled")}
        </option>
      ))}
    </select>
  );
}
