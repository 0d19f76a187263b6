import type { ReactNode } from "react";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { Dialog } from "../Dialog";
import { Fault } from "./Fault";
import { useSave } from "./useSave";

interface ConfirmProps {
  title: string;
  children: ReactNode;
  action: string;
  onConfirm(): Promise<unknown>;
  onClose(): void;
}

/** Asks before something that cannot be taken back; stays open and says why when it did not go through. */
export function Confirm({ title, children, action, onConfirm, onClose }: ConfirmProps) {
  const { t } = useWords();
  const saving = useSave();
  const go = async () => {
    if (await saving.run(onConfirm)) onClose();
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose} autoFocus>
            {t("common.cancel")}
          </Button>
          <Button look="danger" busy={saving.isBusy} onClick={() => void go()}>
            {action}
          </Button>
        </>
      }
    >
      <p>{children}</p>
      <Fault problem={saving.problem} />
    </Dialog>
  );
}
