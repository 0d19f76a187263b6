import { Link } from "../app/Link";
import { paths } from "../app/router";
import { Blank } from "../components/Blank";
import { PageHead } from "../components/shell/PageHead";
import { useWords } from "../i18n/words";

export function MissingPage() {
  const { t } = useWords();
  const action = (
    <Link className="button primary" href={paths.home}>
      {t("common.missing.action")}
    </Link>
  );
  return (
    <>
      <PageHead title={t("common.missing.title")} focus />
      <div className="page">
        <Blank icon="search" title={t("common.missing.title")} action={action}>
          {t("common.missing.text")}
        </Blank>
      </div>
    </>
  );
}
