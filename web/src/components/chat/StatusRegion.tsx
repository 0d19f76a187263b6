import { useRef } from "react";
import { useWords, Words } from "../../i18n/words";
import { isBusy, Turn } from "../../model/conversation";
import { displayName } from "../Avatar";
import { agentIn } from "./memberWords";

/** The one polite region: says in a few words what goes on, never the tokens; nothing of what was over when the page opened. */
export function StatusRegion({ turn, isBehind }: { turn: Turn | null; isBehind: boolean }) {
  const words = useWords();
  const text = turn ? isBehind && turn.status === "queued" ? words.t("chat.queued") : said(turn, words) : "";
  const atOpening = useRef(turn?.runId === undefined || isBusy(turn) ? null : turn.runId);
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {turn && atOpening.current === turn.runId ? "" : text}
    </div>
  );
}

function said(turn: Turn, { t }: Words): string {
  const last = turn.parts[turn.parts.length - 1];
  const agent = displayName(last?.agent || turn.agent);
  if (turn.status === "pending_approval") return t("chat.status.asks", { agent });
  if (turn.status === "completed") return t("chat.status.ready");
  if (turn.status === "paused") return t("chat.paused");
  if (turn.status === "failed") return t("chat.status.failed");
  if (turn.status === "cancelled") return t("chat.status.stopped");
  if (!isBusy(turn)) return "";
  if (last?.kind === "call" && !last.result && last.call.child_run_id) return t("team.works", { agent: displayName(agentIn(turn, last)) });
  if (last?.kind === "call" && !last.result) return t("chat.status.using", { agent, tool: last.call.tool });
  return t(last?.kind === "text" ? "chat.status.writing" : "chat.status.thinking", { agent });
}
