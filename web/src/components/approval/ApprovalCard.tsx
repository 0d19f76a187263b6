import { useEffect, useId, useRef, useState } from "react";
import { isModalOpen, isTyping } from "../../app/keys";
import { Key, useWords, Words } from "../../i18n/words";
import type { ApprovalData } from "../../model/events";
import { changedParams, differences, Field, fieldsOf, plainFacts, readField } from "../../model/values";
import { displayName } from "../Avatar";
import { Button } from "../Button";
import { Icon } from "../Icon";
import { useDecision } from "./useDecision";
import { Differences, Values } from "./Values";
import { ValuesForm } from "./ValuesForm";

interface ApprovalCardProps {
  approval: ApprovalData;
  agent: string;
  /** Whether the keys A, R and E mean this card. */
  hasKeys: boolean;
  onDecided?(): void;
}

/** A question to the person: what would happen, why it is asked, and the ways to answer. */
export function ApprovalCard({ approval, agent, hasKeys, onDecided }: ApprovalCardProps) {
  const words = useWords();
  const { t } = words;
  const [fields, setFields] = useState<Field[] | null>(null);
  const [isRejecting, setRejecting] = useState(false);
  const [note, setNote] = useState("");
  const { isBusy, fault, problems, send } = useDecision(approval.approval_id, onDecided);
  const titleId = useId();
  const changed = fields && changedParams(approval.params, fields);
  const isFaulty = fields?.some((field) => "fault" in readField(field)) ?? false;
  const isOver = useIsOver(approval.expires_at);
  const canEdit = Object.keys(approval.params).length > 0;
  const reason = { note: note.trim() || undefined };
  const approve = () => void (isFaulty || isOver || send({ decision: "approve", ...reason, arguments: changed ?? undefined }));
  const reject = () => void send({ decision: "reject", ...reason });
  const edit = () => canEdit && setFields((now) => now ?? fieldsOf(approval.params));
  useKeys(hasKeys && !isBusy && !isRejecting && !isOver, { a: approve, r: () => setRejecting(true), e: edit });
  return (
    <section className="approval" aria-labelledby={titleId}>
      <div className="approval-shield">
        <Icon name="shield" size={18} />
      </div>
      <div className="approval-main">
        <h2 id={titleId}>{t("approval.title")}</h2>
        <p className="approval-what">{what(approval, agent, words)}</p>
        <p className="approval-why">
          {why(approval, words)} {t("approval.nothing")}
        </p>
        <Warnings approval={approval} />
        {fields && !isRejecting ? <ValuesForm fields={fields} problems={problems} onChange={setFields} /> : <Facts approval={approval} />}
        {fault && (
          <p className="notice bad" role="alert">
            <Icon name="warning" />
            {fault}
          </p>
        )}
        {isRejecting ? (
          <RejectStep agent={agent} note={note} isBusy={isBusy} onNote={setNote} onReject={reject} onBack={() => setRejecting(false)} />
        ) : (
          <>
            {fields && <Note note={note} onNote={setNote} />}
            <div className="approval-actions">
              <Button look="primary" shortcut={hasKeys ? "A" : undefined} busy={isBusy} disabled={isFaulty || isOver} onClick={approve}>
                {t(changed ? "approval.approveEdited" : "approval.approve")}
              </Button>
              <Button shortcut={hasKeys ? "R" : undefined} disabled={isBusy} onClick={() => setRejecting(true)}>
                {t("approval.reject")}
              </Button>
              {canEdit && !fields && (
                <Button look="quiet" shortcut={hasKeys ? "E" : undefined} disabled={isBusy} onClick={edit}>
                  {t("approval.edit")}
                </Button>
              )}
              {fields && (
                <Button look="quiet" disabled={isBusy} onClick={() => setFields(null)}>
                  {t("common.cancel")}
                </Button>
              )}
              <Expiry at={approval.expires_at} isOver={isOver} />
            </div>
          </>
        )}
      </div>
    </section>
  );
}

function what({ tool }: ApprovalData, agent: string, { t }: Words): React.ReactNode {
  const [before, after] = t("approval.what", { agent: displayName(agent), tool: "\u0000" }).split("\u0000");
  return (
    <>
      {before}
      <strong className="mono">{tool}</strong>
      {after}
    </>
  );
}

const reasons: Record<string, Key> = {
  critical_tool: "approval.why.critical_tool",
  uncertain_effect: "approval.why.uncertain_effect",
  earlier_uncertain: "approval.why.earlier_uncertain",
};

const why = ({ reason }: ApprovalData, { t }: Words): string => t(reasons[reason ?? ""] ?? "approval.why.policy");

function Warnings({ approval }: { approval: ApprovalData }) {
  const { t } = useWords();
  return (
    <>
      {approval.warnings.map((warning) => (
        <p className="approval-warning" key={warning}>
          <Icon name="warning" />
          {warning}
        </p>
      ))}
      {approval.suggested_action && <p className="approval-suggested">{t("approval.suggested", { action: approval.suggested_action })}</p>}
    </>
  );
}

function Facts({ approval }: { approval: ApprovalData }) {
  const rows = differences(approval.facts);
  const others = plainFacts(approval.facts);
  return (
    <>
      <Values values={{ ...approval.params, ...others }} />
      {rows.length > 0 && <Differences rows={rows} />}
    </>
  );
}

function Note({ note, onNote }: { note: string; onNote(note: string): void }) {
  const { t } = useWords();
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{t("approval.note")}</label>
      <input id={id} className="input" value={note} placeholder={t("approval.note.placeholder")} onChange={(event) => onNote(event.target.value)} />
    </div>
  );
}

interface RejectStepProps {
  agent: string;
  note: string;
  isBusy: boolean;
  onNote(note: string): void;
  onReject(): void;
  onBack(): void;
}

/** The second step: rejecting takes one more press, and room for a word to the agent. */
function RejectStep({ agent, note, isBusy, onNote, onReject, onBack }: RejectStepProps) {
  const { t } = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const press = (event: React.KeyboardEvent) => {
    if (event.key === "Escape") onBack();
    else if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) onReject();
    else return;
    event.stopPropagation();
    event.preventDefault();
  };
  return (
    <div className="approval-reject" onKeyDown={press}>
      <p>{t("approval.reject.text", { agent: displayName(agent) })}</p>
      <textarea
        ref={field}
        className="input"
        rows={2}
        value={note}
        aria-label={t("approval.note")}
        placeholder={t("approval.note.placeholder")}
        onChange={(event) => onNote(event.target.value)}
      />
      <div className="approval-actions">
        <Button look="danger" busy={isBusy} onClick={onReject}>
          {t("approval.reject.confirm")}
        </Button>
        <Button look="quiet" disabled={isBusy} onClick={onBack}>
          {t("approval.back")}
        </Button>
      </div>
    </div>
  );
}

function Expiry({ at, isOver }: { at: string | null; isOver: boolean }) {
  const { t, format } = useWords();
  if (!at) return null;
  return (
    <time className="approval-expiry" dateTime={at} title={format.dateTime(at)}>
      {isOver ? t("approval.expired") : t("approval.expires", { when: format.relative(at) })}
    </time>
  );
}

/** Looks again each half minute, which also keeps the words beside it true. */
function useIsOver(at: string | null): boolean {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return at !== null && Date.parse(at) <= now;
}

function useKeys(isOn: boolean, actions: Record<string, () => void>): void {
  const current = useRef(actions);
  current.current = actions;
  useEffect(() => {
    if (!isOn) return undefined;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isTyping(event) || isModalOpen()) return;
      const action = current.current[event.key.toLowerCase()];
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [isOn]);
}
