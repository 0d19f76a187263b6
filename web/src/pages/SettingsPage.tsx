import { lazy, Suspense, useEffect, useRef } from "react";
import { getSettings } from "../api/settings";
import { atLeast } from "../api/types";
import { useAccount } from "../app/account";
import { Link } from "../app/Link";
import { useResource } from "../app/load";
import { adminSections, paths, SettingsSection, settingsSections } from "../app/router";
import { Blank, Skeletons } from "../components/Blank";
import { Icon, IconName } from "../components/Icon";
import { AppearanceSettings } from "../components/settings/AppearanceSettings";
import { KeysSettings } from "../components/settings/KeysSettings";
import { ModelsSettings } from "../components/settings/ModelsSettings";
import { PeopleSettings } from "../components/settings/PeopleSettings";
import { ProfileSettings } from "../components/settings/ProfileSettings";
import { ProjectProblems } from "../components/settings/ProjectProblems";
import { PageHead } from "../components/shell/PageHead";
import "../i18n/login";
import "../i18n/settings";
import { useWords } from "../i18n/words";

const ConnectionsSettings = lazy(() => import("../components/settings/ConnectionsSettings"));
const JobsSettings = lazy(() => import("../components/settings/JobsSettings"));
const icons: Record<SettingsSection, IconName> = { profile: "user", connections: "plug", people: "users", keys: "key", models: "bolt", jobs: "clock", appearance: "sun" };

export default function SettingsPage({ section }: { section: SettingsSection }) {
  const { t } = useWords();
  const { me } = useAccount();
  const isAdmin = atLeast(me.role, "admin");
  return (
    <>
      <PageHead title={t("shell.settings")} focus />
      <div className="page">
        <div className="settings">
          <SettingsNav section={section} isAdmin={isAdmin} />
          <div className="settings-body">
            {isAdmin ? <ForAdmin section={section} /> : adminSections.includes(section) ? <NotForYou /> : <Own section={section} />}
          </div>
        </div>
      </div>
    </>
  );
}

function SettingsNav({ section, isAdmin }: { section: SettingsSection; isAdmin: boolean }) {
  const { t } = useWords();
  const nav = useRef<HTMLElement>(null);
  // In braces: newer browsers give a promise back, which React would call as the effect's end.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [section]);
  return (
    <nav ref={nav} className="settings-nav" aria-label={t("shell.settings")}>
      {settingsSections
        .filter((one) => isAdmin || !adminSections.includes(one))
        .map((one) => (
          <Link key={one} href={paths.settings(one)} className="nav-link" aria-current={one === section ? "page" : undefined}>
            <Icon name={icons[one]} />
            <span>{t(`settings.nav.${one}`)}</span>
          </Link>
        ))}
    </nav>
  );
}

function ForAdmin({ section }: { section: SettingsSection }) {
  const settings = useResource("settings", () => getSettings());
  return (
    <>
      {settings.now.state === "ready" && <ProjectProblems settings={settings.now.value} />}
      {section === "people" && <PeopleSettings />}
      {section === "keys" && <KeysSettings />}
      {section === "models" && <ModelsSettings settings={settings} />}
      {section === "jobs" && (
        <Suspense fallback={<Skeletons />}>
          <JobsSettings />
        </Suspense>
      )}
      <Own section={section} />
    </>
  );
}

function Own({ section }: { section: SettingsSection }) {
  if (section === "profile") return <ProfileSettings />;
  if (section === "connections") {
    return (
      <Suspense fallback={<Skeletons />}>
        <ConnectionsSettings />
      </Suspense>
    );
  }
  return section === "appearance" ? <AppearanceSettings /> : null;
}

function NotForYou() {
  const { t } = useWords();
  return (
    <div className="card">
      <Blank icon="shield" title={t("settings.forbidden.title")}>
        {t("settings.forbidden.text")}
      </Blank>
    </div>
  );
}
