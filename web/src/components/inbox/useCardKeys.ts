import { useEffect } from "react";
import { isModalOpen, isTyping } from "../../app/keys";

/** The first card that asks is selected from the start, and none where nothing asks; J and K go to the next and the previous one, from a decided one too. */
export function useCardKeys(isReady: boolean): void {
  useEffect(() => {
    const here = document.activeElement;
    if (isReady && (here === null || here === document.body || here.tagName === "H1")) move(1, true);
  }, [isReady]);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const step = { j: 1, k: -1 }[event.key.toLowerCase()];
      if (!step || event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || isModalOpen()) return;
      event.preventDefault();
      move(step);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

function move(step: number, onlyOpen = false): void {
  const cards = [...document.querySelectorAll<HTMLElement>(".inbox-card")];
  const at = cards.findIndex((card) => card.contains(document.activeElement));
  const from = at === -1 && step === -1 ? cards.length : at;
  const ahead = step === 1 ? cards.slice(from + 1) : cards.slice(0, from).reverse();
  const next = ahead.find((card) => card.classList.contains("open")) ?? (onlyOpen ? undefined : ahead[0]);
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}
