import { useEffect, useState } from "react";
import { forgetAll, forgetMemory, listMemories, listNamespaces, Memory, MemoryFilter } from "../api/memories";
import { atLeast } from "../api/types";
import { useAccount } from "../app/account";
import { Paged, usePaged, useResource } from "../app/load";
import { toast } from "../app/toasts";
import { Blank, Failure, Skeletons } from "../components/Blank";
import { Button } from "../components/Button";
import { EditMemory } from "../components/memory/EditMemory";
import { MemoryRow } from "../components/memory/MemoryRow";
import { More } from "../components/More";
import { Confirm } from "../components/settings/Confirm";
import { PageHead } from "../components/shell/PageHead";
import { useMemoryWords } from "../i18n/memory";
import { useWords } from "../i18n/words";

type Open = { kind: "edit" | "forget"; memory: Memory } | { kind: "all" } | null;

/** What is known of the reader: to be found, corrected and forgotten. */
export default function MemoryPage() {
  const { t: shell } = useWords();
  const { t } = useMemoryWords();
  const canChange = atLeast(useAccount().me.role, "member");
  const [filter, setFilter] = useState<MemoryFilter>({ q: "", namespace: "" });
  const [open, setOpen] = useState<Open>(null);
  const wanted = useLater(filter);
  const list = usePaged<Memory>(`memories ${JSON.stringify(wanted)}`, (cursor, signal) => listMemories(wanted, cursor, signal));
  const clear = canChange && list.items.length > 0 && (
    <Button look="danger" icon="trash" onClick={() => setOpen({ kind: "all" })}>
      {t("all")}
    </Button>
  );
  return (
    <>
      <PageHead title={shell("shell.memory")} focus actions={clear} />
      <div className="page">
        <div className="page-column">
          <p className="page-lead">{t("lead")}</p>
          <Filters filter={filter} count={list.items.length} onChange={setFilter} />
          <div className="card">
            <Rows list={list} isFiltered={wanted.q !== "" || wanted.namespace !== ""} canChange={canChange} onOpen={setOpen} onClear={() => setFilter({ q: "", namespace: "" })} />
          </div>
          <More list={list} />
        </div>
      </div>
      <Dialogs open={open} namespace={filter.namespace} list={list} onClose={() => setOpen(null)} />
    </>
  );
}

/** The filter, a moment after the last key. */
function useLater(filter: MemoryFilter): MemoryFilter {
  const [later, setLater] = useState(filter);
  useEffect(() => {
    const timer = setTimeout(() => setLater(filter), 200);
    return () => clearTimeout(timer);
  }, [filter]);
  return later;
}

function Filters({ filter, count, onChange }: { filter: MemoryFilter; count: number; onChange(filter: MemoryFilter): void }) {
  const { t, format } = useMemoryWords();
  const { now, reload } = useResource("namespaces", listNamespaces);
  useEffect(() => reload(), [count, reload]);
  const areas = now.state === "ready" ? now.value.data : [];
  return (
    <div className="filters" role="search">
      <input className="input search-input" type="search" aria-label={t("search")} placeholder={t("placeholder")} value={filter.q} onChange={(event) => onChange({ ...filter, q: event.target.value })} />
      <select className="input" aria-label={t("namespace")} value={filter.namespace} onChange={(event) => onChange({ ...filter, namespace: event.target.value })}>
        <option value="">{t("namespace.any")}</option>
        {areas.map((area) => (
          <option key={area.namespace} value={area.namespace}>
            {area.namespace} ({format.number(area.count)})
          </option>
        ))}
      </select>
    </div>
  );
}

interface RowsProps {
  list: Paged<Memory>;
  isFiltered: boolean;
  canChange: boolean;
  onOpen(open: Open): void;
  onClear(): void;
}

function Rows({ list, isFiltered, canChange, onOpen, onClear }: RowsProps) {
  const { t } = useMemoryWords();
  if (list.state === "loading") return <Skeletons />;
  if (list.items.length > 0) {
    return (
      <ul className="rows" aria-label={t("list")}>
        {list.items.map((memory) => (
          <MemoryRow key={memory.id} memory={memory} canChange={canChange} onEdit={() => onOpen({ kind: "edit", memory })} onForget={() => onOpen({ kind: "forget", memory })} />
        ))}
      </ul>
    );
  }
  if (list.problem) return <Failure title={t("failed")} problem={list.problem} onRetry={list.reload} />;
  if (isFiltered) return <Blank icon="search" title={t("none.found")} action={<Button onClick={onClear}>{t("clear")}</Button>} />;
  return (
    <Blank icon="thought" title={t("none")}>
      {t("none.text")}
    </Blank>
  );
}

function Dialogs({ open, namespace, list, onClose }: { open: Open; namespace: string; list: Paged<Memory>; onClose(): void }) {
  const { t, format } = useMemoryWords();
  if (open === null) return null;
  if (open.kind === "edit") {
    const change = (memory: Memory) => {
      list.change((items) => items.map((item) => (item.id === memory.id ? memory : item)));
      toast(t("saved"));
    };
    return <EditMemory memory={open.memory} onSaved={change} onClose={onClose} />;
  }
  if (open.kind === "forget") {
    const { id, fact } = open.memory;
    const forget = async () => {
      await forgetMemory(id);
      list.change((items) => items.filter((item) => item.id !== id));
      toast(t("forgotten"));
    };
    return (
      <Confirm title={t("forget.title")} action={t("forget.action")} onConfirm={forget} onClose={onClose}>
        {t("forget.text", { fact })}
      </Confirm>
    );
  }
  const forgetThem = async () => {
    const { deleted } = await forgetAll(namespace);
    list.change(() => []);
    list.reload();
    toast(t(deleted === 1 ? "all.done.one" : "all.done.other", { count: format.number(deleted) }));
  };
  return (
    <Confirm title={namespace ? t("all.title.in", { namespace }) : t("all.title")} action={t("all.action")} onConfirm={forgetThem} onClose={onClose}>
      {t(namespace ? "all.text.in" : "all.text")}
    </Confirm>
  );
}
