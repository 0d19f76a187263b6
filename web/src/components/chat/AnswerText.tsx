import { memo, MouseEvent, useLayoutEffect, useRef } from "react";
import type { SessionFeed } from "../../app/feed";
import { copyText } from "../../app/clipboard";
import { useWords, Words } from "../../i18n/words";
import type { Labels } from "../../markdown/labels";
import { MarkdownStream, renderMarkdown } from "../../markdown/stream";
import { textOf } from "./useFeed";

interface AnswerTextProps {
  feed: SessionFeed;
  messageId: string;
  /** Nothing more is added. */
  isDone: boolean;
}

/** An answer. Its text goes from the feed straight into the page: a token costs no render of any component. */
export const AnswerText = memo(function AnswerText({ feed, messageId, isDone }: AnswerTextProps) {
  const words = useWords();
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (!root.current) return undefined;
    const labels = labelsOf(words);
    if (isDone && root.current.childNodes.length === 0) {
      renderMarkdown(root.current, textOf(feed, messageId), labels);
      return undefined;
    }
    return stream(root.current, feed, messageId, labels, isDone);
  }, [feed, messageId, isDone, words]);
  return <div ref={root} className={`answer ${isDone ? "" : "live"}`} aria-busy={!isDone} onClick={(event) => copyCode(event, words)} />;
});

const streams = new WeakMap<HTMLElement, { stream: MarkdownStream; labels: Labels }>();

function streamOf(root: HTMLElement, labels: Labels, length: number): MarkdownStream {
  const known = streams.get(root);
  if (known && known.labels === labels && known.stream.length <= length) return known.stream;
  root.replaceChildren();
  const made = new MarkdownStream(root, labels);
  streams.set(root, { stream: made, labels });
  return made;
}

/** At most one flush a frame, and after a flush of c milliseconds none for 4 c: a slow device stays able to answer its user. */
function stream(root: HTMLElement, feed: SessionFeed, messageId: string, labels: Labels, isDone: boolean): () => void {
  let timer: number | undefined;
  let notBefore = 0;
  const flush = () => {
    timer = undefined;
    const began = performance.now();
    const text = textOf(feed, messageId);
    streamOf(root, labels, text.length).update(text, began);
    notBefore = performance.now() + 4 * (performance.now() - began);
  };
  if (isDone) {
    const text = textOf(feed, messageId);
    streamOf(root, labels, text.length).finish(text);
    streams.delete(root);
    return () => undefined;
  }
  flush();
  const unsubscribe = feed.store.subscribe(() => {
    timer ??= window.setTimeout(flush, Math.max(0, notBefore - performance.now()));
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}

const made = new WeakMap<Words, Labels>();

function labelsOf(words: Words): Labels {
  const known = made.get(words);
  if (known) return known;
  const { t } = words;
  const image = (alt: string) => (alt ? t("answer.image", { alt }) : t("answer.image.bare"));
  const labels = { copy: t("code.copy"), text: t("code.text"), table: t("answer.table"), code: t("answer.code"), done: t("answer.done"), todo: t("answer.todo"), image };
  made.set(words, labels);
  return labels;
}

async function copyCode(event: MouseEvent, { t }: Words): Promise<void> {
  const button = (event.target as HTMLElement).closest<HTMLElement>("[data-copy-code]");
  const code = button?.closest(".code-block")?.querySelector("code");
  if (!button || !code || !(await copyText(code.textContent ?? ""))) return;
  button.textContent = t("common.copied");
  setTimeout(() => (button.textContent = t("code.copy")), 1_600);
}
