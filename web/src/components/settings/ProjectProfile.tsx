import { FormEvent, useMemo, useState } from "react";
import { changeProfile, getProfile, Profile } from "../../api/profile";
import { useResource } from "../../app/load";
import { toast } from "../../app/toasts";
import type { Json, JsonObject } from "../../model/events";
import { Entry, entryOf, fieldsFrom, SchemaField, valueOf } from "../../model/schema";
import { useWords, Words } from "../../i18n/words";
import { Failure, Skeletons } from "../Blank";
import { Button } from "../Button";
import { SchemaFields } from "../schema/SchemaFields";
import { Fault } from "./Fault";
import { Section } from "./Section";
import { useSave } from "./useSave";

/** The project's own questions about its users; no section when it asks nothing. */
export function ProjectProfile() {
  const { t } = useWords();
  const { now, reload, set } = useResource("profile", getProfile);
  if (now.state === "ready" && now.value.schema === null) return null;
  return (
    <Section title={t("settings.profile.project")} lead={t("settings.profile.project.lead")}>
      {now.state === "loading" && (
        <div className="card">
          <Skeletons count={3} />
        </div>
      )}
      {now.state === "failed" && (
        <div className="card">
          <Failure problem={now.problem} onRetry={reload} />
        </div>
      )}
      {now.state === "ready" && now.value.schema && <ProfileForm schema={now.value.schema} profile={now.value.profile} onSaved={set} />}
    </Section>
  );
}

function ProfileForm({ schema, profile, onSaved }: { schema: JsonObject; profile: JsonObject; onSaved(profile: Profile): void }) {
  const words = useWords();
  const { t } = words;
  const saving = useSave();
  const fields = useMemo(() => fieldsFrom(schema), [schema]);
  const [entries, setEntries] = useState<Record<string, Entry>>(() => entriesOf(fields, profile));
  const { change, faults } = changeFrom(fields, entries, profile, words);
  const names = fields.map((field) => field.name);
  const refused = Object.fromEntries(names.flatMap((name) => (saving.problem?.about(name) ? [[name, saving.problem.about(name) as string]] : [])));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (Object.keys(faults).length > 0) return;
    const isSaved = await saving.run(async () => onSaved(await changeProfile(change)));
    if (isSaved) toast(t("settings.saved"));
  };
  return (
    <form className="card card-pad form" noValidate onSubmit={(event) => void submit(event)}>
      <Fault problem={saving.problem} fields={names} />
      <SchemaFields fields={fields} entries={entries} problems={{ ...refused, ...faults }} onChange={(name, entry) => setEntries({ ...entries, [name]: entry })} />
      <div className="form-actions">
        <Button type="submit" look="primary" busy={saving.isBusy} disabled={Object.keys(change).length === 0 || Object.keys(faults).length > 0}>
          {t("common.save")}
        </Button>
      </div>
    </form>
  );
}

const entriesOf = (fields: SchemaField[], profile: JsonObject): Record<string, Entry> =>
  Object.fromEntries(fields.map((field) => [field.name, entryOf(field, profile[field.name])]));

/** Only what is different is sent; a field that was emptied is taken back. */
function changeFrom(fields: SchemaField[], entries: Record<string, Entry>, profile: JsonObject, { t }: Words) {
  const change: JsonObject = {};
  const faults: Record<string, string> = {};
  for (const field of fields) {
    const read = valueOf(field, entries[field.name] ?? "");
    const before: Json = profile[field.name] ?? null;
    if ("fault" in read) faults[field.name] = t(read.fault === "json" ? "approval.badJson" : "approval.badNumber");
    else if (JSON.stringify(read.value) !== JSON.stringify(before)) change[field.name] = read.value;
  }
  return { change, faults };
}
