import { JSDOM } from "jsdom";

/** A document for the modules that make nodes. Imported before them. */
const { window } = new JSDOM("<!doctype html><body></body>", { url: "http://127.0.0.1/" });
for (const name of ["document", "Node", "Text", "Element", "HTMLElement", "HTMLAnchorElement"] as const) {
  (globalThis as Record<string, unknown>)[name] = window[name];
}
