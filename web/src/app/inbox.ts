import { listApprovals } from "../api/approvals";
import type { AnyEvent, ApprovalData } from "../model/events";
import { socket } from "./live";
import { createStore } from "./store";

/** Identifiers of the approvals that wait for a decision. */
export const waitingApprovals = createStore<ReadonlySet<string>>(new Set());

export async function readInbox(): Promise<void> {
  const page = await listApprovals({ status: "pending", limit: 100 }).catch(() => null);
  if (page) waitingApprovals.set(new Set(page.data.map((approval) => approval.id)));
}

function see(event: AnyEvent): void {
  if (event.type !== "approval") return;
  const { approval_id, state } = event.data as ApprovalData;
  const next = new Set(waitingApprovals.get());
  if (state === "requested") next.add(approval_id);
  else next.delete(approval_id);
  waitingApprovals.set(next);
}

/** A decision that this page made itself. */
export function decided(approval: string): void {
  const next = new Set(waitingApprovals.get());
  if (next.delete(approval)) waitingApprovals.set(next);
}

socket.watch(see);
socket.onReconnect(() => void readInbox());
