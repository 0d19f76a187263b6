import { FormEvent, useId, useState } from "react";
import type { Connection } from "../../api/settings";
import type { ProviderRow, Settings } from "../../api/types";
import { useWords, Words } from "../../i18n/words";
import { Button } from "../Button";

interface HostedModelProps {
  settings: Settings;
  /** The provider to begin with. */
  wanted: string | null;
  isChecking: boolean;
  onConnect(connection: Connection, provider: string): void;
  /** Another provider was chosen: what was said about the last one is over. */
  onProvider(): void;
}

/** A provider that asks for a key. */
export function HostedModel({ settings, wanted, isChecking, onConnect, onProvider }: HostedModelProps) {
  const words = useWords();
  const { t } = words;
  const id = useId();
  const providers = settings.providers.filter((provider) => provider.needs_key);
  const [name, setName] = useState(wanted ?? settings.models[0]?.provider ?? providers[0]?.name ?? "");
  const [key, setKey] = useState("");
  const [model, setModel] = useState("");
  const [isAsked, setAsked] = useState(false);
  const provider = providers.find((row) => row.name === name) ?? providers[0];
  if (!provider) return null;
  const isMissing = key.trim() === "" && !provider.has_key;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(true);
    if (isMissing) return;
    onConnect({ provider: provider.name, ...(key.trim() ? { api_key: key.trim() } : {}), ...(model.trim() ? { model: model.trim() } : {}) }, provider.label);
  };
  const choose = (next: string) => {
    setName(next);
    setAsked(false);
    onProvider();
  };
  const planned = settings.models.find((row) => row.provider === provider.name)?.model;
  return (
    <form className="connect-form" onSubmit={submit} noValidate>
      <div className="field">
        <label htmlFor={`${id}-provider`}>{t("model.provider")}</label>
        <select id={`${id}-provider`} className="input" value={provider.name} onChange={(event) => choose(event.target.value)}>
          {providers.map((row) => (
            <option key={row.name} value={row.name}>
              {row.label}
            </option>
          ))}
        </select>
      </div>
      <div className="field">
        <label htmlFor={`${id}-key`}>{t("model.key")}</label>
        <input
          id={`${id}-key`}
          className="input mono"
          type="password"
          autoComplete="off"
          autoFocus
          spellCheck={false}
          value={key}
          aria-invalid={isAsked && isMissing}
          aria-describedby={`${id}-key-hint`}
          onChange={(event) => setKey(event.target.value)}
        />
        <span id={`${id}-key-hint`} className={isAsked && isMissing ? "problem" : "hint"}>
          {isAsked && isMissing ? t("model.needKey", { provider: provider.label }) : kept(provider, words)}
        </span>
      </div>
      <div className="field">
        <label htmlFor={`${id}-model`}>{t("model.model")}</label>
        <input
          id={`${id}-model`}
          className="input mono"
          value={model}
          placeholder={planned ?? exampleOf(provider, words)}
          spellCheck={false}
          aria-describedby={`${id}-model-hint`}
          onChange={(event) => setModel(event.target.value)}
        />
        <span id={`${id}-model-hint`} className="hint">
          {planned ? t("model.model.hint") : t("model.model.own", { provider: provider.label })}
        </span>
      </div>
      <div className="connect-actions">
        <Button look="primary" type="submit" busy={isChecking}>
          {t("model.connect")}
        </Button>
      </div>
    </form>
  );
}

/** What names of models look like there. */
const examples: Record<string, string> = {
  openai: "gpt-5-mini",
  openrouter: "openai/gpt-5-mini",
  groq: "llama-3.3-70b-versatile",
  anthropic: "claude-haiku-4-5",
  gemini: "gemini-2.5-flash",
};

const exampleOf = ({ name }: ProviderRow, { t }: Words): string | undefined => examples[name] && t("model.example", { model: examples[name] });

function kept(provider: ProviderRow, { t }: Words): string {
  if (!provider.has_key) return "";
  return t(provider.key_source === "environment" ? "model.key.fromEnvironment" : "model.key.kept");
}
