import { useState } from "react";
import { decide, Decision, getApproval } from "../../api/approvals";
import { Problem } from "../../api/http";
import type { Approval } from "../../api/types";
import { decided } from "../../app/inbox";
import type { Deciding } from "../approval/question";

/** Decides an approval, and finds out how it stands when somebody else was faster. */
export function useInboxDecision(approval: Approval, onChange: (approval: Approval) => void): Deciding {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const send = async (decision: Decision) => {
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      onChange(await decide(approval.id, decision));
      decided(approval.id);
    } catch (error) {
      const found = Problem.of(error);
      setProblem(found);
      if (found.status === 409 || found.status === 410) await catchUp(approval, found, onChange);
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, problem, isTooLate: problem?.status === 409 || problem?.status === 410, send };
}

async function catchUp(approval: Approval, problem: Problem, onChange: (approval: Approval) => void): Promise<void> {
  decided(approval.id);
  const fresh = await getApproval(approval.id).catch(() => null);
  if (fresh && fresh.state !== "requested") onChange(fresh);
  else if (problem.status === 410) onChange({ ...approval, state: "expired" });
}
