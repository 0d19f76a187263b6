import { FormEvent, useState } from "react";
import type { Problem } from "../../api/http";
import type { Connection } from "../../api/settings";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { Field } from "../Field";

interface OtherAddressProps {
  isOpen: boolean;
  isChecking: boolean;
  /** Why the last try was refused: what is about a field stands under it. */
  problem: Problem | null;
  /** With its form open, its button is the one that connects. */
  onOpen(isOpen: boolean): void;
  onConnect(connection: Connection, provider: string): void;
}

/** A server of one's own that speaks the OpenAI protocol, wherever it answers. */
export function OtherAddress({ isOpen, isChecking, problem, onOpen, onConnect }: OtherAddressProps) {
  const { t } = useWords();
  const [address, setAddress] = useState("");
  const [model, setModel] = useState("");
  const [key, setKey] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [base_url, api_key] = [address.trim(), key.trim()];
    onConnect({ provider: "openai", base_url, model: model.trim(), ...(api_key ? { api_key } : {}) }, base_url);
  };
  const text = { className: "input mono", spellCheck: false, autoCapitalize: "off", autoComplete: "off" };
  return (
    <details className="other-address" open={isOpen} onToggle={(event) => onOpen(event.currentTarget.open)}>
      <summary>{t("model.other")}</summary>
      <form className="connect-form" onSubmit={submit}>
        <Field label={t("model.address")} hint={t("model.address.hint")} problem={problem?.about("base_url")}>
          {(control) => <input {...control} {...text} required value={address} placeholder="http://127.0.0.1:8000/v1" onChange={(event) => setAddress(event.target.value)} />}
        </Field>
        <Field label={t("model.model")} hint={t("model.other.model.hint")} problem={problem?.about("model")}>
          {(control) => <input {...control} {...text} required value={model} placeholder={t("model.example", { model: "qwen3:8b" })} onChange={(event) => setModel(event.target.value)} />}
        </Field>
        <Field label={t("model.other.key")} problem={problem?.about("api_key")}>
          {(control) => <input {...control} {...text} type="password" value={key} onChange={(event) => setKey(event.target.value)} />}
        </Field>
        <div className="connect-actions">
          <Button look="primary" type="submit" busy={isChecking}>
            {t("model.connect")}
          </Button>
        </div>
      </form>
    </details>
  );
}
