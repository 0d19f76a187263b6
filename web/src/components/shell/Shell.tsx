import { ReactNode, useEffect } from "react";
import { drawer } from "../../app/drawer";
import { useStore } from "../../app/store";
import { useRoute } from "../../app/router";
import { useWords } from "../../i18n/words";
import { Sidebar } from "./Sidebar";
import { useShortcuts } from "./useShortcuts";

/** The frame of every page: sidebar (a drawer in narrow windows) and the page itself. */
export function Shell({ children }: { children: ReactNode }) {
  const { t } = useWords();
  const isOpen = useStore(drawer);
  const route = useRoute();
  useShortcuts();
  useEffect(() => drawer.set(false), [route]);
  useEffect(() => {
    if (!isOpen) return undefined;
    const close = (event: KeyboardEvent) => event.key === "Escape" && drawer.set(false);
    addEventListener("keydown", close);
    document.querySelector<HTMLElement>(".sidebar a, .sidebar button")?.focus();
    return () => removeEventListener("keydown", close);
  }, [isOpen]);
  return (
    <div className={`shell ${isOpen ? "drawer-open" : ""}`}>
      <a className="skip" href="#content">
        {t("shell.skip")}
      </a>
      <Sidebar />
      <button type="button" className="drawer-backdrop" aria-label={t("shell.menu.close")} tabIndex={-1} onClick={() => drawer.set(false)} />
      <main id="content" className="main" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}
