import { useState } from "react";
import { Problem } from "../../api/http";

export interface Saving {
  isBusy: boolean;
  problem: Problem | null;
  /** Runs a write; true when it went through. */
  run(write: () => Promise<unknown>): Promise<boolean>;
  clear(): void;
}

/** A write that a form makes: under way, or what was wrong with it. */
export function useSave(): Saving {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const run = async (write: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(null);
    try {
      await write();
      return true;
    } catch (error) {
      setProblem(Problem.of(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { isBusy, problem, run, clear: () => setProblem(null) };
}
