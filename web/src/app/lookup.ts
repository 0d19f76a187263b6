import { useEffect } from "react";
import { getApproval } from "../api/approvals";
import { getRun } from "../api/runs";
import { getSession } from "../api/sessions";
import { Other, otherThan } from "../model/owner";
import { sessionList } from "./sessionList";
import { createStore, useStore } from "./store";

/** Things that lists refer to by identifier: each is asked for once, however many rows name it. */
function createLookup<Value>(read: (id: string) => Promise<Value>) {
  const known = createStore<ReadonlyMap<string, Value>>(new Map());
  const asked = new Set<string>();
  const keep = (id: string, value: Value) => known.set((before) => new Map(before).set(id, value));
  const ask = (id: string) => {
    if (asked.has(id)) return;
    asked.add(id);
    read(id).then(
      (value) => keep(id, value),
      () => undefined,
    );
  };
  return {
    keep,
    /** The value, or undefined until it is there. `null` asks for nothing. */
    use(id: string | null): Value | undefined {
      const map = useStore(known);
      useEffect(() => {
        if (id !== null) ask(id);
      }, [id]);
      return id === null ? undefined : map.get(id);
    },
  };
}

const runs = createLookup(getRun);
const sessions = createLookup((id) => getSession(id));
const approvals = createLookup(getApproval);
/** As they were asked: what is known of a decided one is read anew. */
const questions = createLookup(getApproval);

/** The agent of a run; `told` is what came with the thing that names the run, and saves asking. */
export const useAgentOf = (run: string, told?: string): string | undefined => runs.use(told === undefined ? run : null)?.agent ?? told;

/** A conversation's title: undefined until it is known, null when it has none yet. The list has the newest, `told` saves asking. */
export function useTitleOf(session: string | null, told?: string | null): string | null | undefined {
  const listed = useStore(sessionList).items.find((item) => item.id === session);
  const found = sessions.use(listed || told !== undefined ? null : session);
  return listed ? listed.title : told !== undefined ? told : found?.title;
}

/** What the tool of a question does, in the words of the project: the log has its name only. */
export const useToolOf = (approval: string): string | null | undefined => questions.use(approval)?.tool_description;

/** Who decided: null is the reader, undefined where nobody did or it is not known yet. The log has identifiers only, so others are asked for. */
export function useDeciderOf(decided: { approval_id: string; by?: string } | null, me: string): Other | null | undefined {
  const by = decided?.by;
  const who = otherThan(me, by, null);
  const isNamed = who !== null && who.kind !== "local";
  const found = approvals.use(isNamed && decided ? decided.approval_id : null);
  if (!by) return undefined;
  if (!isNamed) return who;
  return found && otherThan(me, by, found.by_name);
}
