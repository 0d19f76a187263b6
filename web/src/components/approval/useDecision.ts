import { useState } from "react";
import { decide, Decision } from "../../api/approvals";
import { Problem } from "../../api/http";
import { decided } from "../../app/inbox";
import type { Deciding } from "./question";

/** Sends a decision. What came of it is in the log; here is only whether it is under way, and why it was not taken. */
export function useDecision(approval: string): Deciding {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (decision: Decision) => {
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      await decide(approval, decision);
      decided(approval);
    } catch (error) {
      setBusy(false);
      setProblem(Problem.of(error));
    }
  };
  return { isBusy, problem, isTooLate: problem?.status === 409 || problem?.status === 410, send };
}
