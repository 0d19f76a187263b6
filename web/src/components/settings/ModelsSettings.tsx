import { useEffect, useRef, useState } from "react";
import { disconnectModel } from "../../api/settings";
import type { ModelRow, ProviderRow, Settings } from "../../api/types";
import { refreshInfo } from "../../app/account";
import { connecting, connectTo } from "../../app/drawer";
import type { Resource } from "../../app/load";
import { useStore } from "../../app/store";
import { useWords } from "../../i18n/words";
import { Failure, Skeletons } from "../Blank";
import { Button } from "../Button";
import { Icon } from "../Icon";
import { Notice } from "../Notice";
import { Confirm } from "./Confirm";
import { Secrets } from "./Secrets";
import { Section } from "./Section";

export function ModelsSettings({ settings }: { settings: Resource<Settings> }) {
  const { now, reload } = settings;
  useAfterConnecting(reload);
  return (
    <>
      {now.state === "loading" && (
        <div className="card">
          <Skeletons />
        </div>
      )}
      {now.state === "failed" && (
        <div className="card">
          <Failure problem={now.problem} onRetry={reload} />
        </div>
      )}
      {now.state === "ready" && (
        <>
          <Answering settings={now.value} onChange={reload} />
          <Models models={now.value.models} />
          <Providers providers={now.value.providers} />
        </>
      )}
      <Secrets onChange={reload} />
    </>
  );
}

/** When the dialog closes, what it changed is read. */
function useAfterConnecting(reload: () => void): void {
  const isOpen = useStore(connecting);
  const wasOpen = useRef(isOpen);
  useEffect(() => {
    if (wasOpen.current && !isOpen) reload();
    wasOpen.current = isOpen;
  }, [isOpen, reload]);
}

function Answering({ settings, onChange }: { settings: Settings; onChange(): void }) {
  const { t } = useWords();
  const [isAsking, setAsking] = useState(false);
  const { connection, providers, models, rehearsal } = settings;
  const model = connection ?? models.find(({ name }) => name === "default") ?? models[0];
  const provider = providers.find(({ name }) => name === model?.provider)?.label ?? model?.provider;
  const hasKey = providers.some(({ name, key_source }) => name === connection?.provider && key_source === "vault");
  const disconnect = async () => {
    await disconnectModel();
    await refreshInfo();
    onChange();
  };
  return (
    <Section title={t("settings.models")} lead={t("settings.models.lead")}>
      {rehearsal || !model ? (
        <Notice look="warn">
          <strong>{t("settings.models.rehearsal")}</strong>
          <p>{t("settings.models.rehearsal.text")}</p>
          <div className="form-actions">
            <Button look="primary" icon="plug" onClick={() => connectTo(null)}>
              {t("shell.palette.connect")}
            </Button>
          </div>
        </Notice>
      ) : (
        <div className="card row answering">
          <span className="row-icon-box live" aria-hidden="true">
            <Icon name="bolt" />
          </span>
          <div className="row-text">
            <p className="row-title">{model.model}</p>
            <p className="row-meta">{t(connection ? "settings.models.chosen" : "settings.models.named", { provider: provider ?? "" })}</p>
          </div>
          <div className="form-actions">
            {connection && (
              <Button look="quiet" onClick={() => setAsking(true)}>
                {t("settings.models.disconnect")}
              </Button>
            )}
            <Button icon="plug" onClick={() => connectTo(null)}>
              {t("settings.models.change")}
            </Button>
          </div>
        </div>
      )}
      {isAsking && (
        <Confirm title={t("settings.models.disconnect.title")} action={t("settings.models.disconnect")} onConfirm={disconnect} onClose={() => setAsking(false)}>
          {t("settings.models.disconnect.text")}
          {hasKey && ` ${t("settings.models.disconnect.key")}`}
        </Confirm>
      )}
    </Section>
  );
}

function Models({ models }: { models: ModelRow[] }) {
  const { t } = useWords();
  if (models.length === 0) return null;
  return (
    <Section title={t("settings.models.all")} lead={t("settings.models.all.lead")}>
      <ul className="card rows">
        {models.map((model) => (
          <li className="row model-row" key={model.name}>
            <div className="row-text">
              <p className="row-title mono">{model.name}</p>
              <p className="row-meta">{[model.provider, model.model, model.base_url].filter(Boolean).join(" · ")}</p>
            </div>
            {model.source === "settings" && <span className="mark">{t("settings.models.here")}</span>}
            <span className={`pill ${model.connected ? "good" : ""}`}>
              <span className="dot" />
              {t(model.connected ? "settings.models.connected" : "settings.models.notConnected")}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Providers({ providers }: { providers: ProviderRow[] }) {
  const { t } = useWords();
  const keyOf = ({ needs_key, has_key, key_source }: ProviderRow) =>
    !has_key ? t(needs_key ? "settings.providers.noKey" : "settings.providers.free") : t(key_source === "environment" ? "settings.providers.environment" : "settings.providers.vault");
  return (
    <Section title={t("settings.providers")} lead={t("settings.providers.lead")}>
      <ul className="card rows">
        {providers.map((provider) => (
          <li className="row" key={provider.name}>
            <div className="row-text">
              <p className="row-title">
                <button type="button" className="row-link" onClick={() => connectTo(provider.name)}>
                  {provider.label}
                </button>
              </p>
              {provider.base_url && <p className="row-meta">{provider.base_url}</p>}
            </div>
            <span className={`row-end ${provider.has_key ? "with-icon" : ""}`}>
              {provider.has_key && <Icon name="key" size={14} />}
              {keyOf(provider)}
            </span>
          </li>
        ))}
      </ul>
    </Section>
  );
}
