import { decodeEntities } from "./entities";

/**
 * Where a link of an answer may lead: the web, mail, a place on this server. Everything else, `javascript:` and `data:` in any
 * spelling among it, is no link. nil = show the text only.
 */
export function safeLink(href: string): string | null {
  // Browsers drop tabs and line ends inside a scheme, and read a backslash as a slash.
  const url = decodeEntities(href).replace(/[\u0000-\u0020\u007f]/g, (character) => (character === " " ? "%20" : ""));
  if (/^https?:\/\/[^/\\]/i.test(url) || /^mailto:[^/]/i.test(url)) return url;
  return /^\/(?![/\\])/.test(url) && !url.includes("\\") ? url : null;
}

/** Images are shown from our own files only: any other address would tell its host what was asked. */
export function ownImage(href: string): string | null {
  const found = /^\/v1\/files\/(fil_[\w-]+)\/content(?:\?inline=1)?$/.exec(href);
  return found ? `/v1/files/${found[1]}/content?inline=1` : null;
}
