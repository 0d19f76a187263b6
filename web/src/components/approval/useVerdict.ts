import { useAccount } from "../../app/account";
import { useDeciderOf } from "../../app/lookup";
import { useWords } from "../../i18n/words";
import { verdict, Way } from "../../i18n/verdict";
import type { ApprovalState } from "../../model/events";

export interface Decided {
  approval_id: string;
  state: ApprovalState;
  by?: string;
  way: Way;
}

/** What became of a question, with the name of whoever decided as soon as it is known. */
export function useVerdict(decided: Decided | null): string {
  const words = useWords();
  const { me } = useAccount();
  const who = useDeciderOf(decided, me.id);
  return decided ? verdict({ state: decided.state, way: decided.way, who }, words) : "";
}
