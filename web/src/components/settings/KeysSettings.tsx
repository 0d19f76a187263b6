import { useState } from "react";
import { listKeys, revokeKey } from "../../api/keys";
import type { ApiKey } from "../../api/types";
import { usePaged } from "../../app/load";
import { toast } from "../../app/toasts";
import { useWords } from "../../i18n/words";
import { Blank, Failure, Skeletons } from "../Blank";
import { Button } from "../Button";
import { Icon } from "../Icon";
import { More } from "../More";
import { Confirm } from "./Confirm";
import { MakeKey } from "./MakeKey";
import { Section } from "./Section";

export function KeysSettings() {
  const { t } = useWords();
  const list = usePaged<ApiKey>("keys", listKeys);
  const [isMaking, setMaking] = useState(false);
  const make = (
    <Button look="primary" icon="plus" onClick={() => setMaking(true)}>
      {t("settings.keys.make")}
    </Button>
  );
  const isEmpty = list.state === "ready" && list.items.length === 0;
  const drop = (key: ApiKey) => list.change((items) => items.filter((item) => item.id !== key.id));
  return (
    <Section title={t("settings.keys")} lead={t("settings.keys.lead")} action={isEmpty ? undefined : make}>
      <div className="card">
        {list.state === "loading" && <Skeletons />}
        {list.problem && list.items.length === 0 && <Failure problem={list.problem} onRetry={list.reload} />}
        {isEmpty && (
          <Blank icon="key" title={t("settings.keys.none")} action={make}>
            {t("settings.keys.none.text")}
          </Blank>
        )}
        <ul className="rows">
          {list.items.map((key) => (
            <KeyRow key={key.id} item={key} onRevoked={drop} />
          ))}
        </ul>
      </div>
      <More list={list} />
      {isMaking && <MakeKey onMade={(key) => list.change((items) => [key, ...items])} onClose={() => setMaking(false)} />}
    </Section>
  );
}

function KeyRow({ item, onRevoked }: { item: ApiKey; onRevoked(key: ApiKey): void }) {
  const { t, format } = useWords();
  const [isAsking, setAsking] = useState(false);
  const isOver = item.expires_at !== null && Date.parse(item.expires_at) <= Date.now();
  const expiry = item.expires_at === null ? t("settings.keys.never") : t(isOver ? "settings.keys.expired" : "settings.keys.expires", { when: format.relative(item.expires_at) });
  const used = item.last_used_at ? t("settings.keys.used", { when: format.relative(item.last_used_at) }) : t("settings.keys.unused");
  const revoke = async () => {
    await revokeKey(item.id);
    onRevoked(item);
    toast(t("settings.keys.revoked", { name: item.name }));
  };
  return (
    <li className={`row ${isOver ? "off" : ""}`}>
      <span className="row-icon-box" aria-hidden="true">
        <Icon name="key" />
      </span>
      <div className="row-text">
        <p className="row-title">
          <span className="clip">{item.name}</span>
          <span className="mark">{t(`role.${item.role}`)}</span>
        </p>
        <p className="row-meta" title={item.id}>
          {expiry} · {used}
        </p>
      </div>
      <Button look="danger" small onClick={() => setAsking(true)} aria-label={t("settings.keys.revoke.one", { name: item.name })}>
        {t("settings.keys.revoke")}
      </Button>
      {isAsking && (
        <Confirm title={t("settings.keys.revoke.title", { name: item.name })} action={t("settings.keys.revoke")} onConfirm={revoke} onClose={() => setAsking(false)}>
          {t("settings.keys.revoke.text")}
        </Confirm>
      )}
    </li>
  );
}
