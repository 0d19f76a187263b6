import { PageSocket } from "../api/socket";
import { get } from "../api/http";

/** The page's connection. When the server turns it away, a request finds out whether the person is still signed in. */
export const socket: PageSocket = new PageSocket(() => void get("/v1/me").catch(() => undefined));
