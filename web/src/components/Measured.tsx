import { ReactNode, useLayoutEffect, useRef, useState } from "react";

/** Tells a drawing its width in pixels: text in a scaled drawing would change its size. */
export function Measured({ className, children }: { className: string; children(width: number): ReactNode }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!box.current) return undefined;
    const watch = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, []);
  return (
    <div ref={box} className={className}>
      {width > 0 && children(width)}
    </div>
  );
}
