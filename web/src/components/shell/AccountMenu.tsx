import { chooseLanguage, chooseTheme, signOut, useAccount } from "../../app/account";
import { language, theme, Theme } from "../../app/preferences";
import { useStore } from "../../app/store";
import { useWords } from "../../i18n/words";
import { Icon, IconName } from "../Icon";
import { Menu } from "../Menu";

const nextTheme: Record<Theme, Theme> = { light: "dark", dark: "system", system: "light" };
const themeIcon: Record<Theme, IconName> = { light: "sun", dark: "moon", system: "system" };

export function AccountMenu() {
  const { t } = useWords();
  const { me } = useAccount();
  const now = useStore(theme);
  const other = useStore(language) === "en" ? "pt-BR" : "en";
  const name = me.name ?? me.email ?? t("people.local.name");
  return (
    <div className="account">
      <Menu
        label={t("shell.account")}
        items={[
          { label: t("common.theme"), icon: themeIcon[now], end: t(`common.theme.${now}`), onSelect: () => chooseTheme(nextTheme[now]) },
          { label: t("shell.palette.language"), icon: "globe", onSelect: () => chooseLanguage(other) },
          "line",
          { label: t("shell.signOut"), icon: "signOut", onSelect: () => void signOut() },
        ]}
        trigger={(props) => (
          <button type="button" {...props} className="account-button">
            <span className="account-face">
              <Icon name="user" />
            </span>
            <span className="account-name">{name}</span>
            <Icon name="more" />
          </button>
        )}
      />
    </div>
  );
}
