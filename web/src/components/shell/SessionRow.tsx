import { FormEvent, memo, useState } from "react";
import type { Session } from "../../api/types";
import { Link } from "../../app/Link";
import { navigate, paths } from "../../app/router";
import { removeSession, rename } from "../../app/sessionList";
import { toast } from "../../app/toasts";
import { useWords } from "../../i18n/words";
import { Button, IconButton } from "../Button";
import { Dialog } from "../Dialog";
import { Icon } from "../Icon";
import { Menu } from "../Menu";

interface SessionRowProps {
  session: Session;
  isHere: boolean;
  isRunning: boolean;
  /** Something in it waits for a person's decision. */
  isAsking: boolean;
}

export const SessionRow = memo(function SessionRow({ session, isHere, isRunning, isAsking }: SessionRowProps) {
  const { t } = useWords();
  const [open, setOpen] = useState<"rename" | "delete" | null>(null);
  const title = session.title ?? t("shell.untitled");
  return (
    <li className={`session-row ${isHere ? "here" : ""}`}>
      <Link href={paths.session(session.id)} aria-current={isHere ? "page" : undefined} title={title}>
        <span>{title}</span>
        {isAsking && (
          <span className="asking-mark" role="img" aria-label={t("shell.asking")} title={t("shell.asking")}>
            <Icon name="shield" size={14} />
          </span>
        )}
        {isRunning && <span className="running-dot" role="img" aria-label={t("shell.running")} />}
      </Link>
      <Menu
        label={t("shell.session.actions", { title })}
        items={[
          { label: t("common.rename"), icon: "edit", onSelect: () => setOpen("rename") },
          { label: t("common.delete"), icon: "trash", danger: true, onSelect: () => setOpen("delete") },
        ]}
        trigger={(props) => <IconButton {...props} icon="more" small label={t("shell.session.actions", { title })} />}
      />
      {open === "rename" && <RenameDialog session={session} onClose={() => setOpen(null)} />}
      {open === "delete" && <DeleteDialog session={session} isHere={isHere} onClose={() => setOpen(null)} />}
    </li>
  );
});

function RenameDialog({ session, onClose }: { session: Session; onClose(): void }) {
  const { t } = useWords();
  const [title, setTitle] = useState(session.title ?? "");
  const save = (event?: FormEvent) => {
    event?.preventDefault();
    const trimmed = title.trim();
    onClose();
    if (trimmed && trimmed !== session.title) rename(session.id, trimmed).catch(() => toast(t("shell.rename.failed")));
  };
  return (
    <Dialog
      title={t("shell.rename.title")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button look="primary" onClick={() => save()}>
            {t("common.save")}
          </Button>
        </>
      }
    >
      <form className="field" onSubmit={save}>
        <label htmlFor="rename">{t("shell.rename.label")}</label>
        <input id="rename" className="input" value={title} maxLength={200} autoFocus onFocus={(event) => event.target.select()} onChange={(event) => setTitle(event.target.value)} />
      </form>
    </Dialog>
  );
}

function DeleteDialog({ session, isHere, onClose }: { session: Session; isHere: boolean; onClose(): void }) {
  const { t } = useWords();
  const [isBusy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    try {
      await removeSession(session.id);
      if (isHere) navigate(paths.home, { replace: true });
    } catch {
      toast(t("shell.delete.failed"));
      onClose();
    }
  };
  return (
    <Dialog
      title={t("shell.delete.title")}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose} autoFocus>
            {t("common.cancel")}
          </Button>
          <Button look="danger" busy={isBusy} onClick={() => void go()}>
            {t("common.delete")}
          </Button>
        </>
      }
    >
      <p>{t("shell.delete.text", { title: session.title ?? t("shell.untitled") })}</p>
    </Dialog>
  );
}
