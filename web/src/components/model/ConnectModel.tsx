import { useEffect, useState } from "react";
import { Problem } from "../../api/http";
import { connectModel, Connection, getSettings } from "../../api/settings";
import type { Connected, Settings } from "../../api/types";
import { refreshInfo } from "../../app/account";
import { wantedProvider } from "../../app/drawer";
import { onceBack } from "../../app/live";
import { useStore } from "../../app/store";
import "../../i18n/model";
import { useWords } from "../../i18n/words";
import { Failure } from "../Blank";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { Icon } from "../Icon";
import { Notice } from "../Notice";
import { Segments } from "../Segments";
import { HostedModel } from "./HostedModel";
import { LocalModels } from "./LocalModels";

type Way = "hosted" | "local";
type Check = { state: "none" } | { state: "checking" } | { state: "failed"; problem: Problem; provider: string } | { state: "done"; connected: Connected };

/** From a rehearsal to a model that answers: choose, check with one real call, talk. */
export default function ConnectModel({ onClose }: { onClose(): void }) {
  const { t } = useWords();
  const { settings, problem, read } = useSettings();
  const wanted = useStore(wantedProvider);
  const [picked, setPicked] = useState<Way | null>(null);
  const isLocal = settings?.providers.some(({ name, needs_key }) => name === wanted && !needs_key) ?? false;
  const way = picked ?? (isLocal ? "local" : "hosted");
  const [check, setCheck] = useState<Check>({ state: "none" });
  const connect = async (connection: Connection, provider: string) => {
    setCheck({ state: "checking" });
    try {
      const connected = await connectModel(connection);
      setCheck({ state: "done", connected });
      void refreshInfo();
    } catch (error) {
      setCheck({ state: "failed", problem: Problem.of(error), provider });
    }
  };
  const choose = (next: Way) => {
    setPicked(next);
    setCheck({ state: "none" });
  };
  const isChecking = check.state === "checking";
  if (check.state === "done") return <Done connected={check.connected} onClose={onClose} />;
  return (
    <Dialog title={t("model.title")} onClose={onClose} className="connect">
      <p>{t("model.lead")}</p>
      {problem && (problem.status === 403 ? <p className="notice">{t("model.forbidden")}</p> : <Failure problem={problem} onRetry={read} />)}
      {!settings && !problem && <div className="skeleton connect-skeleton" />}
      {settings && (
        <>
          <div>
            <Segments
              label={t("model.title")}
              value={way}
              options={[
                { value: "hosted", label: t("model.hosted") },
                { value: "local", label: t("model.local") },
              ]}
              onChange={choose}
            />
          </div>
          {way === "hosted" ? (
            <HostedModel settings={settings} wanted={wanted} isChecking={isChecking} onConnect={connect} onProvider={() => setCheck({ state: "none" })} />
          ) : (
            <LocalModels isChecking={isChecking} problem={check.state === "failed" ? check.problem : null} onConnect={connect} />
          )}
          {isChecking && (
            <p className="connect-checking" role="status">
              <span className="spinner" aria-hidden="true" />
              {t("model.checking")}
            </p>
          )}
          {check.state === "failed" && <CheckFailure problem={check.problem} provider={check.provider} hasAddress={way === "local"} />}
        </>
      )}
    </Dialog>
  );
}

function useSettings() {
  const [settings, setSettings] = useState<Settings | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const read = () => {
    setProblem(null);
    getSettings().then(setSettings, (error) => setProblem(Problem.of(error)));
  };
  useEffect(read, []);
  useEffect(() => (problem?.isOffline ? onceBack(problem, read) : undefined), [problem]);
  return { settings, problem, read };
}

const ours = ["model_rejected", "model_unavailable", "model_timeout", "model_bad_answer"] as const;

/** Our sentence first, the server's beneath it; and that nothing was changed. */
function CheckFailure({ problem, provider, hasAddress }: { problem: Problem; provider: string; hasAddress: boolean }) {
  const { t } = useWords();
  const code = ours.find((known) => known === problem.code);
  if (code === "model_unavailable" && !hasAddress) {
    return <Notice look="bad">{`${t("model.failed.model_unavailable", { provider })} ${t("model.failed.network")} ${t("model.nothing")}`}</Notice>;
  }
  const text = code ? t(`model.failed.${code}`, { provider }) : problem.isOffline ? t("common.offline") : problem.detail;
  return (
    <div className="notice bad" role="alert">
      <Icon name="warning" />
      <div>
        <p>{text}</p>
        {code && <p className="connect-detail">{problem.detail}</p>}
        <p className="connect-detail">{t("model.nothing")}</p>
      </div>
    </div>
  );
}

function Done({ connected, onClose }: { connected: Connected; onClose(): void }) {
  const { t, format } = useWords();
  const close = (
    <Button look="primary" autoFocus onClick={onClose}>
      {t("model.done.close")}
    </Button>
  );
  return (
    <Dialog title={t("model.done.title")} onClose={onClose} actions={close}>
      <div className="notice good" role="status">
        <Icon name="check" />
        <p>{t("model.done.text", { model: connected.model, time: format.duration(connected.latency_ms) })}</p>
      </div>
    </Dialog>
  );
}
