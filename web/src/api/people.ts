import { get, Page, patch, post, query } from "./http";
import type { Person, Role } from "./types";

export const listPeople = (cursor: string | null, signal?: AbortSignal) => get<Page<Person>>(`/v1/users${query({ cursor, limit: 50 })}`, signal);

export const addPerson = (person: { email: string; role: Role; name?: string }) => post<Person>("/v1/users", person);
export const changePerson = (id: string, change: { role?: Role; name?: string; disabled?: boolean }) =>
  patch<Person>(`/v1/users/${encodeURIComponent(id)}`, change);

export interface SignInLink {
  url: string;
  expires_at: string;
}

/** A link that signs this person in once. */
export const makeSignInLink = (id: string) => post<SignInLink>(`/v1/users/${encodeURIComponent(id)}/link`);
