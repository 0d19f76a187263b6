import { useState } from "react";
import { listPeople } from "../../api/people";
import type { Person } from "../../api/types";
import { usePaged } from "../../app/load";
import { useWords } from "../../i18n/words";
import { Failure, Skeletons } from "../Blank";
import { Button } from "../Button";
import { More } from "../More";
import { AddPerson } from "./AddPerson";
import { PersonRow } from "./PersonRow";
import { Section } from "./Section";

export function PeopleSettings() {
  const { t } = useWords();
  const list = usePaged<Person>("people", listPeople);
  const [isAdding, setAdding] = useState(false);
  const change = (person: Person) => list.change((items) => items.map((item) => (item.id === person.id ? person : item)));
  const add = (person: Person) => list.change((items) => [person, ...items]);
  return (
    <Section
      title={t("settings.people")}
      lead={t("settings.people.lead")}
      action={
        <Button look="primary" icon="plus" onClick={() => setAdding(true)}>
          {t("settings.people.add")}
        </Button>
      }
    >
      <div className="card">
        {list.state === "loading" && <Skeletons />}
        {list.problem && list.items.length === 0 && <Failure problem={list.problem} onRetry={list.reload} />}
        <ul className="rows">
          {list.items.map((person) => (
            <PersonRow key={person.id} person={person} onChange={change} />
          ))}
        </ul>
      </div>
      <More list={list} />
      {isAdding && <AddPerson onAdded={add} onClose={() => setAdding(false)} />}
    </Section>
  );
}
