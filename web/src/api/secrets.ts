import { get, Page, post, remove } from "./http";
import type { SecretRow } from "./types";

/** Names only: a value goes in and never comes out. */
export const listSecrets = (signal?: AbortSignal) => get<Page<SecretRow>>("/v1/secrets", signal);
export const setSecret = (name: string, value: string) => post<SecretRow>("/v1/secrets", { name, value });
export const removeSecret = (name: string) => remove(`/v1/secrets/${encodeURIComponent(name)}`);
