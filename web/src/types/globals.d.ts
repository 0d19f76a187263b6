/** Where the style sheet of KaTeX lies, with its hash; set by the build. */
declare const KATEX_CSS: string;

declare module "katex/katex.mjs" {
  interface Options {
    displayMode?: boolean;
    throwOnError?: boolean;
    trust?: boolean;
    strict?: boolean | "ignore";
    maxExpand?: number;
    maxSize?: number;
    output?: "html" | "mathml" | "htmlAndMathml";
  }
  const katex: { render(source: string, element: HTMLElement, options: Options): void };
  export default katex;
}

declare module "prismjs/components/*";

declare module "*.svg" {
  const address: string;
  export default address;
}
