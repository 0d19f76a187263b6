import { useEffect } from "react";
import { getApproval, listApprovals } from "../../api/approvals";
import type { Approval } from "../../api/types";
import { socket } from "../../app/live";
import { Paged, usePaged } from "../../app/load";
import { withApproval } from "../../model/approvals";
import type { ApprovalData } from "../../model/events";

export interface Inbox {
  waiting: Paged<Approval>;
  decided: Paged<Approval>;
}

/** What waits and what was decided, kept as it is now. What is decided while one looks stays where it was. */
export function useInbox(): Inbox {
  const waiting = usePaged<Approval>("waiting", (cursor, signal) => listApprovals({ status: "pending", limit: 50, cursor }, signal));
  const decided = usePaged<Approval>("decided", (cursor, signal) => listApprovals({ limit: 30, cursor }, signal));
  const { change, reload } = waiting;
  const reloadDecided = decided.reload;
  useEffect(
    () =>
      socket.watch((event) => {
        if (event.type !== "approval") return;
        const { approval_id } = event.data as ApprovalData;
        getApproval(approval_id).then(
          (approval) => change((items) => withApproval(items, approval)),
          () => undefined,
        );
      }),
    [change],
  );
  useEffect(
    () =>
      socket.onReconnect(() => {
        reload();
        reloadDecided();
      }),
    [reload, reloadDecided],
  );
  return { waiting, decided };
}
