import type { Json, JsonObject } from "../model/events";
import { get, Page, post, remove, request } from "./http";

export interface ConnectionField {
  name: string;
  schema: JsonObject;
  secret: boolean;
  /** Whether a secret is there: it never comes back. */
  filled?: boolean;
  value?: Json;
}

/** An account with some service, the reader's own or the project's. */
export interface Connection {
  name: string;
  scope: "user" | "project";
  kind: "form" | "oauth2";
  connected: boolean;
  may_connect: boolean;
  /** Why it works no more. */
  trouble: string | null;
  fields: ConnectionField[];
  expires_at: string | null;
  updated_at: string | null;
}

const path = (name: string) => `/v1/connections/${encodeURIComponent(name)}`;

export const listConnections = (signal?: AbortSignal) => get<Page<Connection>>("/v1/connections", signal);
/** Null empties a field; what is not named stays. */
export const fillConnection = (name: string, values: JsonObject) => request<Connection>("PUT", path(name), { body: values });
export const disconnect = (name: string) => remove(path(name));
/** The page of the service where the account is connected. */
export const startConnection = (name: string) => post<{ url: string }>(`${path(name)}/start`);
