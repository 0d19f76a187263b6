import { useAccount } from "../../app/account";
import type { Approval } from "../../api/types";
import { changedValues } from "../../model/approvals";
import { verdict, wayOf } from "../../i18n/verdict";
import { useWords, Words } from "../../i18n/words";
import { otherThan } from "../../model/owner";
import { Icon, IconName } from "../Icon";
import { Values } from "../approval/Values";

const icons: Record<string, IconName> = { approved: "check", rejected: "close", expired: "clock", cancelled: "stop" };

/** How it was decided, by whom and when, with the note and the values if they were changed. */
export function Outcome({ approval }: { approval: Approval }) {
  const words = useWords();
  const { t, format } = words;
  const { me } = useAccount();
  const edited = editedIn(approval);
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
          {approval.question === undefined && <p className="faint">{t("approvals.edited")}</p>}
          <Values values={edited} />
        </>
      )}
    </div>
  );
}

const editedIn = ({ params, arguments: ran }: Approval) => changedValues(params, ran ?? params);

export function outcomeText(approval: Approval, me: string, words: Words): string {
  const { state, by, by_name } = approval;
  const way = wayOf(approval, Object.keys(editedIn(approval)).length > 0);
  return verdict({ state, way, who: by ? otherThan(me, by, by_name) : undefined }, words);
}
