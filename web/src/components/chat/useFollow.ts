import { RefObject, useCallback, useEffect, useRef, useState } from "react";

const near = 48;

/** Keeps the end in view while it grows, until the reader scrolls up; and says when they did. */
export function useFollow(scroller: RefObject<HTMLElement>, content: RefObject<HTMLElement>) {
  const following = useRef(true);
  const [isAway, setAway] = useState(false);
  const toEnd = useCallback((smooth = false) => {
    const element = scroller.current;
    following.current = true;
    setAway(false);
    element?.scrollTo({ top: element.scrollHeight, behavior: smooth ? "smooth" : "auto" });
  }, [scroller]);
  useEffect(() => {
    const element = scroller.current;
    const inside = content.current;
    if (!element || !inside) return undefined;
    let before = element.scrollTop;
    let height = element.scrollHeight;
    let shrankAt = 0;
    const scrolled = () => {
      const gap = element.scrollHeight - element.clientHeight - element.scrollTop;
      // What was taken away below moves the page up too; that is nobody's wish to read there.
      if (element.scrollTop < before - 2 && gap > near && performance.now() - shrankAt > 300) following.current = false;
      if (gap <= near) following.current = true;
      before = element.scrollTop;
      setAway(!following.current && gap > near);
    };
    const grown = new ResizeObserver(() => {
      if (element.scrollHeight < height) shrankAt = performance.now();
      height = element.scrollHeight;
      if (following.current) element.scrollTop = element.scrollHeight;
      else scrolled();
    });
    for (const part of [inside, element, ...element.children]) grown.observe(part);
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      grown.disconnect();
      element.removeEventListener("scroll", scrolled);
    };
  }, [scroller, content]);
  return { isAway, toEnd };
}
