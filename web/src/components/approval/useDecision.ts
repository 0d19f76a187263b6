import { useState } from "react";
import { decide, Decision } from "../../api/approvals";
import { Problem } from "../../api/http";
import { decided } from "../../app/inbox";
import { useWords } from "../../i18n/words";

/** Sends a decision. What came of it is in the log; here is only whether it is under way, and why it was not taken. */
export function useDecision(approval: string, onDecided?: () => void) {
  const { t } = useWords();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const send = async (decision: Decision) => {
    setBusy(true);
    setFault(null);
    try {
      await decide(approval, decision);
      decided(approval);
      onDecided?.();
    } catch (error) {
      setBusy(false);
      const { status, isOffline, detail } = Problem.of(error);
      setFault(status === 409 ? t("approval.taken") : status === 410 ? t("approval.tooLate") : isOffline ? t("common.offline") : `${t("approval.failed")} ${detail}`);
    }
  };
  return { isBusy, fault, send };
}
