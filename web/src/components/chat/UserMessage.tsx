import { memo, useEffect, useId, useRef, useState } from "react";
import { copyText } from "../../app/clipboard";
import { toast } from "../../app/toasts";
import { useWords } from "../../i18n/words";
import type { Attachment } from "../../model/events";
import { Button, IconButton } from "../Button";
import { FileChips } from "./FileChips";
import { growTo } from "./growTo";

interface UserMessageProps {
  /** Who says it, for whoever does not see on which side it stands. */
  author: string;
  content: string;
  attachments: Attachment[];
  versions: string[];
  index: number;
  isPending?: boolean;
  onEdit?(content: string): void;
  onVersion?(message: string): void;
}

export const UserMessage = memo(function UserMessage(props: UserMessageProps) {
  const { author, content, attachments, isPending, onEdit } = props;
  const { t } = useWords();
  const [isEditing, setEditing] = useState(false);
  const pencil = useRef<HTMLButtonElement>(null);
  const wasEditing = useRef(false);
  // Given up: the focus goes back to where the edit began. Sent: the composer takes it.
  useEffect(() => {
    if (wasEditing.current && !isEditing && document.activeElement === document.body) pencil.current?.focus();
    wasEditing.current = isEditing;
  }, [isEditing]);
  if (isEditing) {
    const send = (text: string) => {
      setEditing(false);
      onEdit?.(text);
    };
    return <Editor content={content} onCancel={() => setEditing(false)} onSend={send} />;
  }
  return (
    <div className={`user-message ${isPending ? "pending" : ""}`}>
      <span className="visually-hidden">{author}</span>
      {attachments.length > 0 && <FileChips files={attachments} />}
      {content && <div className="bubble">{content}</div>}
      <div className="message-actions">
        <IconButton small icon="copy" label={t("chat.copyMessage")} onClick={async () => (await copyText(content)) && toast(t("common.copied"))} />
        {onEdit && <IconButton ref={pencil} small icon="edit" label={t("chat.edit")} onClick={() => setEditing(true)} />}
        <Versions {...props} />
      </div>
    </div>
  );
});

function Versions({ versions, index, onVersion }: UserMessageProps) {
  const { t, format } = useWords();
  if (versions.length < 2 || !onVersion) return null;
  return (
    <div className="versions" role="group" aria-label={t("chat.versions")}>
      <IconButton small icon="chevronLeft" label={t("chat.version.previous")} disabled={index === 0} onClick={() => onVersion(versions[index - 1])} />
      <span className="number" aria-label={t("chat.version.of", { index: index + 1, count: versions.length })}>
        {format.number(index + 1)}/{format.number(versions.length)}
      </span>
      <IconButton small icon="chevronRight" label={t("chat.version.next")} disabled={index === versions.length - 1} onClick={() => onVersion(versions[index + 1])} />
    </div>
  );
}

function Editor({ content, onCancel, onSend }: { content: string; onCancel(): void; onSend(text: string): void }) {
  const { t } = useWords();
  const [text, setText] = useState(content);
  const noteId = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(content.length, content.length);
  }, [content]);
  useEffect(() => growTo(field.current, 400), [text]);
  const press = (event: React.KeyboardEvent) => {
    if (event.key === "Escape") onCancel();
    else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing && text.trim()) onSend(text);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="editor">
      <textarea ref={field} value={text} aria-label={t("chat.edit.label")} aria-describedby={noteId} rows={1} onChange={(event) => setText(event.target.value)} onKeyDown={press} />
      <div className="editor-actions">
        <p className="editor-note" id={noteId}>
          {t("chat.edit.note")}
        </p>
        <Button small look="quiet" onClick={onCancel}>
          {t("common.cancel")}
        </Button>
        <Button small look="primary" disabled={!text.trim()} onClick={() => onSend(text)}>
          {t("chat.edit.send")}
        </Button>
      </div>
    </div>
  );
}
