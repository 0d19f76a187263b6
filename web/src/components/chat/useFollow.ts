import { RefObject, useCallback, useEffect, useRef, useState } from "react";

const near = 48;

/** Makes a change, with an element staying where it is on the screen. */
export type Hold = (element: Element, change: () => void) => void;

interface Following {
  isOn: boolean;
  /** Where the page was put to keep something in its place. It follows nothing before the reader scrolls. */
  heldAt: number | null;
}

/** Keeps the end in view while it grows, until the reader scrolls up; and says when they did. */
export function useFollow(scroller: RefObject<HTMLElement>, content: RefObject<HTMLElement>) {
  const following = useRef<Following>({ isOn: true, heldAt: null }).current;
  const [isAway, setAway] = useState(false);
  const toEnd = useCallback(
    (smooth = false) => {
      const element = scroller.current;
      Object.assign(following, { isOn: true, heldAt: null });
      if (content.current) content.current.style.minHeight = "";
      setAway(false);
      element?.scrollTo({ top: element.scrollHeight, behavior: smooth ? "smooth" : "auto" });
    },
    [scroller, content, following],
  );
  const hold: Hold = useCallback(
    (element, change) => {
      const before = element.getBoundingClientRect().top;
      change();
      if (!scroller.current || !content.current) return;
      keepAt(before, element, scroller.current, content.current);
      Object.assign(following, { isOn: false, heldAt: scroller.current.scrollTop });
    },
    [scroller, content, following],
  );
  useEffect(() => {
    if (!scroller.current || !content.current) return undefined;
    return watch(scroller.current, content.current, following, setAway);
  }, [scroller, content, following]);
  return { isAway, toEnd, hold };
}

/** Where what is below has become too short to scroll that far, the content is made as long as it takes. */
function keepAt(top: number, element: Element, scroller: HTMLElement, content: HTMLElement): void {
  content.style.minHeight = "";
  const wanted = scroller.scrollTop + element.getBoundingClientRect().top - top;
  const missing = wanted - (scroller.scrollHeight - scroller.clientHeight);
  if (missing > 0) content.style.minHeight = `${content.offsetHeight + missing}px`;
  scroller.scrollTop = wanted;
}

function watch(element: HTMLElement, inside: HTMLElement, following: Following, setAway: (isAway: boolean) => void): () => void {
  let before = element.scrollTop;
  let height = element.scrollHeight;
  let shrankAt = 0;
  const decide = (gap: number) => {
    if (following.heldAt !== null && Math.abs(element.scrollTop - following.heldAt) <= 2) return;
    following.heldAt = null;
    // What was taken away below moves the page up too; that is nobody's wish to read there.
    if (element.scrollTop < before - 2 && gap > near && performance.now() - shrankAt > 300) following.isOn = false;
    if (gap <= near) following.isOn = true;
  };
  const scrolled = () => {
    const gap = element.scrollHeight - element.clientHeight - element.scrollTop;
    decide(gap);
    before = element.scrollTop;
    setAway(!following.isOn && gap > near);
  };
  const grown = new ResizeObserver(() => {
    if (element.scrollHeight < height) shrankAt = performance.now();
    height = element.scrollHeight;
    if (following.isOn) element.scrollTop = element.scrollHeight;
    else scrolled();
  });
  for (const part of [inside, element, ...element.children]) grown.observe(part);
  element.addEventListener("scroll", scrolled, { passive: true });
  return () => {
    grown.disconnect();
    element.removeEventListener("scroll", scrolled);
  };
}
