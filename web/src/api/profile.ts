import type { JsonObject } from "../model/events";
import { get, post } from "./http";

/** What the project wants to know about its users: a JSON Schema of fields, and what this user said. */
export interface Profile {
  schema: JsonObject | null;
  profile: JsonObject;
}

export const getProfile = (signal?: AbortSignal) => get<Profile>("/v1/profile", signal);
/** Fields that are left out stay; null takes one back. */
export const changeProfile = (change: JsonObject) => post<Profile>("/v1/profile", change);
