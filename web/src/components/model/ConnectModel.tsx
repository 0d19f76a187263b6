import { useWords } from "../../i18n/words";
import { Dialog } from "../Dialog";

export default function ConnectModel({ onClose }: { onClose(): void }) {
  const { t } = useWords();
  return (
    <Dialog title={t("model.title")} onClose={onClose}>
      <p>{t("model.lead")}</p>
    </Dialog>
  );
}
