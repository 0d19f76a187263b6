import { useCallback, useEffect, useState } from "react";
import type { Problem } from "../../api/http";
import { Connection, findLocalServers } from "../../api/settings";
import type { LocalServer } from "../../api/types";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { OtherAddress } from "./OtherAddress";

interface LocalModelsProps {
  isChecking: boolean;
  problem: Problem | null;
  onConnect(connection: Connection, provider: string): void;
}

interface Choice {
  server: LocalServer;
  model: string;
}

/** Model servers that answer on the server's own machine. */
export function LocalModels({ isChecking, problem, onConnect }: LocalModelsProps) {
  const { t } = useWords();
  const [servers, setServers] = useState<LocalServer[] | null>(null);
  const [choice, setChoice] = useState<Choice | null>(null);
  const [isElsewhere, setElsewhere] = useState(false);
  const look = useCallback((signal?: AbortSignal) => {
    setServers(null);
    findLocalServers(signal).then(
      (page) => {
        setServers(page.data);
        const first = page.data.find((server) => server.models.length > 0);
        setChoice(first ? { server: first, model: first.models[0] } : null);
      },
      () => !signal?.aborted && setServers([]),
    );
  }, []);
  useEffect(() => {
    const abort = new AbortController();
    look(abort.signal);
    return () => abort.abort();
  }, [look]);
  if (servers === null) {
    return (
      <p className="connect-checking" role="status">
        <span className="spinner" aria-hidden="true" />
        {t("model.local.searching")}
      </p>
    );
  }
  const connect = ({ server, model }: Choice) => onConnect({ provider: providerOf(server), base_url: server.base_url, model }, server.label);
  return (
    <div className="connect-form">
      {servers.map((server) => (
        <ServerModels key={server.base_url} server={server} choice={choice} onChoose={setChoice} />
      ))}
      {!choice && (
        <div className="notice">
          <p>
            {t("model.local.none")} {t("model.local.how")}
          </p>
        </div>
      )}
      <div className="connect-actions">
        <Button look="quiet" icon="again" disabled={isChecking} onClick={() => look()}>
          {t("model.local.again")}
        </Button>
        {choice && !isElsewhere && (
          <Button look="primary" busy={isChecking} onClick={() => connect(choice)}>
            {t("model.connect")}
          </Button>
        )}
      </div>
      <OtherAddress isOpen={isElsewhere || !choice} isChecking={isChecking} problem={problem} onOpen={setElsewhere} onConnect={onConnect} />
    </div>
  );
}

/** Ollama is known by name; the others speak the same protocol at their own address. */
const providerOf = (server: LocalServer): string => (server.label.toLowerCase() === "ollama" ? "ollama" : "openai");

interface ServerModelsProps {
  server: LocalServer;
  choice: Choice | null;
  onChoose(choice: Choice): void;
}

function ServerModels({ server, choice, onChoose }: ServerModelsProps) {
  return (
    <fieldset className="local-server">
      <legend>
        {server.label} <span className="mono">{server.base_url}</span>
      </legend>
      {server.models.map((model) => (
        <label key={model} className="local-model">
          <input
            type="radio"
            name="local-model"
            checked={choice?.server === server && choice.model === model}
            onChange={() => onChoose({ server, model })}
          />
          <span className="mono">{model}</span>
        </label>
      ))}
    </fieldset>
  );
}
