import { useEffect, useId, useMemo, useState } from "react";
import { chooseLanguage, chooseTheme, useAccount } from "../../app/account";
import { connecting, palette } from "../../app/drawer";
import { language, theme as chosenTheme, Theme } from "../../app/preferences";
import { adminSections, navigate, paths, settingsSections } from "../../app/router";
import { sessionList } from "../../app/sessionList";
import { useStore } from "../../app/store";
import { listSessions } from "../../api/sessions";
import { atLeast, Role, Session } from "../../api/types";
import { useWords, Words } from "../../i18n/words";
import { useModal } from "../Dialog";
import { Icon, IconName } from "../Icon";

interface Command {
  id: string;
  group: string;
  label: string;
  icon: IconName;
  /** It is chosen already. */
  isNow?: boolean;
  run(): void;
}

/** Ctrl/Cmd-K: every page, conversation and action from the keyboard. */
export function Palette() {
  return useStore(palette) ? <PaletteDialog /> : null;
}

function PaletteDialog() {
  const words = useWords();
  const { t } = words;
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const listId = useId();
  const close = () => palette.set(false);
  const ref = useModal(close);
  const { role } = useAccount().me;
  const theme = useStore(chosenTheme);
  const sessions = useFoundSessions(query.trim());
  const commands = useMemo(() => matching(query, sessions, words, role, theme), [query, sessions, words, role, theme]);
  useEffect(() => setAt(0), [query]);
  useEffect(() => {
    // Newer browsers answer with a promise, which is no cleanup.
    void document.getElementById(`${listId}-${at}`)?.scrollIntoView({ block: "nearest" });
  }, [at, listId]);
  const run = (command: Command | undefined) => {
    if (!command) return;
    close();
    command.run();
  };
  const press = (event: React.KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: commands.length - 1 }[event.key];
    if (step !== undefined) setAt((at + step) % Math.max(1, commands.length));
    else if (event.key === "Enter" && !event.nativeEvent.isComposing) run(commands[at]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={ref} className="dialog palette" aria-label={t("shell.palette")}>
      <div className="palette-input">
        <Icon name="search" />
        <input
          autoFocus
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={commands.length > 0 ? `${listId}-${at}` : undefined}
          aria-label={t("shell.palette")}
          placeholder={t("shell.palette.placeholder")}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={press}
        />
      </div>
      <div className="palette-list" id={listId} role="listbox" aria-label={t("shell.palette")}>
        {commands.map((command, index) => (
          <div key={command.id} role="presentation">
            {command.group !== commands[index - 1]?.group && <h3 role="presentation">{command.group}</h3>}
            <button
              type="button"
              tabIndex={-1}
              role="option"
              id={`${listId}-${index}`}
              aria-selected={index === at}
              className="menu-item"
              onMouseMove={() => setAt(index)}
              onClick={() => run(command)}
            >
              <Icon name={command.icon} />
              <span>{command.label}</span>
              {command.isNow && (
                <>
                  <span className="visually-hidden">({t("shell.palette.now")})</span>
                  <Icon name="check" />
                </>
              )}
            </button>
          </div>
        ))}
        {commands.length === 0 && <p className="palette-none">{t("shell.palette.none", { query })}</p>}
      </div>
    </dialog>
  );
}

/** What is in the list already, at once; what the server finds, a moment later. */
function useFoundSessions(query: string): Session[] {
  const known = useStore(sessionList).items;
  const [found, setFound] = useState<Session[]>([]);
  useEffect(() => {
    setFound([]);
    if (query.length < 2) return undefined;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      listSessions({ q: query, limit: 8 }, abort.signal).then(
        (page) => setFound(page.data),
        () => undefined,
      );
    }, 150);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query]);
  return useMemo(() => [...new Map([...known, ...found].map((session) => [session.id, session])).values()], [known, found]);
}

const plain = (text: string) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();

function matching(query: string, sessions: Session[], words: Words, role: Role, theme: Theme): Command[] {
  const wanted = plain(query.trim()).split(/\s+/);
  const fits = (label: string) => wanted.every((word) => plain(label).includes(word));
  const titled = sessions.filter((session) => session.title && fits(session.title)).slice(0, 8);
  const others = [...actions(words, theme), ...pages(words, atLeast(role, "builder")), ...sections(words, atLeast(role, "admin"))].filter((command) => fits(command.label));
  return [...others, ...titled.map((session) => sessionCommand(session, words))];
}

function sessionCommand(session: Session, { t }: Words): Command {
  const label = session.title ?? t("shell.untitled");
  return { id: session.id, group: t("shell.sessions"), label, icon: "chat", run: () => navigate(paths.session(session.id)) };
}

function actions({ t }: Words, now: Theme): Command[] {
  const group = t("shell.palette.actions");
  const themes: [Theme, IconName][] = [["light", "sun"], ["dark", "moon"], ["system", "system"]];
  return [
    { id: "new", group, label: t("shell.newChat"), icon: "plus", run: () => navigate(paths.home) },
    { id: "connect", group, label: t("shell.palette.connect"), icon: "plug", run: () => connecting.set(true) },
    ...themes.map(([theme, icon]): Command => {
      const label = t("shell.palette.theme", { name: t(`common.theme.${theme}`) });
      return { id: theme, group, label, icon, isNow: theme === now, run: () => chooseTheme(theme) };
    }),
    {
      id: "language",
      group,
      label: t("shell.palette.language"),
      icon: "globe",
      run: () => chooseLanguage(language.get() === "en" ? "pt-BR" : "en"),
    },
  ];
}

function pages({ t }: Words, isBuilder: boolean): Command[] {
  const group = t("shell.palette.pages");
  return [
    { id: "approvals", group, label: t("shell.approvals"), icon: "shield", run: () => navigate(paths.approvals) },
    { id: "runs", group, label: t("shell.runs"), icon: "runs", run: () => navigate(paths.runs) },
    { id: "usage", group, label: t("shell.usage"), icon: "chart", run: () => navigate(paths.usage) },
    ...(isBuilder ? [{ id: "prompts", group, label: t("shell.prompts"), icon: "edit" as const, run: () => navigate(paths.prompts) }] : []),
    { id: "memory", group, label: t("shell.memory"), icon: "thought", run: () => navigate(paths.memory) },
    { id: "settings", group, label: t("shell.settings"), icon: "settings", run: () => navigate(paths.settings("profile")) },
  ];
}

/** Each section of the settings, under its own name. */
function sections({ t }: Words, isAdmin: boolean): Command[] {
  return settingsSections
    .filter((section) => isAdmin || !adminSections.includes(section))
    .map((section) => ({
      id: `settings-${section}`,
      group: t("shell.settings"),
      label: t(`settings.nav.${section}`),
      icon: "settings",
      run: () => navigate(paths.settings(section)),
    }));
}
