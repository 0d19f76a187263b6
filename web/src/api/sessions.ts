import { get, Page, patch, persistently, post, query, remove } from "./http";
import type { Accepted, Session } from "./types";

export const listSessions = (fields: { q?: string; cursor?: string | null; limit?: number }, signal?: AbortSignal) =>
  get<Page<Session>>(`/v1/sessions${query({ owner: "me", ...fields })}`, signal);

export const getSession = (id: string, signal?: AbortSignal) => get<Session>(`/v1/sessions/${id}`, signal);
export const createSession = (target: string | null) => post<Session>("/v1/sessions", target === null ? {} : { target });
export const renameSession = (id: string, title: string) => patch<Session>(`/v1/sessions/${id}`, { title });
export const moveLeaf = (id: string, leaf: string) => patch<Session>(`/v1/sessions/${id}`, { leaf });
export const deleteSession = (id: string) => remove(`/v1/sessions/${id}`);

export interface Outgoing {
  content: string;
  attachments: string[];
  parent: string | null;
}

/** Sends once, however often the network fails meanwhile. */
export const sendMessage = (session: string, message: Outgoing) =>
  persistently((key) => {
    const body: Record<string, unknown> = { content: message.content };
    if (message.attachments.length > 0) body.attachments = message.attachments;
    if (message.parent !== null) body.parent_message_id = message.parent;
    return post<Accepted>(`/v1/sessions/${session}/messages`, body, key);
  });

/** The first message of a new session; both are made in one step. */
export const startSession = (target: string | null, content: string) =>
  persistently((key) => post<Accepted>("/v1/runs?wait=0", target === null ? { content } : { target, content }, key));

/** Another version of a message: a new branch beside it. */
export const editMessage = (session: string, message: string, content: string) =>
  persistently((key) => patch<Accepted>(`/v1/sessions/${session}/messages/${message}`, { content }, key));

export const stopRun = (run: string) => post<unknown>(`/v1/runs/${run}/stop`);
