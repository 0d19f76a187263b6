import { PageSocket } from "../api/socket";
import { get, Problem, whenAway } from "../api/http";

/** Under way while this browser gets another cookie: what the old one is refused for meanwhile means nothing. */
let renewing: Promise<unknown> = Promise.resolve();

/** The page's connection. When the server turns it away, a request finds out whether the person is still signed in. */
export const socket: PageSocket = new PageSocket(() => void renewing.then(() => get("/v1/me")).catch(() => undefined));

/** After a fault: tries again once, when the connection is back. A fault that the connection has not noticed makes it look. */
export function onceBack(problem: Problem, again: () => void): () => void {
  if (problem.isAway) socket.check();
  const stop = socket.onReconnect(() => {
    stop();
    again();
  });
  return stop;
}

/** Shared by all that wait for the server. */
let returning: Promise<void> | null = null;

whenAway((problem) => {
  if (problem.isOffline) socket.check();
  else socket.away();
  returning ??= new Promise<void>((resolve) => void onceBack(problem, resolve)).then(() => void (returning = null));
  return returning;
});

/** A change that ends the cookies of this person: the answer brings this browser's next one, and the connection begins again with it. */
export async function withNewCookie<Answer>(change: () => Promise<Answer>): Promise<Answer> {
  const work = change();
  renewing = work.catch(() => undefined);
  const answer = await work;
  socket.check();
  return answer;
}
