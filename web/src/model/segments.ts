import { ApprovalPart, CallPart, FilePart, isBusy, Member, Part, ReasoningPart, RetryPart, TextPart, Turn } from "./conversation";

export type ActivityPart = CallPart | ReasoningPart | RetryPart | ApprovalPart;

/** A turn cut into what stands under each other on the page: work, the work of others, text, questions to the person, files. */
export type Segment =
  | { kind: "activity"; key: string; parts: ActivityPart[]; live: boolean }
  | { kind: "team"; key: string; calls: CallPart[]; live: boolean }
  | { kind: "text"; key: string; part: TextPart }
  | { kind: "approval"; key: string; part: ApprovalPart }
  | { kind: "files"; key: string; files: FilePart[] };

/** What the turn's own run did, with the questions of all its runs: whoever asks, the person sees it at once. */
export function segments(turn: Turn): Segment[] {
  const list = segmentsOf(turn.parts.filter((part) => part.runId === turn.runId || isAsking(part)));
  return withLife(list, turn, turn);
}

/** What a run below did; its questions stand above. */
export function segmentsIn(turn: Turn, member: Member): Segment[] {
  const list = segmentsOf(turn.parts.filter((part) => part.runId === member.runId));
  return withLife(list.filter((segment) => segment.kind !== "approval"), turn, member);
}

const isAsking = (part: Part): boolean => part.kind === "approval" && part.approval.state === "requested";

function segmentsOf(parts: readonly Part[]): Segment[] {
  const list: Segment[] = [];
  const asked = callsAsked(parts);
  for (const part of decisionsFirst(parts)) if (!(part.kind === "call" && asked.has(part.call.call_id))) add(list, part, list[list.length - 1]);
  return list;
}

/** The last piece of work is what goes on, and with it whatever others are still at. */
function withLife(list: Segment[], turn: Turn, run: Pick<Turn, "status">): Segment[] {
  const last = list[list.length - 1];
  for (const segment of list) {
    if (segment.kind === "team") segment.live = workersIn(turn, segment.calls).length > 0;
    if (segment === last && "live" in segment) segment.live ||= isBusy(run);
  }
  return list;
}

/** The runs that some calls handed work to, as far as they have begun. */
export const membersIn = (turn: Turn, calls: readonly CallPart[]): Member[] =>
  calls.flatMap(({ call }) => turn.members.get(call.child_run_id ?? "") ?? []);

/** Those of them that are at work now. */
export const workersIn = (turn: Turn, calls: readonly CallPart[]): Member[] => membersIn(turn, calls).filter(isBusy);

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

/** Calls about which a person is asked at this moment, and those that do nothing but ask: the question stands for them. */
function callsAsked(parts: readonly Part[]): Set<string> {
  const asked = new Set<string>();
  for (const part of parts) {
    if (part.kind !== "approval" || !part.approval.call_id) continue;
    if (part.approval.state === "requested" || part.approval.question !== undefined) asked.add(part.approval.call_id);
  }
  return asked;
}

function add(list: Segment[], part: Part, last: Segment | undefined): void {
  if (part.kind === "file") {
    if (last?.kind === "files") last.files.push(part);
    else list.push({ kind: "files", key: part.file.file_id, files: [part] });
  } else if (part.kind === "text") {
    list.push({ kind: "text", key: part.messageId, part });
  } else if (part.kind === "approval" && part.approval.state === "requested") {
    list.push({ kind: "approval", key: part.approval.approval_id, part });
  } else if (part.kind === "call" && part.call.child_run_id) {
    if (last?.kind === "team") last.calls.push(part);
    else list.push({ kind: "team", key: `team-${part.call.call_id}`, calls: [part], live: false });
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
