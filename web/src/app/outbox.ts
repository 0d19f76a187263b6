import { Problem } from "../api/http";
import { Outgoing, sendMessage, startSession } from "../api/sessions";
import type { Accepted } from "../api/types";
import type { Attachment } from "../model/events";
import { createStore } from "./store";

/** A message on its way: shown at once, taken away when the log has it. */
export interface Pending {
  key: number;
  session: string | null;
  content: string;
  attachments: Attachment[];
  state: "sending" | "sent" | "failed";
  /** Its identifier in the log, once it is accepted. */
  messageId: string | null;
  problem: Problem | null;
  resend(): void;
}

export const outbox = createStore<Pending[]>([]);
let next = 1;

const change = (key: number, part: Partial<Pending>) =>
  outbox.set((now) => now.map((item) => (item.key === key ? { ...item, ...part } : item)));

export const forget = (keys: number[]): void => outbox.set((now) => now.filter((item) => !keys.includes(item.key)));

export interface NewMessage {
  session: string | null;
  target: string | null;
  content: string;
  attachments: Attachment[];
  parent: string | null;
}

/** Sends; the answer says in which session the message is. Rejects with nothing: a failed message stays, with a button to send it again. */
export function sendNew(message: NewMessage, onAccepted: (accepted: Accepted) => void): void {
  const key = next++;
  const attempt = () => {
    change(key, { state: "sending", problem: null });
    deliver(message).then(
      (accepted) => {
        change(key, { state: "sent", session: accepted.session_id, messageId: accepted.message_id });
        onAccepted(accepted);
      },
      (error) => change(key, { state: "failed", problem: Problem.of(error) }),
    );
  };
  const { session, content, attachments } = message;
  outbox.set((now) => [...now, { key, session, content, attachments, state: "sending", messageId: null, problem: null, resend: attempt }]);
  attempt();
}

function deliver({ session, target, content, attachments, parent }: NewMessage): Promise<Accepted> {
  if (session === null) return startSession(target, content);
  const outgoing: Outgoing = { content, attachments: attachments.map((file) => file.file_id), parent };
  return sendMessage(session, outgoing);
}
