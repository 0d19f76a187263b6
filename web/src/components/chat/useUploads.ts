import { useCallback, useEffect, useRef, useState } from "react";
import { upload } from "../../api/files";
import { Problem } from "../../api/http";
import { toast } from "../../app/toasts";
import { useWords, Words } from "../../i18n/words";
import type { Attachment } from "../../model/events";

export interface UploadItem {
  key: number;
  name: string;
  size: number;
  mediaType: string;
  /** 0 to 1. */
  progress: number;
  /** The row on the server, once it is there. */
  file: Attachment | null;
  /** A picture of it from this computer. */
  preview: string | null;
  cancel(): void;
}

const limit = 100 * 1024 * 1024;
let next = 1;

/** Files that are to go with the next message: they travel at once, each with its progress. `session` makes one when there is none. */
export function useUploads(session: () => Promise<string>) {
  const words = useWords();
  const [items, setItems] = useState<UploadItem[]>([]);
  const current = useRef(items);
  current.current = items;
  const change = useCallback((key: number, part: Partial<UploadItem>) => {
    setItems((now) => now.map((item) => (item.key === key ? { ...item, ...part } : item)));
  }, []);
  const drop = useCallback((key: number) => {
    const gone = current.current.find((item) => item.key === key);
    gone?.cancel();
    if (gone?.preview) URL.revokeObjectURL(gone.preview);
    setItems((now) => now.filter((item) => item.key !== key));
  }, []);
  const add = useCallback(
    (files: Iterable<File>) => {
      for (const file of files) {
        if (file.size > limit) {
          toast(words.t("file.tooBig", { name: file.name }));
          continue;
        }
        const item = itemOf(file);
        setItems((now) => [...now, item]);
        void send(file, item.key, session, change).catch((error) => {
          if (!(error instanceof DOMException)) toast(faultOf(file.name, Problem.of(error), words));
          drop(item.key);
        });
      }
    },
    [session, change, drop, words],
  );
  const clear = useCallback(() => {
    for (const { preview } of current.current) if (preview) URL.revokeObjectURL(preview);
    setItems([]);
  }, []);
  useEffect(() => () => current.current.forEach((item) => item.file ?? item.cancel()), []);
  return { items, add, drop, clear };
}

function itemOf(file: File): UploadItem {
  const preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : null;
  return { key: next++, name: file.name, size: file.size, mediaType: file.type, progress: 0, file: null, preview, cancel: () => undefined };
}

async function send(file: File, key: number, session: () => Promise<string>, change: (key: number, part: Partial<UploadItem>) => void) {
  const { done, cancel } = upload(await session(), file, (progress) => change(key, { progress }));
  change(key, { cancel });
  const row = await done;
  change(key, { progress: 1, file: { file_id: row.id, name: row.name, media_type: row.media_type, size: row.size }, cancel: () => undefined });
}

function faultOf(name: string, { status }: Problem, { t }: Words): string {
  if (status === 413) return t("file.tooBig", { name });
  return `${t("file.failed", { name })} ${status === 415 ? t("file.refused") : ""}`.trim();
}
