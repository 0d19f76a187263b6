import { Connection, listConnections } from "../../api/connections";
import { useResource } from "../../app/load";
import { useConnectionWords } from "../../i18n/connections";
import { Blank, Failure, Skeletons } from "../Blank";
import { ConnectionCard } from "./ConnectionCard";
import { Section } from "./Section";

/** The accounts that tools use: connected, connected again, and taken away. */
export default function ConnectionsSettings() {
  const { t } = useConnectionWords();
  const { now, reload, set } = useResource("connections", listConnections);
  const change = (connection: Connection) => {
    if (now.state !== "ready") return;
    set({ ...now.value, data: now.value.data.map((item) => (item.name === connection.name ? connection : item)) });
  };
  return (
    <Section title={t("title")} lead={t("lead")}>
      {now.state === "ready" && now.value.data.map((connection) => <ConnectionCard key={connection.name} connection={connection} onChange={change} onGone={reload} />)}
      {(now.state !== "ready" || now.value.data.length === 0) && (
        <div className="card">
          {now.state === "loading" && <Skeletons count={3} />}
          {now.state === "failed" && <Failure title={t("failed")} problem={now.problem} onRetry={reload} />}
          {now.state === "ready" && (
            <Blank icon="plug" title={t("none")}>
              {t("none.text")}
            </Blank>
          )}
        </div>
      )}
    </Section>
  );
}
