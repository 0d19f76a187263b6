import { FormEvent, useMemo, useState } from "react";
import { Connection, fillConnection } from "../../api/connections";
import { toast } from "../../app/toasts";
import { useConnectionWords } from "../../i18n/connections";
import { useWords } from "../../i18n/words";
import type { Json, JsonObject } from "../../model/events";
import { Entry, entryOf, fieldsFrom, SchemaField, valueOf } from "../../model/schema";
import { displayName } from "../Avatar";
import { Button } from "../Button";
import { Field } from "../Field";
import { SchemaFields } from "../schema/SchemaFields";
import { Fault } from "./Fault";
import { toldAbout } from "./told";
import { useSave } from "./useSave";

/** The values of a connection. A secret goes in and never comes back: its field is empty, and says whether it is filled. */
export function ConnectionForm({ connection, onChange }: { connection: Connection; onChange(connection: Connection): void }) {
  const words = useWords();
  const { t } = useConnectionWords();
  const saving = useSave();
  const name = displayName(connection.name);
  const open = useMemo(() => openFields(connection), [connection]);
  const secrets = connection.fields.filter(({ secret }) => secret);
  const [entries, setEntries] = useState<Record<string, Entry>>(() => Object.fromEntries(open.map((field) => [field.name, entryOf(field, valueIn(connection, field))])));
  const [hidden, setHidden] = useState<Record<string, string>>({});
  const [emptied, setEmptied] = useState<Record<string, boolean>>({});
  const { change, faults } = changeFrom(connection, open, entries, hidden, emptied, words.t("approval.badNumber"));
  const names = connection.fields.map((field) => field.name);
  const refused = Object.fromEntries(names.flatMap((field) => (toldAbout(field, saving.problem, words) ? [[field, toldAbout(field, saving.problem, words) as string]] : [])));
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const isSaved = await saving.run(async () => onChange(await fillConnection(connection.name, change)));
    if (!isSaved) return;
    setHidden({});
    setEmptied({});
    toast(t("saved", { name }));
  };
  return (
    <form className="form connection-form" aria-label={t("fields", { name })} noValidate autoComplete="off" onSubmit={(event) => void submit(event)}>
      <Fault problem={saving.problem} fields={names} />
      <SchemaFields fields={open} entries={entries} problems={{ ...refused, ...faults }} onChange={(field, entry) => setEntries({ ...entries, [field]: entry })} />
      {secrets.map((field) => (
        <Field key={field.name} label={titleOf(field.name, field.schema)} hint={field.filled ? t("kept") : descriptionOf(field.schema)} problem={refused[field.name]}>
          {(control) => (
            <>
              <input
                {...control}
                className="input"
                type="password"
                autoComplete="off"
                placeholder={field.filled && !emptied[field.name] ? "••••••••" : undefined}
                disabled={emptied[field.name]}
                value={hidden[field.name] ?? ""}
                onChange={(event) => setHidden({ ...hidden, [field.name]: event.target.value })}
              />
              {field.filled && (
                <label className="check">
                  <input
                    type="checkbox"
                    checked={emptied[field.name] ?? false}
                    onChange={(event) => {
                      setEmptied({ ...emptied, [field.name]: event.target.checked });
                      setHidden({ ...hidden, [field.name]: "" });
                    }}
                  />
                  {t("empty")}
                </label>
              )}
            </>
          )}
        </Field>
      ))}
      <div className="form-actions">
        <Button type="submit" look={connection.connected ? "secondary" : "primary"} busy={saving.isBusy} disabled={Object.keys(change).length === 0 || Object.keys(faults).length > 0}>
          {words.t("common.save")}
        </Button>
      </div>
    </form>
  );
}

const titleOf = (name: string, schema: JsonObject): string => (typeof schema.title === "string" ? schema.title : displayName(name));
const descriptionOf = (schema: JsonObject): string | undefined => (typeof schema.description === "string" ? schema.description : undefined);

/** Those that may be seen. */
function openFields({ fields }: Connection): SchemaField[] {
  const seen = fields.filter(({ secret }) => !secret);
  return fieldsFrom({ properties: Object.fromEntries(seen.map(({ name, schema }) => [name, schema])), required: seen.map(({ name }) => name) });
}

const valueIn = ({ fields }: Connection, { name, fallback }: SchemaField): Json | undefined => fields.find((field) => field.name === name)?.value ?? fallback;

/** Only what is different is sent; a secret that was left empty stays, and null takes one away. */
function changeFrom(
  connection: Connection,
  open: SchemaField[],
  entries: Record<string, Entry>,
  hidden: Record<string, string>,
  emptied: Record<string, boolean>,
  fault: string,
) {
  const change: JsonObject = {};
  const faults: Record<string, string> = {};
  for (const field of open) {
    const read = valueOf(field, entries[field.name] ?? "");
    const before: Json = connection.fields.find(({ name }) => name === field.name)?.value ?? null;
    if ("fault" in read) faults[field.name] = fault;
    else if (JSON.stringify(read.value) !== JSON.stringify(before)) change[field.name] = read.value;
  }
  for (const [name, value] of Object.entries(hidden)) if (value !== "") change[name] = value;
  for (const [name, isEmptied] of Object.entries(emptied)) if (isEmptied) change[name] = null;
  return { change, faults };
}
