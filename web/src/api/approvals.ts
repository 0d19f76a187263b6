import type { JsonObject } from "../model/events";
import { get, Page, post, query } from "./http";
import type { Approval } from "./types";

export const listApprovals = (fields: { status?: string; cursor?: string | null; limit?: number; owner?: "me" }, signal?: AbortSignal) =>
  get<Page<Approval>>(`/v1/approvals${query(fields)}`, signal);

export interface Decision {
  decision: "approve" | "reject";
  arguments?: JsonObject;
  note?: string;
  result?: unknown;
}

export const decide = (approval: string, decision: Decision) => post<Approval>(`/v1/approvals/${approval}`, decision);

export const getApproval = (approval: string) => get<Approval>(`/v1/approvals/${approval}`);
