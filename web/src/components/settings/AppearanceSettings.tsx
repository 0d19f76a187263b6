import { chooseLanguage, chooseTheme } from "../../app/account";
import { language, theme, Theme } from "../../app/preferences";
import { useStore } from "../../app/store";
import { useWords } from "../../i18n/words";
import { Segments } from "../Segments";
import { Section } from "./Section";

const themes: Theme[] = ["light", "dark", "system"];

export function AppearanceSettings() {
  const { t } = useWords();
  const chosen = useStore(theme);
  return (
    <>
      <Section title={t("common.language")} lead={t("settings.language.lead")}>
        <div>
          <Segments
            label={t("common.language")}
            value={useStore(language)}
            options={[
              { value: "en", label: "English" },
              { value: "pt-BR", label: "Português (Brasil)" },
            ]}
            onChange={chooseLanguage}
          />
        </div>
      </Section>
      <Section title={t("common.theme")} lead={t("settings.theme.lead")}>
        <div className="theme-cards" role="group" aria-label={t("common.theme")}>
          {themes.map((one) => (
            <button key={one} type="button" className="theme-card" aria-pressed={one === chosen} onClick={() => chooseTheme(one)}>
              <Miniature theme={one} />
              <span>{t(`common.theme.${one}`)}</span>
            </button>
          ))}
        </div>
      </Section>
    </>
  );
}

/** The page, very small: its paper, a sidebar, two lines. */
function Miniature({ theme: one }: { theme: Theme }) {
  return (
    <svg className="miniature" viewBox="0 0 160 96" aria-hidden="true">
      {one !== "dark" && <Page look="light" />}
      {one !== "light" && (
        <g className={one === "system" ? "half" : undefined}>
          <Page look="dark" />
        </g>
      )}
    </svg>
  );
}

function Page({ look }: { look: "light" | "dark" }) {
  return (
    <g className={`mini-${look}`}>
      <rect className="mini-bg" width="160" height="96" />
      <rect className="mini-side" width="44" height="96" />
      <rect className="mini-accent" x="8" y="9" width="10" height="10" rx="3" />
      <rect className="mini-line" x="8" y="28" width="28" height="4" rx="2" />
      <rect className="mini-line" x="8" y="38" width="20" height="4" rx="2" />
      <rect className="mini-bubble" x="94" y="14" width="54" height="14" rx="7" />
      <rect className="mini-ink" x="56" y="40" width="84" height="4" rx="2" />
      <rect className="mini-ink" x="56" y="50" width="64" height="4" rx="2" />
      <rect className="mini-card" x="56" y="68" width="92" height="18" rx="8" />
    </g>
  );
}
