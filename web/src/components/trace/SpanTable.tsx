import { useWords } from "../../i18n/words";
import { Row, waitIn } from "../../model/timeline";
import { displayName } from "../Avatar";
import { Icon } from "../Icon";
import { kindIcon, lengthOf, nameOf } from "./words";

/** The same spans as rows of words and numbers. */
export function SpanTable({ rows, end }: { rows: Row[]; end: number }) {
  const words = useWords();
  const { t, format } = words;
  const spans = rows.map(({ span }) => span);
  return (
    <div className="span-table-box" role="group" aria-label={t("trace.label")} tabIndex={0}>
      <table className="span-table">
        <thead>
          <tr>
            <th scope="col">{t("trace.step")}</th>
            <th scope="col">{t("trace.agent")}</th>
            <th scope="col">{t("trace.status")}</th>
            <th scope="col" className="end">
              {t("trace.start")}
            </th>
            <th scope="col" className="end">
              {t("runs.duration")}
            </th>
            <th scope="col" className="end">
              {t("runs.tokens")}
            </th>
            <th scope="col" className="end">
              {t("runs.cost")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ span, depth }) => {
            const { input_tokens: input, output_tokens: output, cost_usd: cost } = span.detail ?? {};
            const wait = span.kind === "tool" ? waitIn(span, spans, end) : 0;
            const tokens = Number(input ?? 0) + Number(output ?? 0);
            return (
              <tr key={span.id}>
                <th scope="row">
                  <span className={`step depth-${Math.min(depth, 5)}`}>
                    <Icon name={kindIcon[span.kind]} size={14} />
                    {nameOf(span, words)}
                    <span className="visually-hidden">, {t(`trace.kind.${span.kind}`)}</span>
                  </span>
                </th>
                <td>{span.agent ? displayName(span.agent) : "–"}</td>
                <td className={`status-${span.status}`}>{t(`trace.status.${span.status}`)}</td>
                <td className="end">{format.duration(span.start_ms)}</td>
                <td className="end">{format.duration(lengthOf(span, end) - wait)}</td>
                <td className="end">{tokens > 0 ? format.number(tokens) : "–"}</td>
                <td className="end">{typeof cost === "number" ? format.usd(cost) : "–"}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
