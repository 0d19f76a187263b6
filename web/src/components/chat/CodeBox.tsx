import { useLayoutEffect, useRef } from "react";
import { colour } from "../../markdown/code";
import { highlight } from "../../markdown/highlight";
import type { Json } from "../../model/events";

const longest = 20_000;

/** A value as people read it: text as text, the rest as indented JSON in colours. */
export function CodeBox({ json }: { json: Json }) {
  const code = useRef<HTMLElement>(null);
  const isText = typeof json === "string";
  const whole = isText ? json : JSON.stringify(json, null, 2) ?? "";
  const text = whole.length > longest ? whole.slice(0, longest) + "\n…" : whole;
  useLayoutEffect(() => {
    if (code.current) colour(code.current, highlight(text, isText ? "" : "json"));
  }, [text, isText]);
  return (
    <pre className="code-box" tabIndex={0}>
      <code ref={code} data-language={isText ? "" : "json"} />
    </pre>
  );
}
