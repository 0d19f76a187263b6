import { createStore } from "../app/store";
import type { AnyEvent } from "../model/events";
import { delayBefore } from "./backoff";
import { Problem } from "./http";

export type Link = "connecting" | "open" | "lost";

/** Someone who follows a session: asked for its last number at each connection, so that nothing is missed or sent twice. */
export interface Follower {
  after(): number;
  begun(lastEvent: number): void;
  receive(event: AnyEvent): void;
  refused(code: string): void;
}

type Watcher = (event: AnyEvent) => void;
type Answer = Record<string, unknown>;

const pingEvery = 25_000;
const pingPatience = 4_000;
const askPatience = 10_000;
const lostAfter = 1_500;

/** Close codes: the server stops, and this caller may not be here. */
const goingAway = 1001;
const notAllowed = 1008;

/** The one connection of this page: it comes back by itself, and everyone who follows a session goes on where they were. */
export class PageSocket {
  readonly link = createStore<Link>("connecting");

  private socket: WebSocket | null = null;
  private attempt = 0;
  private nextRef = 1;
  private retry: number | undefined;
  private lostTimer: number | undefined;
  private pingTimer: number | undefined;
  private cursor: string | null = null;
  private stopped = true;
  /** The server has said something over this connection: one that stops takes connections, and ends them without a word. */
  private isAnswered = false;
  private wasThere = false;
  private readonly waiting = new Map<string, { resolve(answer: Answer): void; reject(problem: Problem): void; timer: number }>();
  private readonly followers = new Map<string, Follower>();
  private readonly watchers = new Set<Watcher>();
  private readonly reconnected = new Set<() => void>();

  constructor(private readonly onRefused: () => void) {
    for (const sign of ["online", "focus"]) addEventListener(sign, () => this.check());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.check());
    addEventListener("pageshow", (event) => event.persisted && this.check());
  }

  start(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.cursor = null;
    clearTimeout(this.retry);
    this.drop();
  }

  /** A new connection with the same followers: after a change of language, texts come in the new one. */
  renew(): void {
    if (!this.stopped && this.socket?.readyState === WebSocket.OPEN) this.drop();
  }

  follow(session: string, follower: Follower): () => void {
    this.followers.set(session, follower);
    if (this.isOpen) this.subscribe(session, follower);
    return () => {
      if (this.followers.get(session) !== follower) return;
      this.followers.delete(session);
      if (this.isOpen) this.ask({ type: "unsubscribe", session_id: session }).catch(() => undefined);
    };
  }

  watch(watcher: Watcher): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  /** Called whenever a connection is there again: lists that no event keeps up to date are then read anew. */
  onReconnect(listener: () => void): () => void {
    this.reconnected.add(listener);
    return () => this.reconnected.delete(listener);
  }

  /** A connection that leaves a question unanswered is dead, whatever it says of itself, and is replaced. */
  ask(frame: Record<string, unknown>, patience = askPatience): Promise<Answer> {
    const socket = this.socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) return Promise.reject(new Problem(0, "offline", "Not connected."));
    const ref = String(this.nextRef++);
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(() => this.socket === socket && this.drop(), patience);
      this.waiting.set(ref, { resolve, reject, timer });
      socket.send(JSON.stringify({ ...frame, ref }));
    });
  }

  /** The server turned a request away because it stops: it is as good as gone, until it answers here again. */
  away(): void {
    this.isAnswered = false;
    this.link.set("lost");
    this.check();
  }

  /** Is the connection alive? Finds out within seconds; a dead one is replaced. */
  check(): void {
    if (this.stopped) return;
    if (this.isOpen) return this.ping();
    if (this.socket?.readyState === WebSocket.CONNECTING) return;
    clearTimeout(this.retry);
    this.attempt = 0;
    this.connect();
  }

  private get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  private connect(): void {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/v1/ws`);
    this.socket = socket;
    this.isAnswered = false;
    socket.onopen = () => this.socket === socket && this.opened();
    socket.onmessage = (message) => this.socket === socket && this.received(message.data);
    socket.onclose = (event) => this.socket === socket && this.closed(event.code);
  }

  private opened(): void {
    for (const [session, follower] of this.followers) this.subscribe(session, follower);
    this.watchAll();
    this.pingTimer = window.setInterval(() => this.ping(), pingEvery);
  }

  /** The first word over a connection: now it is there. */
  private answeredAtLast(): void {
    const again = this.wasThere || this.attempt > 0 || this.link.get() === "lost";
    this.isAnswered = this.wasThere = true;
    this.attempt = 0;
    clearTimeout(this.lostTimer);
    this.lostTimer = undefined;
    this.link.set("open");
    if (again) for (const listener of this.reconnected) listener();
  }

  /** From where the last connection ended; from now on when the server does not know that place any more. */
  private watchAll(): void {
    this.ask({ type: "watch", cursor: this.cursor }).then(
      (answer) => (this.cursor = typeof answer.cursor === "string" ? answer.cursor : this.cursor),
      (error) => {
        if (Problem.of(error).isOffline || this.cursor === null) return;
        this.cursor = null;
        this.watchAll();
      },
    );
  }

  private subscribe(session: string, follower: Follower): void {
    this.ask({ type: "subscribe", session_id: session, after: follower.after() }).then(
      (answer) => follower.begun(Number(answer.last_event ?? 0)),
      (error) => !Problem.of(error).isOffline && follower.refused(Problem.of(error).code),
    );
  }

  private ping(): void {
    this.ask({ type: "ping" }, pingPatience).catch(() => undefined);
  }

  /** Gives the connection up without waiting for the other side, which may be gone. */
  private drop(): void {
    const socket = this.socket;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.closed(1006);
  }

  private closed(code: number): void {
    this.socket = null;
    clearInterval(this.pingTimer);
    for (const { reject, timer } of this.waiting.values()) {
      clearTimeout(timer);
      reject(new Problem(0, "offline", "The connection was lost."));
    }
    this.waiting.clear();
    if (this.stopped) return;
    if (code === notAllowed || this.attempt === 2) this.onRefused();
    this.attempt += 1;
    if (code === goingAway) this.link.set("lost");
    this.lostTimer ??= window.setTimeout(() => this.link.set("lost"), lostAfter);
    clearTimeout(this.retry);
    this.retry = window.setTimeout(() => this.connect(), delayBefore(this.attempt, Math.random()));
  }

  private received(text: string): void {
    if (!this.isAnswered) this.answeredAtLast();
    const frame = JSON.parse(text) as Answer;
    if (frame.type === "ack" || frame.type === "nack") return this.answered(frame);
    if (frame.type === "unsubscribed") return this.followers.get(String(frame.session_id))?.refused(String(frame.code));
    if (typeof frame.cursor === "string" && frame.event) {
      this.cursor = frame.cursor;
      for (const watcher of this.watchers) watcher(frame.event as AnyEvent);
      return;
    }
    const event = frame as unknown as AnyEvent;
    this.followers.get(event.session_id)?.receive(event);
  }

  private answered(frame: Answer): void {
    const waiting = this.waiting.get(String(frame.ref));
    this.waiting.delete(String(frame.ref));
    clearTimeout(waiting?.timer);
    if (frame.type === "ack") waiting?.resolve(frame);
    else waiting?.reject(new Problem(400, String(frame.code), String(frame.message), [], frame));
  }
}
