import { get, Page, post, remove } from "./http";
import type { Connected, LocalServer, Settings } from "./types";

export const getSettings = () => get<Settings>("/v1/settings");
export const findLocalServers = (signal?: AbortSignal) => get<Page<LocalServer>>("/v1/settings/local-models", signal);

export interface Connection {
  provider: string;
  api_key?: string;
  base_url?: string;
  model?: string;
}

/** Makes one real call to check; live at once when it is good. */
export const connectModel = (connection: Connection) => post<Connected>("/v1/settings/connection", connection);
export const disconnectModel = () => remove("/v1/settings/connection");
