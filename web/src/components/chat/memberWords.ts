import type { Words } from "../../i18n/words";
import type { CallPart, Member, Turn } from "../../model/conversation";
import { displayName } from "../Avatar";

/** Whom a call asks: the run tells, and before it began the call itself. */
export function agentIn(turn: Turn, { call }: CallPart): string {
  const { member } = call.params;
  return turn.members.get(call.child_run_id ?? "")?.agent ?? (typeof member === "string" ? member : call.tool);
}

/** What was asked, as the run tells it, or the call. */
export function taskIn(turn: Turn, { call }: CallPart): string {
  const told = call.params.task ?? call.params.input;
  return turn.members.get(call.child_run_id ?? "")?.task ?? (typeof told === "string" ? told : "");
}

/** What a member does at this moment, in one sentence. */
export function doing(turn: Turn, { runId, agent }: Pick<Member, "runId" | "agent">, t: Words["t"]): string {
  const last = [...turn.parts].reverse().find((part) => part.runId === runId);
  const who = displayName(agent);
  if (last?.kind === "call" && !last.result && !last.call.child_run_id) return t("chat.status.using", { agent: who, tool: last.call.tool });
  return t(last?.kind === "text" && !last.final ? "chat.status.writing" : "chat.status.thinking", { agent: who });
}
