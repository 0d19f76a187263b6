import type { Approval } from "../api/types";
import type { JsonObject } from "./events";
import { isSame } from "./values";

/** What could go wrong first: effects that nobody is sure of, then what cannot be taken back, then the rest. */
const risks: Record<string, number> = { uncertain_effect: 0, earlier_uncertain: 1, critical_tool: 2 };
const riskOf = (approval: Approval): number => risks[approval.reason] ?? 3;

/** By risk, then the one that has waited longest. */
export function byUrgency(one: Approval, other: Approval): number {
  return riskOf(one) - riskOf(other) || Date.parse(one.requested_at) - Date.parse(other.requested_at);
}

/** Can still be decided at this time. */
export function isOpen(approval: Approval, now: number): boolean {
  return approval.state === "requested" && (approval.expires_at === null || Date.parse(approval.expires_at) > now);
}

/** With this one in its place, or added. */
export function withApproval(list: Approval[], approval: Approval): Approval[] {
  const known = list.some((item) => item.id === approval.id);
  return known ? list.map((item) => (item.id === approval.id ? approval : item)) : [approval, ...list];
}

/** The values of `after` that are not what they were in `before`. */
export function changedValues(before: JsonObject, after: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(after).filter(([name, value]) => !isSame(before[name], value)));
}
