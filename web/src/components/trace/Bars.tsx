import { KeyboardEvent, useMemo, useRef } from "react";
import { useWords, Words } from "../../i18n/words";
import { Axis, Row, waitIn } from "../../model/timeline";
import { agentColour } from "../Avatar";
import { Icon } from "../Icon";
import { kindIcon, lengthOf, nameOf, sentenceOf } from "./words";

interface BarsProps {
  rows: Row[];
  axis: Axis;
  width: number;
  shown: string | null;
  onShow(id: string): void;
}

/** Where things are drawn. Wide: names in a column of their own. Narrow: each name over its bar. */
interface Layout {
  isNarrow: boolean;
  left: number;
  right: number;
  top: number;
  rowHeight: number;
}

const layoutOf = (width: number): Layout => {
  const isNarrow = width < 620;
  return { isNarrow, left: isNarrow ? 12 : 264, right: width - (isNarrow ? 12 : 96), top: 34, rowHeight: isNarrow ? 46 : 32 };
};

/** The spans of a run over time. Up and down move through them as through a list. */
export function Bars({ rows, axis, width, shown, onShow }: BarsProps) {
  const words = useWords();
  const svg = useRef<SVGSVGElement>(null);
  const layout = layoutOf(width);
  const spans = useMemo(() => rows.map(({ span }) => span), [rows]);
  const height = layout.top + rows.length * layout.rowHeight + 8;
  const press = (event: KeyboardEvent) => {
    const at = rows.findIndex(({ span }) => span.id === shown);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    const next = to === undefined ? undefined : rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (!next) return;
    event.preventDefault();
    svg.current?.querySelectorAll<SVGGElement>(".span-row")[rows.indexOf(next)]?.focus();
  };
  return (
    <svg ref={svg} className="waterfall" width={width} height={height} role="group" aria-label={words.t("trace.label")} onKeyDown={press}>
      <Grid axis={axis} layout={layout} height={height} words={words} />
      {rows.map((row, index) => (
        <SpanRow
          key={row.span.id}
          row={row}
          index={index}
          axis={axis}
          layout={layout}
          words={words}
          isShown={row.span.id === shown}
          wait={row.span.kind === "tool" ? waitIn(row.span, spans, axis.end) : 0}
          onShow={onShow}
        />
      ))}
    </svg>
  );
}

const across = (axis: Axis, { left, right }: Layout, ms: number): number => left + axis.place(ms) * (right - left);

/** A word about a fold needs the room of the ticks beside it. */
const labelRoom = 46;

function Grid({ axis, layout, height, words }: { axis: Axis; layout: Layout; height: number; words: Words }) {
  const middles = axis.folds.map(({ from, to }) => (across(axis, layout, from) + across(axis, layout, to)) / 2);
  const hasRoom = (x: number) => middles.every((middle) => Math.abs(middle - x) > labelRoom);
  const labels = axis.ticks.map((tick) => (tick === 0 ? "0" : words.format.duration(tick).replace(/[,.]0(?=\D)/, "")));
  return (
    <g aria-hidden="true">
      {axis.ticks.map((tick, index) => {
        const x = Math.round(across(axis, layout, tick)) + 0.5;
        return (
          <g key={tick}>
            <line className="tick" x1={x} x2={x} y1={24} y2={height} />
            {hasRoom(x) && labels[index] !== labels[index - 1] && (
              <text className="tick-label" x={x} y={15} textAnchor={tick === 0 ? "start" : "middle"}>
                {labels[index]}
              </text>
            )}
          </g>
        );
      })}
      {axis.folds.map(({ from, to }) => {
        const [x, end] = [across(axis, layout, from), across(axis, layout, to)];
        return (
          <g key={from}>
            <rect className="fold" x={x} y={24} width={end - x} height={height - 24} />
            <text className="tick-label fold-label" x={(x + end) / 2} y={15} textAnchor="middle">
              {words.format.duration(Math.round((to - from) / 1_000) * 1_000)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

interface SpanRowProps {
  row: Row;
  index: number;
  axis: Axis;
  layout: Layout;
  words: Words;
  isShown: boolean;
  /** Of a tool's time: milliseconds in which a person was waited for. They have a bar of their own. */
  wait: number;
  onShow(id: string): void;
}

/** Where the details stand over the page, they are opened by a press only. */
const hasPanelBeside = (): boolean => matchMedia("(min-width: 1181px)").matches;

function SpanRow({ row: { span, depth }, index, axis, layout, words, isShown, wait, onShow }: SpanRowProps) {
  const { isNarrow, rowHeight, top, left, right } = layout;
  const y = top + index * rowHeight;
  const x = across(axis, layout, span.start_ms);
  const wide = Math.max(3, across(axis, layout, span.end_ms ?? axis.end) - x);
  const thick = span.kind === "run" ? 5 : 12;
  const middle = isNarrow ? y + 34 : y + rowHeight / 2;
  const indent = isNarrow ? 6 : 10 + Math.min(depth, 5) * 14;
  const room = Math.floor(((isNarrow ? right : left) - indent - (isNarrow ? 110 : 44)) / 7.2);
  const show = () => onShow(span.id);
  return (
    <g
      className={`span-row ${span.agent ? agentColour(span.agent) : ""} kind-${span.kind} status-${span.status} ${isShown ? "shown" : ""}`}
      role="button"
      tabIndex={isShown ? 0 : -1}
      aria-pressed={isShown}
      aria-label={sentenceOf(span, axis.end, wait, words)}
      onMouseEnter={hasPanelBeside() ? show : undefined}
      onFocus={hasPanelBeside() ? show : undefined}
      onClick={show}
      onKeyDown={(event) => (event.key === "Enter" || event.key === " ") && (event.preventDefault(), show())}
    >
      <rect className="row-ground" x={2} y={y + 1} width={right + (isNarrow ? 8 : 92) - 2} height={rowHeight - 2} rx={7} />
      <g className="row-icon" transform={`translate(${indent} ${isNarrow ? y + 6 : middle - 7})`}>
        <Icon name={kindIcon[span.kind]} size={14} />
      </g>
      <text className="row-name" x={indent + 22} y={isNarrow ? y + 17 : middle + 4.5}>
        {cut(nameOf(span, words), room)}
      </text>
      <rect className="bar" x={x} y={middle - thick / 2} width={wide} height={thick} rx={Math.min(3, thick / 2)} />
      <text className="row-time" x={isNarrow ? right - 6 : right + 84} y={isNarrow ? y + 17 : middle + 4.5} textAnchor="end">
        {words.format.duration(lengthOf(span, axis.end) - wait)}
      </text>
    </g>
  );
}

const cut = (text: string, room: number): string => (text.length <= room ? text : `${text.slice(0, Math.max(1, room - 1))}…`);
