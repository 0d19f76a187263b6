import { FocusEvent, KeyboardEvent, RefObject, useEffect, useRef, useState } from "react";
import { isModalOpen, isTyping } from "../../app/keys";
import { asksForValues, canEdit, Deciding, isUnclear, Mode, Question } from "./question";

/** A press this soon after the card selected itself, or after the press before it, was not meant for it. */
const tooSoon = 400;

interface Answering {
  mode: Mode;
  /** One more press of A, or Enter, approves. */
  isArmed: boolean;
  setMode(mode: Mode): void;
  /** Moves the selection to the card, without the person having asked for it. */
  select(): void;
  /** For the card's element: while it or a button of it has the focus, letters do what the buttons do. */
  handlers: { onKeyDown(event: KeyboardEvent): void; onBlur(event: FocusEvent): void };
}

/**
 * How a card is answered: by buttons, or by keys while it is selected.
 * A alone approves nothing: it arms, and the button says what the next press does. Any other key disarms.
 */
export function useAnswering(card: RefObject<HTMLElement>, question: Question, canDecide: boolean, deciding: Deciding): Answering {
  const [mode, setMode] = useState<Mode>("ask");
  const [isArmed, setArmed] = useState(false);
  const notBefore = useRef(0);
  useFocusBack(card, mode, canDecide);
  const wait = () => (notBefore.current = performance.now() + tooSoon);
  const press = (event: KeyboardEvent) => {
    if (!canDecide || mode !== "ask" || deciding.isBusy || isModalOpen() || isTyping(event.nativeEvent)) return;
    const meant = meaningOf(event, question, isArmed && event.target === card.current);
    if (meant !== "approve") setArmed(false);
    if (meant === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat || performance.now() < notBefore.current) return;
    if (meant !== "approve") return meant === "disarm" ? undefined : setMode(meant);
    setArmed(!isArmed);
    if (isArmed) return void deciding.send({ decision: "approve" });
    wait();
    card.current?.focus();
  };
  return {
    mode,
    isArmed: isArmed && mode === "ask" && !deciding.isBusy,
    setMode,
    select: () => {
      wait();
      card.current?.focus({ preventScroll: true });
    },
    handlers: { onKeyDown: press, onBlur: (event) => !event.currentTarget.contains(event.relatedTarget) && setArmed(false) },
  };
}

function meaningOf(event: KeyboardEvent, question: Question, isArmedHere: boolean): Mode | "approve" | "disarm" | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  switch (event.key.toLowerCase()) {
    case "a":
      return asksForValues(question) ? null : "approve";
    case "r":
      return "reject";
    case "d":
      return isUnclear(question) ? "done" : null;
    case "e":
      return canEdit(question) ? "edit" : null;
    case "enter":
      return isArmedHere ? "approve" : null;
    case "escape":
      return isArmedHere ? "disarm" : null;
    default:
      return null;
  }
}

/** When a form closes or the buttons go, the card keeps the focus. */
function useFocusBack(card: RefObject<HTMLElement>, mode: Mode, canDecide: boolean): void {
  const was = useRef({ mode, canDecide });
  useEffect(() => {
    const before = was.current;
    was.current = { mode, canDecide };
    const closed = (before.mode !== mode && mode === "ask") || before.canDecide !== canDecide;
    if (closed && (document.activeElement === document.body || card.current?.contains(document.activeElement))) card.current?.focus();
  }, [card, mode, canDecide]);
}
