import { asProblem, csrfHeader, Problem } from "./http";
import type { FileRow } from "./types";

export const contentUrl = (file: string): string => `/v1/files/${file}/content`;
export const inlineUrl = (file: string): string => `${contentUrl(file)}?inline=1`;

export interface Upload {
  done: Promise<FileRow>;
  cancel(): void;
}

/** `XMLHttpRequest`, because `fetch` cannot say how far an upload is. */
export function upload(session: string, file: File, onProgress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<FileRow>((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
    request.onerror = () => reject(new Problem(0, "offline", "The server cannot be reached."));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    request.onload = () => settle(request, resolve, reject);
  });
  request.open("POST", `/v1/sessions/${session}/files`);
  for (const [name, value] of Object.entries(csrfHeader)) request.setRequestHeader(name, value);
  request.setRequestHeader("Accept-Language", document.documentElement.lang);
  const form = new FormData();
  form.append("file", file, file.name);
  request.send(form);
  return { done, cancel: () => request.abort() };
}

function settle(request: XMLHttpRequest, resolve: (file: FileRow) => void, reject: (error: Problem) => void): void {
  let body: unknown = {};
  try {
    body = JSON.parse(request.responseText);
  } catch {
    // Not our server's words: the status says enough.
  }
  if (request.status >= 200 && request.status < 300) resolve(body as FileRow);
  else reject(asProblem(request.status, (body ?? {}) as Record<string, unknown>));
}
