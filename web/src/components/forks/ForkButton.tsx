import { lazy, Suspense, useState } from "react";
import { atLeast, Span } from "../../api/types";
import { useAccount } from "../../app/account";
import { useForkWords } from "../../i18n/forks";
import { Button } from "../Button";

const ForkDialog = lazy(() => import("./ForkDialog"));

interface ForkButtonProps {
  run: string;
  session: string;
  spans: Span[];
  /** The span at whose end the fork begins; without, that is chosen first. */
  span?: Span;
  className?: string;
}

/** Opens the dialog that forks a run, for whoever may start one. */
export function ForkButton({ run, session, spans, span, className }: ForkButtonProps) {
  const { t } = useForkWords();
  const { me } = useAccount();
  const [open, setOpen] = useState<string | null>(null);
  const place = span?.id ?? run;
  if (!atLeast(me.role, "member") || (span && !isMoment(span))) return null;
  return (
    <>
      <Button small={span !== undefined} icon="fork" className={className} onClick={() => setOpen(place)} title={t("hint")}>
        {t(span ? "here" : "fork")}
      </Button>
      {open === place && (
        <Suspense fallback={null}>
          <ForkDialog run={run} session={session} moments={spans.filter(isMoment)} at={span} onClose={() => setOpen(null)} />
        </Suspense>
      )}
    </>
  );
}

/** A part of the run itself that stands in its log. */
const isMoment = ({ kind, event, run_id }: Span): boolean => event !== undefined && run_id === undefined && kind !== "run" && kind !== "queue";
