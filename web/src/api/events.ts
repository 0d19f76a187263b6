import type { AnyEvent, MessageData } from "../model/events";
import { get, Page, query } from "./http";

/** Everything that the log has about one run, as a page; for looking back, not for following. */
export async function eventsOfRun(session: string, run: string, signal?: AbortSignal): Promise<AnyEvent[]> {
  const events: AnyEvent[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const found: Page<AnyEvent> = await get(`/v1/sessions/${encodeURIComponent(session)}/events${query({ run_id: run, limit: 1_000, cursor })}`, signal);
    events.push(...found.data);
    cursor = found.next_cursor;
    if (cursor === null) break;
  }
  return events;
}

const mostPages = 10;

/** The number of the event in which a run was asked something; null where it is not among its first ones. */
export async function messageEvent(session: string, run: string, signal?: AbortSignal): Promise<number | null> {
  const { data } = await get<Page<AnyEvent>>(`/v1/sessions/${encodeURIComponent(session)}/events${query({ run_id: run, limit: 100 })}`, signal);
  return data.find(({ type, run_id, data }) => type === "message" && run_id === run && (data as MessageData).role === "user")?.id ?? null;
}
