import { useState } from "react";
import type { Approval } from "../api/types";
import { useAccount } from "../app/account";
import { useNow } from "../app/clock";
import { useAgentOf } from "../app/lookup";
import type { Paged } from "../app/load";
import { InboxCard } from "../components/inbox/InboxCard";
import { outcomeText } from "../components/inbox/Outcome";
import { useCardKeys } from "../components/inbox/useCardKeys";
import { useInbox } from "../components/inbox/useInbox";
import { Blank, Failure } from "../components/Blank";
import { Icon } from "../components/Icon";
import { Kbd } from "../components/Button";
import { CardSkeletons } from "../components/CardSkeletons";
import { More } from "../components/More";
import { SessionLink } from "../components/SessionLink";
import { PageHead } from "../components/shell/PageHead";
import { askedIn } from "../i18n/people";
import { useWords } from "../i18n/words";
import { ownerOf } from "../model/owner";
import { byUrgency, isOpen, withApproval } from "../model/approvals";

export default function ApprovalsPage() {
  const words = useWords();
  const { t, count } = words;
  const { me } = useAccount();
  const { waiting, decided } = useInbox();
  const [said, setSaid] = useState("");
  const now = useNow(10_000);
  useCardKeys(waiting.state === "ready");
  const open = waiting.items.filter((item) => isOpen(item, now)).length;
  const change = (approval: Approval) => {
    waiting.change((items) => withApproval(items, approval));
    setSaid(outcomeText(approval, me.id, words));
  };
  const shown = new Set(waiting.items.map((item) => item.id));
  const past = decided.items.filter((item) => item.state !== "requested" && !shown.has(item.id));
  return (
    <>
      <PageHead title={t("shell.approvals")} focus actions={open > 0 && <Keys />}>
        {open > 0 && <span className="badge">{count("shell.approvals.waiting", open)}</span>}
      </PageHead>
      <div className="page">
        <div className="page-column approvals">
          <Waiting list={waiting} onChange={change} />
          {past.length > 0 && <Decided list={decided} items={past} onChange={change} />}
        </div>
        <p className="visually-hidden" role="status">
          {said}
        </p>
      </div>
    </>
  );
}

function Waiting({ list, onChange }: { list: Paged<Approval>; onChange(approval: Approval): void }) {
  const { t } = useWords();
  if (list.state === "loading") return <CardSkeletons />;
  if (list.state === "failed" && list.items.length === 0 && list.problem) {
    return (
      <div className="card">
        <Failure title={t("approvals.failed")} problem={list.problem} onRetry={list.reload} />
      </div>
    );
  }
  if (list.items.length === 0) {
    return (
      <div className="card">
        <Blank icon="shield" title={t("approvals.none.title")}>
          {t("approvals.none.text")}
        </Blank>
      </div>
    );
  }
  return (
    <section aria-label={t("approvals.waiting")}>
      <h2 className="visually-hidden">{t("approvals.waiting")}</h2>
      <Cards items={[...list.items].sort(byUrgency)} onChange={onChange} />
      <More list={list} />
    </section>
  );
}

function Decided({ list, items, onChange }: { list: Paged<Approval>; items: Approval[]; onChange(approval: Approval): void }) {
  const { t } = useWords();
  return (
    <section aria-label={t("approvals.decided")}>
      <h2 className="section-title">{t("approvals.decided")}</h2>
      <Cards items={items} onChange={onChange} />
      <More list={list} />
    </section>
  );
}

function Cards({ items, onChange }: { items: Approval[]; onChange(approval: Approval): void }) {
  return (
    <ul className="inbox-list">
      {items.map((approval) => (
        <li key={approval.id}>
          <Card approval={approval} onChange={onChange} />
        </li>
      ))}
    </ul>
  );
}

function Card({ approval, onChange }: { approval: Approval; onChange(approval: Approval): void }) {
  const agent = useAgentOf(approval.run_id, approval.agent);
  const words = useWords();
  const { me } = useAccount();
  const owner = ownerOf(approval, me.id);
  const origin = (
    <>
      {owner && (
        <span className="with-icon">
          <Icon name={owner.kind === "key" ? "key" : "user"} size={14} />
          {askedIn(owner, words)}
        </span>
      )}
      <SessionLink session={approval.session_id} title={approval.session_title} />
    </>
  );
  return <InboxCard approval={approval} agent={agent} origin={origin} onChange={onChange} />;
}

function Keys() {
  const { t } = useWords();
  return (
    <p className="key-hints" aria-label={t("approvals.keys")}>
      <Kbd>J</Kbd>
      <Kbd>K</Kbd>
      <span>{t("approvals.keys.move")}</span>
    </p>
  );
}
