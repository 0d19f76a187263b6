import { useAccount } from "../../app/account";
import type { Approval } from "../../api/types";
import { changedValues } from "../../model/approvals";
import { useWords, Words } from "../../i18n/words";
import { Icon, IconName } from "../Icon";
import { Values } from "../approval/Values";

const icons: Record<string, IconName> = { approved: "check", rejected: "close", expired: "clock", cancelled: "stop" };

/** How it was decided, by whom and when, with the note and the values if they were changed. */
export function Outcome({ approval }: { approval: Approval }) {
  const words = useWords();
  const { t, format } = words;
  const { me } = useAccount();
  const edited = changedValues(approval.params, approval.arguments ?? approval.params);
  return (
    <div className="outcome">
      <p className={`outcome-line ${approval.state}`}>
        <Icon name={icons[approval.state] ?? "info"} />
        <strong>{outcomeText(approval, me.id, words)}</strong>
        {approval.decided_at && (
          <time dateTime={approval.decided_at} title={format.dateTime(approval.decided_at)}>
            {format.relative(approval.decided_at)}
          </time>
        )}
      </p>
      {approval.note && <p className="outcome-note">{t("approvals.note", { note: approval.note })}</p>}
      {Object.keys(edited).length > 0 && (
        <>
          <p className="faint">{t("approvals.edited")}</p>
          <Values values={edited} />
        </>
      )}
    </div>
  );
}

export function outcomeText(approval: Approval, me: string, { t }: Words): string {
  if (approval.state !== "approved" && approval.state !== "rejected") return t(approval.state === "expired" ? "work.expired" : "work.cancelled");
  if (!approval.by) return t(`work.${approval.state}`);
  return t(`work.${approval.state}.by`, { who: whoIs(approval.by, approval.by_name, me, t) });
}

/** By name where the server says it; a key is not a person. */
function whoIs(id: string, name: string | null | undefined, me: string, t: Words["t"]): string {
  if (id === me) return t("work.you");
  if (name) return name;
  return t(id.startsWith("key_") ? "approvals.aKey" : "approvals.someone");
}
