import { useState } from "react";
import { decide, Decision } from "../../api/approvals";
import { FieldProblem, Problem } from "../../api/http";
import { decided } from "../../app/inbox";
import { useWords } from "../../i18n/words";

/** Sends a decision. What came of it is in the log; here is only whether it is under way, and why it was not taken. */
export function useDecision(approval: string, onDecided?: () => void) {
  const { t } = useWords();
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const [problems, setProblems] = useState<FieldProblem[]>([]);
  const send = async (decision: Decision) => {
    setBusy(true);
    setFault(null);
    setProblems([]);
    try {
      await decide(approval, decision);
      decided(approval);
      onDecided?.();
    } catch (error) {
      setBusy(false);
      const { status, isOffline, detail, errors } = Problem.of(error);
      setProblems(errors);
      setFault(status === 409 ? t("approval.taken") : status === 410 ? t("approval.tooLate") : isOffline ? t("common.offline") : `${t("approval.failed")} ${detail}`);
    }
  };
  return { isBusy, fault, problems, send };
}
