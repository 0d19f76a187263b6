import { get, Page, post, query, remove } from "./http";
import type { ApiKey, Role } from "./types";

export const listKeys = (cursor: string | null, signal?: AbortSignal) => get<Page<ApiKey>>(`/v1/keys${query({ cursor, limit: 50 })}`, signal);

/** The answer is the only one that holds the secret, as `key`. `expires` is a time such as `90d`. */
export const makeKey = (key: { name: string; role: Role; expires?: string }) => post<ApiKey>("/v1/keys", key);
export const revokeKey = (id: string) => remove(`/v1/keys/${encodeURIComponent(id)}`);
