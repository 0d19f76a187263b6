import { ApprovalPart, CallPart, FilePart, isBusy, Part, ReasoningPart, RetryPart, TextPart, Turn } from "./conversation";

export type ActivityPart = CallPart | ReasoningPart | RetryPart | TextPart | ApprovalPart;

/** A turn cut into what stands under each other on the page: work, text, questions to the person, files. */
export type Segment =
  | { kind: "activity"; key: string; parts: ActivityPart[]; live: boolean }
  | { kind: "text"; key: string; part: TextPart }
  | { kind: "approval"; key: string; part: ApprovalPart }
  | { kind: "files"; key: string; files: FilePart[] };

export function segments(turn: Turn): Segment[] {
  const list: Segment[] = [];
  const asked = callsAsked(turn.parts);
  for (const part of decisionsFirst(turn.parts)) if (!(part.kind === "call" && asked.has(part.call.call_id))) add(list, part, list[list.length - 1]);
  const last = list[list.length - 1];
  if (last?.kind === "activity") last.live = isBusy(turn);
  return list;
}

/** What a person decided stands before the call that it was about, although it was asked after the call was made. */
function decisionsFirst(parts: readonly Part[]): readonly Part[] {
  const calls = new Set(parts.flatMap((part) => (part.kind === "call" ? part.call.call_id : [])));
  const decided = parts.filter((part): part is ApprovalPart => part.kind === "approval" && part.approval.state !== "requested" && calls.has(part.approval.call_id ?? ""));
  if (decided.length === 0) return parts;
  const moved = new Set<Part>(decided);
  return parts.flatMap((part): Part[] => {
    if (moved.has(part)) return [];
    return part.kind === "call" ? [...decided.filter(({ approval }) => approval.call_id === part.call.call_id), part] : [part];
  });
}

/** Calls about which a person is asked at this moment: the question stands for them. */
function callsAsked(parts: readonly Part[]): Set<string> {
  const asked = new Set<string>();
  for (const part of parts) {
    if (part.kind === "approval" && part.approval.state === "requested" && part.approval.call_id) asked.add(part.approval.call_id);
  }
  return asked;
}

function add(list: Segment[], part: Part, last: Segment | undefined): void {
  if (part.kind === "file") {
    if (last?.kind === "files") last.files.push(part);
    else list.push({ kind: "files", key: part.file.file_id, files: [part] });
  } else if (part.kind === "text" && !part.delegated) {
    list.push({ kind: "text", key: part.messageId, part });
  } else if (part.kind === "approval" && part.approval.state === "requested") {
    list.push({ kind: "approval", key: part.approval.approval_id, part });
  } else if (last?.kind === "activity") {
    last.parts.push(part);
  } else {
    list.push({ kind: "activity", key: `activity-${list.length}`, parts: [part], live: false });
  }
}

/** Calls and decisions count as steps; thinking and second attempts do not. */
export const stepsIn = (parts: readonly ActivityPart[]): number =>
  parts.filter((part) => part.kind === "call" || part.kind === "approval").length;

/** Calls that failed. One that a person rejected did not: it never ran, and the decision is told. */
export function failuresIn(parts: readonly ActivityPart[]): number {
  const decided = new Map(parts.flatMap((part) => (part.kind === "approval" ? [[part.approval.call_id, part.approval.state] as const] : [])));
  return parts.filter((part) => part.kind === "call" && part.result?.success === false && (decided.get(part.call.call_id) ?? "approved") === "approved").length;
}

/** Milliseconds that the work of a segment took, as far as its events tell. */
export function timeOf(parts: readonly ActivityPart[]): number {
  let total = 0;
  for (const part of parts) {
    if (part.kind === "call") total += part.result?.duration_ms ?? 0;
    if (part.kind === "reasoning" && part.endedAt) total += Date.parse(part.endedAt) - Date.parse(part.at);
  }
  return total;
}
