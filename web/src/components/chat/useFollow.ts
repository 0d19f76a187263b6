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
    const scrolled = () => {
      const gap = element.scrollHeight - element.clientHeight - element.scrollTop;
      if (element.scrollTop < before - 2 && gap > near) following.current = false;
      if (gap <= near) following.current = true;
      before = element.scrollTop;
      setAway(!following.current && gap > 160);
    };
    const grown = new ResizeObserver(() => {
      if (following.current) element.scrollTop = element.scrollHeight;
      else scrolled();
    });
    grown.observe(inside);
    grown.observe(element);
    element.addEventListener("scroll", scrolled, { passive: true });
    return () => {
      grown.disconnect();
      element.removeEventListener("scroll", scrolled);
    };
  }, [scroller, content]);
  return { isAway, toEnd };
}
