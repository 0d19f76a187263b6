/** KaTeX, loaded with its style sheet when the first formula appears. Until then, and for a faulty formula, the source is shown. */

type Katex = typeof import("katex/katex.mjs").default;

let katex: Katex | null = null;
let loading: Promise<void> | null = null;

export function renderMath(element: HTMLElement, source: string, display: boolean): void {
  element.textContent = source;
  if (!katex) {
    void load();
    return;
  }
  try {
    katex.render(source, element, {
      displayMode: display,
      throwOnError: true,
      trust: false,
      strict: "ignore",
      maxExpand: 200,
      maxSize: 20,
      output: "htmlAndMathml",
    });
    element.classList.add("done");
  } catch {
    element.textContent = source;
  }
}

function load(): Promise<void> {
  if (typeof window === "undefined" || !KATEX_CSS) return Promise.resolve();
  return (loading ??= Promise.all([import("katex/katex.mjs"), styles()]).then(([module]) => {
    katex = module.default;
    for (const element of document.querySelectorAll<HTMLElement>(".math:not(.done)")) {
      renderMath(element, element.dataset.tex ?? "", element.classList.contains("display"));
    }
  }));
}

function styles(): Promise<void> {
  return new Promise((resolve) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = KATEX_CSS;
    link.onload = link.onerror = () => resolve();
    document.head.append(link);
  });
}
