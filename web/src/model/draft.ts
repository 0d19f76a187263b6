import { Conversation, Member, MessageNode, Part, Turn } from "./conversation";
import type { SessionEvent } from "./events";

/** The next conversation while a batch of events is applied: every map and turn is copied once, at its first change. */
export class Draft {
  private next: Conversation;
  private readonly copied = new Set<string>();

  constructor(private readonly base: Conversation) {
    this.next = { ...base };
  }

  get done(): Conversation {
    return this.next;
  }
  get messages(): ReadonlyMap<string, MessageNode> {
    return this.next.messages;
  }

  see(id: number): void {
    this.next.lastEvent = id;
  }
  pin(message: string): void {
    this.next.pin = message;
  }

  text(key: string): string | undefined {
    return this.next.texts.get(key);
  }
  setText(key: string, text: string): void {
    this.map("texts").set(key, text);
  }
  dropText(key: string): void {
    this.map("texts").delete(key);
  }
  addMessage(node: MessageNode): void {
    this.map("messages").set(node.id, node);
  }

  /** The turn of the run at the top of the event's run; made at the first sight of it. */
  turn(event: SessionEvent): Turn | null {
    if (event.run_id === null) return null;
    const root = this.rootOf(event.run_id, event.parent_run_id);
    const turn = this.next.turns.get(root);
    if (turn && this.copied.has(root)) return turn;
    const copy = turn ? { ...turn, parts: [...turn.parts] } : newTurn(root, event);
    this.copied.add(root);
    this.map("turns").set(root, copy);
    return copy;
  }

  /** A look at the turn, for an event that may change nothing of it. */
  peek(event: SessionEvent): Turn | undefined {
    return event.run_id === null ? undefined : this.next.turns.get(this.rootOf(event.run_id, event.parent_run_id));
  }

  replacePart<P extends Part>(turn: Turn, old: P, change: Partial<P>): void {
    turn.parts[turn.parts.indexOf(old)] = { ...old, ...change };
  }

  /** Changes what is known of the run below that the event is of; made at the first sight of it. */
  changeMember(event: SessionEvent, change: Partial<Member>): void {
    const turn = event.parent_run_id === null ? null : this.turn(event);
    if (!turn || event.run_id === null) return;
    const known = turn.members.get(event.run_id) ?? newMember(event.run_id, event.agent ?? "");
    turn.members = new Map(turn.members).set(event.run_id, { ...known, ...change });
  }

  private rootOf(run: string, parent: string | null): string {
    const known = this.next.roots.get(run);
    if (known !== undefined) return known;
    const root = parent === null ? run : this.next.roots.get(parent) ?? parent;
    this.map("roots").set(run, root);
    return root;
  }

  private map<Name extends "messages" | "turns" | "roots" | "texts">(name: Name): Mutable<Conversation[Name]> {
    if (this.next[name] === this.base[name]) this.next = { ...this.next, [name]: new Map(this.base[name] as ReadonlyMap<string, unknown>) };
    return this.next[name] as unknown as Mutable<Conversation[Name]>;
  }
}

type Mutable<M> = M extends ReadonlyMap<infer K, infer V> ? Map<K, V> : never;

const newMember = (runId: string, agent: string): Member => ({ runId, agent, task: null, status: "queued", durationMs: null, error: null });

function newTurn(runId: string, event: SessionEvent): Turn {
  return {
    runId,
    status: "queued",
    agent: event.agent ?? "",
    parts: [],
    members: new Map(),
    queuedAt: event.at,
    startedAt: null,
    endedAt: null,
    durationMs: null,
    models: [],
    cache: null,
    usage: null,
    costUsd: null,
    cutShort: null,
    error: null,
    rehearsal: false,
    suggestions: [],
  };
}
