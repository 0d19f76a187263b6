import { useState } from "react";
import { Problem } from "../../api/http";
import { changePerson } from "../../api/people";
import { atLeast, Person, Role } from "../../api/types";
import { useAccount } from "../../app/account";
import { toast } from "../../app/toasts";
import { useWords, Words } from "../../i18n/words";
import { IconButton } from "../Button";
import { Menu } from "../Menu";
import { Confirm } from "./Confirm";
import { RoleSelect } from "./RoleSelect";
import { SignInLink } from "./SignInLink";
import { told } from "./told";

export const personName = (person: { name: string | null; email: string | null }, { t }: Words): string =>
  person.name ?? person.email ?? t("people.local.name");

export function PersonRow({ person, onChange }: { person: Person; onChange(person: Person): void }) {
  const words = useWords();
  const { t, format } = words;
  const { me } = useAccount();
  const [open, setOpen] = useState<"link" | "disable" | null>(null);
  const name = personName(person, words);
  const isMe = person.id === me.id;
  const mayTouch = atLeast(me.role, person.role);
  const set = async (change: { role?: Role; disabled?: boolean }) => onChange(await changePerson(person.id, change));
  const giveRole = (role: Role) => void set({ role }).catch((error) => toast(told(Problem.of(error), words)));
  const enable = () => void set({ disabled: false }).catch((error) => toast(told(Problem.of(error), words)));
  const seen = person.last_seen_at ? t("settings.people.seen", { when: format.relative(person.last_seen_at) }) : t("settings.people.neverSeen");
  return (
    <li className={`row person ${person.disabled ? "off" : ""}`}>
      <span className="account-face" aria-hidden="true">
        {name.charAt(0).toUpperCase()}
      </span>
      <div className="row-text">
        <p className="row-title">
          <span className="clip">{name}</span>
          {isMe && <span className="mark">{t("people.you.name")}</span>}
          {person.disabled && <span className="mark">{t("settings.people.disabled")}</span>}
        </p>
        <p className="row-meta">{[person.name ? person.email : null, seen].filter(Boolean).join(" · ")}</p>
      </div>
      {isMe || !mayTouch || person.disabled ? (
        <span className="row-end role">{t(`role.${person.role}`)}</span>
      ) : (
        <RoleSelect className="role" aria-label={t("settings.people.roleOf", { name })} value={person.role} onChange={giveRole} />
      )}
      {mayTouch && (
        <Menu
          label={t("settings.people.actions", { name })}
          items={[
            ...(person.disabled ? [] : [{ label: t("settings.link.make"), icon: "key" as const, onSelect: () => setOpen("link") }]),
            ...(isMe ? [] : [person.disabled ? { label: t("settings.people.enable"), icon: "check" as const, onSelect: enable } : { label: t("settings.people.disable"), icon: "close" as const, danger: true, onSelect: () => setOpen("disable") }]),
          ]}
          trigger={(props) => <IconButton {...props} icon="more" label={t("settings.people.actions", { name })} />}
        />
      )}
      {open === "link" && <SignInLink person={person} onClose={() => setOpen(null)} />}
      {open === "disable" && (
        <Confirm title={t("settings.people.disable.title", { name })} action={t("settings.people.disable")} onConfirm={() => set({ disabled: true })} onClose={() => setOpen(null)}>
          {t("settings.people.disable.text")}
        </Confirm>
      )}
    </li>
  );
}
