import { useUsageWords } from "../../i18n/usage";
import { amountOf, everyDay, Measure, scaleFor } from "../../model/usage";
import { Measured } from "../Measured";
import { amountText, shortDay } from "./amounts";

interface DayPlotProps {
  lines: ReturnType<typeof everyDay>;
  measure: Measure;
}

const height = 240;
const [top, bottom] = [10, 24];

/** A bar for each day. What it shows is said in one sentence, and the table beside it has every number. */
export function DayPlot({ lines, measure }: DayPlotProps) {
  return <Measured className="plot-box">{(width) => <Drawing lines={lines} measure={measure} width={width} />}</Measured>;
}

function Drawing({ lines, measure, width }: DayPlotProps & { width: number }) {
  const { t, format } = useUsageWords();
  const amounts = lines.map((line) => amountOf(line, measure));
  const scale = scaleFor(Math.max(0, ...amounts));
  const most = scale[scale.length - 1] ?? 1;
  const labels = scale.map((value) => amountText(value, measure, format, true));
  const left = 12 + Math.max(...labels.map((label) => label.length)) * 6.6;
  const step = (width - left) / Math.max(1, lines.length);
  const gap = Math.min(6, step * 0.25);
  const y = (value: number) => top + (height - top - bottom) * (1 - value / most);
  const every = Math.max(1, Math.ceil(72 / step));
  return (
    <svg className="plot" width={width} height={height} role="img" aria-label={summary(lines, measure, t, format)}>
      {scale.map((value, index) => (
        <g key={value}>
          <line className="plot-line" x1={left} x2={width} y1={Math.round(y(value)) + 0.5} y2={Math.round(y(value)) + 0.5} />
          <text className="plot-label" x={left - 8} y={y(value) + 4} textAnchor="end">
            {labels[index]}
          </text>
        </g>
      ))}
      {lines.map((line, index) => (
        <g key={line.day}>
          {amounts[index] > 0 && (
            <rect className="plot-bar" x={left + index * step + gap / 2} y={y(amounts[index])} width={Math.max(1, step - gap)} height={Math.max(1, y(0) - y(amounts[index]))} rx={Math.min(3, step / 4)}>
              <title>{`${shortDay(line.day, format)}: ${amountText(amounts[index], measure, format)}`}</title>
            </rect>
          )}
          {index % every === 0 && left + index * step + 62 < width && (
            <text className="plot-label" x={left + index * step + gap / 2} y={height - 6}>
              {shortDay(line.day, format)}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}

type UsageWords = ReturnType<typeof useUsageWords>;

function summary(lines: DayPlotProps["lines"], measure: Measure, t: UsageWords["t"], format: UsageWords["format"]): string {
  const amounts = lines.map((line) => amountOf(line, measure));
  const [from, to] = [lines[0], lines[lines.length - 1]].map((line) => (line ? shortDay(line.day, format) : ""));
  const most = Math.max(0, ...amounts);
  if (most === 0) return t("days.none", { from, to });
  const total = amounts.reduce((sum, amount) => sum + amount, 0);
  const day = shortDay(lines[amounts.indexOf(most)].day, format);
  return t(`days.${measure}`, { from, to, day, total: amountText(total, measure, format), most: amountText(most, measure, format) });
}
