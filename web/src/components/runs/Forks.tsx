import { useState } from "react";
import { forkRun } from "../../api/runs";
import { getSession } from "../../api/sessions";
import type { Span } from "../../api/types";
import { useResource } from "../../app/load";
import { Link } from "../../app/Link";
import { navigate, paths } from "../../app/router";
import { toast } from "../../app/toasts";
import { useWords } from "../../i18n/words";
import { Button } from "../Button";
import { Notice } from "../Notice";

/** Begins a conversation with what the run did up to the end of a span, and goes there. */
export function ForkButton({ run, span }: { run: string; span: Span }) {
  const { t } = useWords();
  const [isBusy, setBusy] = useState(false);
  const event = span.event;
  if (event === undefined || span.kind === "run" || span.kind === "queue") return null;
  const fork = async () => {
    setBusy(true);
    try {
      const { run_id } = await forkRun(run, event);
      navigate(paths.run(run_id));
    } catch {
      toast(t("runs.fork.failed"));
    }
    setBusy(false);
  };
  return (
    <Button small icon="fork" busy={isBusy} onClick={() => void fork()} title={t("runs.fork.hint")}>
      {t("runs.fork")}
    </Button>
  );
}

/** Where the conversation of a run was forked from; nothing for nearly all. */
export function ForkOrigin({ session }: { session: string }) {
  const { t, format } = useWords();
  const { now } = useResource(session, (signal) => getSession(session, signal));
  const origin = now.state === "ready" ? now.value.forked_from : null;
  if (!origin) return null;
  return (
    <Notice>
      {t("runs.forked", { event: format.number(origin.event) })}{" "}
      <Link className="text-link" href={paths.run(origin.run_id)}>
        {t("runs.forked.link")}
      </Link>
    </Notice>
  );
}
