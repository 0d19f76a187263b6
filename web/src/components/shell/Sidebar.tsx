import { ReactNode, useEffect, useRef } from "react";
import { atLeast } from "../../api/types";
import { useAccount } from "../../app/account";
import { readInbox, waitingApprovals } from "../../app/inbox";
import { commandKey } from "../../app/keys";
import { Link } from "../../app/Link";
import { paths, Route, useRoute } from "../../app/router";
import { readSessions } from "../../app/sessionList";
import { useStore } from "../../app/store";
import { useWords } from "../../i18n/words";
import { Kbd } from "../Button";
import { Icon, IconName, Mark } from "../Icon";
import { AccountMenu } from "./AccountMenu";
import { SessionList } from "./SessionList";

export function Sidebar() {
  const { t, count } = useWords();
  const route = useRoute();
  const waiting = useStore(waitingApprovals).size;
  const chat = useLastChat(route);
  const isBuilder = atLeast(useAccount().me.role, "builder");
  useEffect(() => {
    void readSessions();
    void readInbox();
  }, []);
  return (
    <aside className="sidebar">
      <Link className="brand" href={paths.home}>
        <Mark />
        <span>Batuta</span>
      </Link>
      <Link className="new-chat" href={paths.home}>
        <Icon name="plus" />
        <span>{t("shell.newChat")}</span>
        <span className="end">
          <Kbd>{commandKey}</Kbd>
          <Kbd>J</Kbd>
        </span>
      </Link>
      <nav aria-label={t("shell.nav")} className="nav">
        <NavLink icon="chat" href={chat} label={t("shell.chat")} isHere={route.page === "chat"} />
        <NavLink icon="shield" href={paths.approvals} label={t("shell.approvals")} isHere={route.page === "approvals"}>
          {waiting > 0 && (
            <span className="badge end" aria-label={count("shell.approvals.waiting", waiting)}>
              {waiting > 99 ? "99+" : waiting}
            </span>
          )}
        </NavLink>
        <NavLink icon="runs" href={paths.runs} label={t("shell.runs")} isHere={route.page === "runs" || route.page === "run"} />
        <NavLink icon="chart" href={paths.usage} label={t("shell.usage")} isHere={route.page === "usage"} />
        {isBuilder && <NavLink icon="edit" href={paths.prompts} label={t("shell.prompts")} isHere={route.page === "prompts"} />}
        <NavLink icon="thought" href={paths.memory} label={t("shell.memory")} isHere={route.page === "memory"} />
        <NavLink icon="settings" href={paths.settings("profile")} label={t("shell.settings")} isHere={route.page === "settings"} />
      </nav>
      <SessionList here={route.page === "chat" ? route.session : null} />
      <AccountMenu />
    </aside>
  );
}

/** From another page, "Chat" goes back to the conversation that was open. */
function useLastChat(route: Route): string {
  const last = useRef(paths.home);
  if (route.page === "chat") last.current = route.session === null ? paths.home : paths.session(route.session);
  return last.current;
}

interface NavLinkProps {
  icon: IconName;
  href: string;
  label: string;
  isHere: boolean;
  children?: ReactNode;
}

function NavLink({ icon, href, label, isHere, children }: NavLinkProps) {
  return (
    <Link href={href} className="nav-link" aria-current={isHere ? "page" : undefined}>
      <Icon name={icon} />
      <span>{label}</span>
      {children}
    </Link>
  );
}
