import calm from "../design/favicon.svg";
import live from "../design/favicon-live.svg";
import { waitingApprovals } from "./inbox";
import { sessionList } from "./sessionList";
import { createStore } from "./store";

/** The title of the page that is shown. */
export const pageTitle = createStore("");

/** What the browser's tab says: the page, how many decisions wait, and by its picture whether something is running. */
function show(): void {
  const waiting = waitingApprovals.get().size;
  const title = pageTitle.get();
  document.title = `${waiting > 0 ? `(${waiting}) ` : ""}${title ? `${title} · ` : ""}Batuta`;
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const wanted = sessionList.get().running.size > 0 ? live : calm;
  if (icon && icon.getAttribute("href") !== wanted) icon.setAttribute("href", wanted);
}

for (const store of [pageTitle, waitingApprovals, sessionList]) store.subscribe(show);
