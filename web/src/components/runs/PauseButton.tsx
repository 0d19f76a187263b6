import { useState } from "react";
import { pauseRun, resumeRun, stopRun } from "../../api/runs";
import { atLeast, Run } from "../../api/types";
import { useAccount } from "../../app/account";
import { toast } from "../../app/toasts";
import { Key, useWords } from "../../i18n/words";
import { isEnded } from "../../model/runs";
import { Button } from "../Button";
import { Icon } from "../Icon";

/** Pauses a run, or lets a paused one go on. */
export function PauseButton({ run, onRun }: { run: Run; onRun(run: Run): void }) {
  const { t } = useWords();
  const [isBusy, setBusy] = useState(false);
  if (isEnded(run)) return null;
  const isPaused = run.status === "paused";
  const change = async () => {
    setBusy(true);
    try {
      onRun(await (isPaused ? resumeRun(run.id) : pauseRun(run.id)));
    } catch {
      toast(t(isPaused ? "runs.resume.failed" : "runs.pause.failed"));
    }
    setBusy(false);
  };
  return (
    <Button icon={isPaused ? "play" : "pause"} busy={isBusy} onClick={() => void change()}>
      {t(isPaused ? "runs.resume" : "runs.pause")}
    </Button>
  );
}

/** Where a conversation shows nothing more of a run because somebody paused it. */
export function PausedNote({ run }: { run: string }) {
  const { t } = useWords();
  const { me } = useAccount();
  const [isBusy, setBusy] = useState(false);
  const change = (work: Promise<unknown>, failed: Key) => {
    setBusy(true);
    work.catch(() => toast(t(failed))).finally(() => setBusy(false));
  };
  return (
    <div className="paused-note" role="group" aria-label={t("chat.paused")}>
      <Icon name="pause" />
      <p>{t("chat.paused")}</p>
      {atLeast(me.role, "member") && (
        <>
          <Button small icon="play" busy={isBusy} onClick={() => change(resumeRun(run), "runs.resume.failed")}>
            {t("runs.resume")}
          </Button>
          <Button small look="quiet" icon="stop" disabled={isBusy} onClick={() => change(stopRun(run), "runs.stop.failed")}>
            {t("chat.stop")}
          </Button>
        </>
      )}
    </div>
  );
}
