import { listApprovals } from "../api/approvals";
import type { AnyEvent, ApprovalData } from "../model/events";
import { socket } from "./live";
import { createStore } from "./store";

/** The approvals that wait for a decision, each with its session. */
export const waitingApprovals = createStore<ReadonlyMap<string, string>>(new Map());

export async function readInbox(): Promise<void> {
  const page = await listApprovals({ status: "pending", limit: 100 }).catch(() => null);
  if (page) waitingApprovals.set(new Map(page.data.map(({ id, session_id }) => [id, session_id])));
}

function see(event: AnyEvent): void {
  if (event.type !== "approval") return;
  const { approval_id, state } = event.data as ApprovalData;
  const next = new Map(waitingApprovals.get());
  if (state === "requested") next.set(approval_id, event.session_id);
  else next.delete(approval_id);
  waitingApprovals.set(next);
}

/** A decision that this page made itself. */
export function decided(approval: string): void {
  const next = new Map(waitingApprovals.get());
  if (next.delete(approval)) waitingApprovals.set(next);
}

socket.watch(see);
socket.onReconnect(() => void readInbox());
