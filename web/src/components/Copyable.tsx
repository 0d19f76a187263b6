import { copyText } from "../app/clipboard";
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
    if (await copyText(text)) {
      setCopied(true);
      toast(t("common.copied"));
    } else if (code.current) {
      // Marked, so that the usual keys copy it.
      getSelection()?.selectAllChildren(code.current);
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
