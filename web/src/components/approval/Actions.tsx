import { useWords } from "../../i18n/words";
import { displayName } from "../Avatar";
import { Button } from "../Button";
import { EditForm } from "./EditForm";
import { NoteForm } from "./NoteForm";
import { asksForValues, canEdit, Deciding, isUnclear, Mode, Question } from "./question";
import { QuestionForm } from "./QuestionForm";

interface ActionsProps {
  question: Question;
  agent: string | undefined;
  mode: Mode;
  isArmed: boolean;
  deciding: Deciding;
  onMode(mode: Mode): void;
}

/** The ways to answer, the same in the inbox and in the conversation. */
export function Actions(props: ActionsProps) {
  const { t } = useWords();
  const { question, agent, mode, deciding, onMode } = props;
  const back = () => onMode("ask");
  const who = agent ? displayName(agent) : t("approvals.anAgent");
  if (mode === "edit") return <EditForm params={question.params} deciding={deciding} onBack={back} />;
  if (mode === "reject") {
    return (
      <NoteForm
        lead={asksForValues(question) ? t("question.decline.text") : t("approval.reject.text", { agent: who })}
        placeholder={t("approval.note.reject")}
        confirm={t(asksForValues(question) ? "question.decline" : "approval.reject.confirm")}
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
  if (asksForValues(question)) return <QuestionForm fields={question.fields ?? {}} deciding={deciding} onReject={() => onMode("reject")} />;
  return <Buttons {...props} />;
}

function Buttons({ question, isArmed, deciding, onMode }: ActionsProps) {
  const { t } = useWords();
  const unclear = isUnclear(question);
  return (
    <div className="inbox-actions">
      <Button look="primary" shortcut={isArmed ? undefined : "A"} busy={deciding.isBusy} onClick={() => void deciding.send({ decision: "approve" })}>
        {t(isArmed ? "approval.armed" : unclear ? "approvals.runAgain" : "approval.approve")}
      </Button>
      {unclear && (
        <Button shortcut="D" disabled={deciding.isBusy} onClick={() => onMode("done")}>
          {t("approvals.done")}
        </Button>
      )}
      {canEdit(question) && (
        <Button shortcut="E" disabled={deciding.isBusy} onClick={() => onMode("edit")}>
          {t("approval.edit")}
        </Button>
      )}
      <Button shortcut="R" disabled={deciding.isBusy} onClick={() => onMode("reject")}>
        {t("approval.reject")}
      </Button>
      {!unclear && <p className="inbox-nothing">{t("approval.nothing")}</p>}
      <span className="visually-hidden" role="status">
        {isArmed ? t("approval.armed") : ""}
      </span>
    </div>
  );
}
