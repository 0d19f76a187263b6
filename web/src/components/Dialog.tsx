import { ReactNode, useEffect, useId, useRef } from "react";
import { useWords } from "../i18n/words";
import { IconButton } from "./Button";

interface DialogProps {
  title: string;
  onClose(): void;
  children: ReactNode;
  actions?: ReactNode;
  /** Holds something that is shown only once: a press beside it does not close it. */
  keeps?: boolean;
  className?: string;
}

/** A modal dialog: the browser's own, so that focus stays inside, Escape closes it, and the page behind is inert. */
export function Dialog({ title, onClose, children, actions, keeps, className = "" }: DialogProps) {
  const { t } = useWords();
  const titleId = useId();
  const ref = useModal(onClose, keeps);
  return (
    <dialog ref={ref} className={`dialog ${className}`} aria-labelledby={titleId}>
      <div className="dialog-head">
        <h2 id={titleId}>{title}</h2>
        <IconButton icon="close" label={t("common.close")} small onClick={onClose} />
      </div>
      <div className="dialog-body">{children}</div>
      {actions && <div className="dialog-actions">{actions}</div>}
    </dialog>
  );
}

/** Where the focus begins: in the first field, else on the first action, which of two is the one that changes nothing. */
const firstPlace = "input:not([type=file]), textarea, select, .dialog-actions :is(button, a)";

/** Opens a `<dialog>` as long as its component is there; a press on the backdrop closes it. Focus goes back where it was. */
export function useModal(onClose: () => void, keeps = false) {
  const ref = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const dialog = ref.current;
    if (!dialog) return undefined;
    const before = document.activeElement;
    if (!dialog.open) dialog.showModal();
    dialog.querySelector<HTMLElement>(firstPlace)?.focus();
    const cancel = (event: Event) => {
      event.preventDefault();
      close.current();
    };
    const press = (event: MouseEvent) => event.target === dialog && !keeps && close.current();
    dialog.addEventListener("cancel", cancel);
    dialog.addEventListener("mousedown", press);
    return () => {
      dialog.removeEventListener("cancel", cancel);
      dialog.removeEventListener("mousedown", press);
      dialog.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, [keeps]);
  return ref;
}
