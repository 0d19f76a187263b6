import { toast } from "../app/toasts";
import { useWords } from "../i18n/words";
import { useEffect, useRef, useState } from "react";
import { IconButton } from "./Button";

/** A command, link or secret in the machine's letters, and a button that copies it. */
export function Copyable({ text, label }: { text: string; label?: string }) {
  const { t } = useWords();
  const [isCopied, setCopied] = useState(false);
  const code = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
      toast(t("common.copied"));
    } catch {
      // No clipboard outside of https and localhost: marked, so that the usual keys copy it.
      if (code.current) getSelection()?.selectAllChildren(code.current);
    }
  };
  return (
    <div className="copyable">
      <code ref={code} tabIndex={0} role="group" aria-label={label ?? text}>
        {text}
      </code>
      <IconButton icon={isCopied ? "check" : "copy"} small label={isCopied ? t("common.copied") : t("common.copy")} onClick={() => void copy()} />
    </div>
  );
}
