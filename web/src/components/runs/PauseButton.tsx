import { useState } from "react";
import { pauseRun, resumeRun } from "../../api/runs";
import type { Run } from "../../api/types";
import { toast } from "../../app/toasts";
import { useWords } from "../../i18n/words";
import { isEnded } from "../../model/runs";
import { Button } from "../Button";

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
  const [isBusy, setBusy] = useState(false);
  const resume = () => {
    setBusy(true);
    resumeRun(run)
      .catch(() => toast(t("runs.resume.failed")))
      .finally(() => setBusy(false));
  };
  return (
    <div className="turn-note">
      {t("chat.paused")}{" "}
      <Button small look="quiet" icon="play" busy={isBusy} onClick={resume}>
        {t("runs.resume")}
      </Button>
    </div>
  );
}
