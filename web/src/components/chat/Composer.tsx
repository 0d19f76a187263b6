import { ClipboardEvent, forwardRef, KeyboardEvent, ReactNode, useEffect, useImperativeHandle, useRef, useState } from "react";
import { draftOf, keepDraft } from "../../app/drafts";
import { isModalOpen, isTyping } from "../../app/keys";
import { useWords } from "../../i18n/words";
import type { Attachment } from "../../model/events";
import { displayName } from "../Avatar";
import { IconButton, Kbd } from "../Button";
import { growTo } from "./growTo";
import { UploadChips } from "./UploadChips";
import { useUploads } from "./useUploads";

interface ComposerProps {
  session: string | null;
  target: string;
  /** Something runs that can be stopped. */
  isBusy: boolean;
  /** The first message of a new conversation is on its way: the next one waits for where it went. */
  isHeld: boolean;
  /** Beside the attach button: whom a new conversation is with. */
  children?: ReactNode;
  sessionForFiles(): Promise<string>;
  onSend(content: string, attachments: Attachment[]): void;
  onStop(): void;
  /** Absent while nothing runs that could be paused. */
  onPause?(): void;
}

export interface ComposerHandle {
  attach(files: Iterable<File>): void;
  focus(): void;
}

export const Composer = forwardRef<ComposerHandle, ComposerProps>(function Composer(props, ref) {
  const { session, target, isBusy, isHeld, children, sessionForFiles, onSend, onStop, onPause } = props;
  const { t } = useWords();
  const [text, setText] = useState(() => draftOf(session));
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const { items, add, drop, clear } = useUploads(sessionForFiles);
  const isUploading = items.some((item) => item.file === null);
  const canSend = !isUploading && !isHeld && (text.trim() !== "" || items.length > 0);
  useImperativeHandle(ref, () => ({ attach: add, focus: () => field.current?.focus() }), [add]);
  useEffect(() => growTo(field.current, 240), [text]);
  useDraft(session, text);
  useFocusKeys(field, isBusy, onStop);
  const [hurry, setHurry] = useState<number | null>(null);
  const send = () => {
    if (isUploading && !isHeld) setHurry(items.length);
    if (!canSend) return;
    setHurry(null);
    const files = items.flatMap((item) => item.file ?? []);
    onSend(text.trim() || files.map((file) => file.name).join(", "), files);
    setText("");
    keepDraft(session, "");
    clear();
  };
  // Sent while files were on their way: it goes when they have arrived, but not without one of them.
  useEffect(() => {
    if (hurry === null || isUploading) return;
    if (items.length === hurry) send();
    setHurry(null);
  });
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const paste = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    add(event.clipboardData.files);
  };
  return (
    <div className="composer">
      <UploadChips items={items} onDrop={drop} />
      <textarea
        ref={field}
        rows={1}
        value={text}
        autoFocus={matchMedia("(hover: hover)").matches}
        placeholder={t("chat.placeholder", { target: displayName(target) })}
        aria-label={t("chat.composer")}
        onChange={(event) => {
          setText(event.target.value);
          setHurry(null);
        }}
        onKeyDown={press}
        onPaste={paste}
      />
      <div className="composer-bar">
        <IconButton icon="attach" label={t("chat.attach")} onClick={() => picker.current?.click()} />
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          onChange={(event) => {
            add([...(event.target.files ?? [])]);
            event.target.value = "";
          }}
        />
        {children}
        <span className="composer-hints" aria-hidden="true">
          {isBusy ? <Kbd>Esc</Kbd> : text && <Kbd>⇧ ⏎</Kbd>}
          {isBusy ? t("chat.stop") : text && t("chat.hint.newline")}
        </span>
        {onPause && <IconButton className="round" icon="pause" label={t("runs.pause")} onClick={onPause} />}
        {isBusy && <IconButton className="round stop" icon="stop" label={t("chat.stop")} onClick={onStop} />}
        {(!isBusy || canSend) && <IconButton className="round send" icon="arrowUp" label={t("chat.send")} disabled={!canSend} onClick={send} />}
      </div>
    </div>
  );
});

/** Kept at each stroke: whoever closes the page in that moment must not lose a word. A new conversation takes its draft to its address. */
function useDraft(session: string | null, text: string): void {
  const before = useRef(session);
  useEffect(() => {
    if (before.current !== session) keepDraft(before.current, "");
    before.current = session;
    keepDraft(session, text);
  }, [session, text]);
}

/** Escape stops what runs; a slash goes to the field. */
function useFocusKeys(field: React.RefObject<HTMLTextAreaElement>, isBusy: boolean, onStop: () => void): void {
  const stop = useRef(onStop);
  stop.current = onStop;
  useEffect(() => {
    const press = (event: globalThis.KeyboardEvent) => {
      if (event.defaultPrevented || isModalOpen()) return;
      if (event.key === "Escape" && isBusy) stop.current();
      else if (event.key === "/" && !isTyping(event) && !event.ctrlKey && !event.metaKey) field.current?.focus();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [field, isBusy]);
}
