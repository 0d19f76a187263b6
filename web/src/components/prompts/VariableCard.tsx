import type { Variable } from "../../api/prompts";
import { usePromptWords } from "../../i18n/prompts";

/** The values that a prompt is filled with. */
export function VariableCard({ variables }: { variables: Variable[] }) {
  const { t } = usePromptWords();
  return (
    <section className="card" aria-label={t("variables")}>
      <div className="card-head">
        <h2>{t("variables")}</h2>
      </div>
      <div className="data-table-box" role="group" aria-label={t("variables")} tabIndex={0}>
        <table className="data-table">
          <thead>
            <tr>
              <th scope="col">{t("name")}</th>
              <th scope="col">{t("type")}</th>
              <th scope="col">{t("fallback")}</th>
              <th scope="col">{t("about")}</th>
            </tr>
          </thead>
          <tbody>
            {variables.map((variable) => (
              <tr key={variable.name}>
                <th scope="row" className="variant-name">
                  {variable.name}
                </th>
                <td>{variable.type}</td>
                <td>{variable.default === null ? "–" : typeof variable.default === "string" ? variable.default : JSON.stringify(variable.default)}</td>
                <td>{variable.description || "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
