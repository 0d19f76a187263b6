import type { Approval } from "../../api/types";
import { useWords } from "../../i18n/words";
import { displayName } from "../Avatar";
import { Button } from "../Button";
import { EditForm } from "./EditForm";
import { NoteForm } from "./NoteForm";
import type { Deciding } from "./useInboxDecision";

/** The buttons, or the one form that a button opened. */
export type Mode = "ask" | "edit" | "reject" | "done";

interface ActionsProps {
  approval: Approval;
  agent: string | undefined;
  mode: Mode;
  deciding: Deciding;
  onMode(mode: Mode): void;
}

export function Actions(props: ActionsProps) {
  const { t } = useWords();
  const { approval, agent, mode, deciding, onMode } = props;
  const back = () => onMode("ask");
  const who = agent ? displayName(agent) : t("approvals.anAgent");
  if (mode === "edit") return <EditForm approval={approval} deciding={deciding} onBack={back} />;
  if (mode === "reject") {
    return (
      <NoteForm
        lead={t("approval.reject.text", { agent: who })}
        confirm={t("approval.reject.confirm")}
        look="danger"
        isBusy={deciding.isBusy}
        onSend={(note) => void deciding.send({ decision: "reject", ...(note ? { note } : {}) })}
        onBack={back}
      />
    );
  }
  if (mode === "done") {
    return (
      <NoteForm
        lead={t("approvals.done.text", { agent: who })}
        label={t("approvals.done.label")}
        placeholder={t("approvals.done.placeholder")}
        confirm={t("approvals.done")}
        look="primary"
        isBusy={deciding.isBusy}
        onSend={(result) => void deciding.send({ decision: "approve", result: result || t("approvals.done.result") })}
        onBack={back}
      />
    );
  }
  return <Buttons {...props} />;
}

function Buttons({ approval, deciding, onMode }: ActionsProps) {
  const { t } = useWords();
  const isUnclear = approval.reason === "uncertain_effect";
  return (
    <div className="inbox-actions">
      <Button look="primary" shortcut="A" busy={deciding.isBusy} onClick={() => void deciding.send({ decision: "approve" })}>
        {t(isUnclear ? "approvals.runAgain" : "approval.approve")}
      </Button>
      {isUnclear && (
        <Button shortcut="D" disabled={deciding.isBusy} onClick={() => onMode("done")}>
          {t("approvals.done")}
        </Button>
      )}
      {!isUnclear && Object.keys(approval.params).length > 0 && (
        <Button shortcut="E" disabled={deciding.isBusy} onClick={() => onMode("edit")}>
          {t("approval.edit")}
        </Button>
      )}
      <Button shortcut="R" disabled={deciding.isBusy} onClick={() => onMode("reject")}>
        {t("approval.reject")}
      </Button>
      {!isUnclear && <p className="inbox-nothing">{t("approval.nothing")}</p>}
    </div>
  );
}
