import { useState } from "react";
import { Connection, disconnect, startConnection } from "../../api/connections";
import { toast } from "../../app/toasts";
import { useConnectionWords } from "../../i18n/connections";
import { displayName } from "../Avatar";
import { Button } from "../Button";
import { Notice } from "../Notice";
import { Confirm } from "./Confirm";
import { ConnectionForm } from "./ConnectionForm";
import { Fault } from "./Fault";
import { useSave } from "./useSave";

interface ConnectionCardProps {
  connection: Connection;
  onChange(connection: Connection): void;
  onGone(): void;
}

/** One account: how it stands, its values, and the ways to connect it and take it away. */
export function ConnectionCard({ connection, onChange, onGone }: ConnectionCardProps) {
  const { t } = useConnectionWords();
  const [isAsking, setAsking] = useState(false);
  const starting = useSave();
  const name = displayName(connection.name);
  const { connected, trouble, may_connect: mayConnect, kind, fields } = connection;
  const go = () => starting.run(async () => location.assign((await startConnection(connection.name)).url));
  const forget = async () => {
    await disconnect(connection.name);
    toast(t("disconnected", { name }));
    onGone();
  };
  return (
    <section className="card" aria-label={name}>
      <div className="card-head">
        <h3>{name}</h3>
        <Standing connection={connection} />
      </div>
      <div className="card-pad form">
        <Origin connection={connection} />
        {trouble && <Notice look="warn">{trouble}</Notice>}
        <Fault problem={starting.problem} />
        {mayConnect && fields.length > 0 && <ConnectionForm key={connection.updated_at ?? ""} connection={connection} onChange={onChange} />}
        {mayConnect && (
          <div className="form-actions">
            {kind === "oauth2" && (
              <Button look={connected ? "secondary" : "primary"} icon="plug" busy={starting.isBusy} aria-label={t(connected ? "again.one" : "connect.one", { name })} onClick={() => void go()}>
                {t(connected ? "again" : "connect")}
              </Button>
            )}
            {connection.updated_at !== null && (
              <Button look="danger" aria-label={t("disconnect.one", { name })} onClick={() => setAsking(true)}>
                {t("disconnect")}
              </Button>
            )}
          </div>
        )}
      </div>
      {isAsking && (
        <Confirm title={t("disconnect.title", { name })} action={t("disconnect")} onConfirm={forget} onClose={() => setAsking(false)}>
          {t("disconnect.text")}
        </Confirm>
      )}
    </section>
  );
}

function Standing({ connection: { connected, trouble } }: { connection: Connection }) {
  const { t } = useConnectionWords();
  const [look, key] = trouble ? (["warn", "trouble"] as const) : connected ? (["good", "connected"] as const) : (["", "not.connected"] as const);
  return (
    <span className={`pill ${look}`}>
      <span className="dot" aria-hidden="true" />
      {t(key)}
    </span>
  );
}

function Origin({ connection: { scope, may_connect, updated_at, expires_at } }: { connection: Connection }) {
  const { t, format } = useConnectionWords();
  const words = [
    scope === "project" && t("project"),
    !may_connect && t("admin"),
    updated_at && t("changed", { when: format.relative(updated_at) }),
    expires_at && t("expires", { when: format.dateTime(expires_at) }),
  ].filter(Boolean);
  return words.length > 0 ? <p className="memory-meta">{words.join(" · ")}</p> : null;
}
