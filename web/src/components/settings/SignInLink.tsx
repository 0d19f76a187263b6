import { makeSignInLink } from "../../api/people";
import type { Person } from "../../api/types";
import { useResource } from "../../app/load";
import { useWords } from "../../i18n/words";
import { Failure, Skeletons } from "../Blank";
import { Button } from "../Button";
import { Copyable } from "../Copyable";
import { Dialog } from "../Dialog";
import { personName } from "./PersonRow";

/** A new link that signs somebody in once, to copy and to hand over. */
export function SignInLink({ person, onClose }: { person: Person; onClose(): void }) {
  const words = useWords();
  const { t, format } = words;
  const { now, reload } = useResource(person.id, () => makeSignInLink(person.id));
  return (
    <Dialog title={t("settings.link.title", { name: personName(person, words) })} onClose={onClose} actions={<Button onClick={onClose}>{t("common.close")}</Button>}>
      {now.state === "loading" && <Skeletons count={1} />}
      {now.state === "failed" && <Failure problem={now.problem} onRetry={reload} />}
      {now.state === "ready" && (
        <>
          <p>{t("settings.link.text", { when: format.dateTime(now.value.expires_at) })}</p>
          <Copyable text={now.value.url} label={t("settings.link.label")} />
        </>
      )}
    </Dialog>
  );
}
