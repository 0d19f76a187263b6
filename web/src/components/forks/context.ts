import { createContext } from "react";
import type { ChangedResult, ForkOrigin } from "../../api/types";

const none: ReadonlyMap<string, ChangedResult> = new Map();

/** The results that whoever forked the conversation gave, by call; none in nearly all conversations. */
export const GivenResults = createContext(none);

export const givenIn = (origin: ForkOrigin | null | undefined): ReadonlyMap<string, ChangedResult> => {
  const results = origin?.changes?.tool_results;
  return results ? new Map(results.map((result) => [result.call_id, result])) : none;
};
