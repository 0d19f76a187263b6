import { Problem } from "../api/http";
import { getSession } from "../api/sessions";
import type { Session } from "../api/types";
import { Conversation, emptyConversation } from "../model/conversation";
import type { AnyEvent } from "../model/events";
import { applyEvents } from "../model/reduce";
import { onceBack, socket } from "./live";
import { createStore, Store } from "./store";

export type FeedState =
  | { state: "loading" }
  | { state: "failed"; problem: Problem }
  | { state: "ready"; session: Session; conversation: Conversation };

/**
 * One session as it is now: the session's object, then its log from the first event on, a batch for each frame.
 * What was written before the page opened is applied in one go and shown once.
 */
export class SessionFeed {
  /** Another branch is shown than the server's leaf is on. */
  isElsewhere = false;
  readonly store: Store<FeedState> = createStore<FeedState>({ state: "loading" });

  private session: Session | null = null;
  private conversation = emptyConversation;
  private pending: AnyEvent[] = [];
  private target: number | null = null;
  private scheduled = false;
  private unfollow: (() => void) | null = null;
  private closed = false;

  constructor(readonly id: string) {
    void this.open();
  }

  close(): void {
    this.closed = true;
    this.unfollow?.();
  }

  /** From nothing: at the first opening, after a fault, and when the log was rewound. */
  async open(): Promise<void> {
    this.unfollow?.();
    this.store.set({ state: "loading" });
    this.conversation = emptyConversation;
    this.pending = [];
    this.target = null;
    try {
      this.session = await getSession(this.id);
    } catch (error) {
      if (this.closed) return;
      const problem = Problem.of(error);
      this.store.set({ state: "failed", problem });
      this.unfollow = onceBack(problem, () => void this.open());
      return;
    }
    if (this.closed) return;
    this.unfollow = socket.follow(this.id, {
      after: () => this.pending[this.pending.length - 1]?.id ?? this.conversation.lastEvent,
      begun: (lastEvent) => this.begun(lastEvent),
      receive: (event) => this.receive(event),
      refused: (code) => this.refused(code),
    });
  }

  /** Shows the newest branch through a message. */
  pin(message: string): void {
    this.isElsewhere = true;
    this.conversation = { ...this.conversation, pin: message };
    this.publish();
  }

  /** The server has the same leaf as the page again. */
  settle(): void {
    this.isElsewhere = false;
  }

  rename(title: string): void {
    if (this.session) this.session = { ...this.session, title };
    this.publish();
  }

  private begun(lastEvent: number): void {
    this.target ??= lastEvent;
    this.schedule();
  }

  private refused(code: string): void {
    if (code !== "not_found" && code !== "forbidden") void this.open();
    else this.store.set({ state: "failed", problem: new Problem(404, code, code) });
  }

  private receive(event: AnyEvent): void {
    this.pending.push(event);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled || this.closed) return;
    this.scheduled = true;
    const run = () => {
      this.scheduled = false;
      this.flush();
    };
    if (document.visibilityState === "visible") requestAnimationFrame(run);
    else setTimeout(run, 250);
  }

  private flush(): void {
    if (this.closed || this.session === null || this.target === null) return;
    const last = this.pending[this.pending.length - 1]?.id ?? this.conversation.lastEvent;
    const opening = this.store.get().state !== "ready";
    if (opening && last < this.target) return;
    this.apply(opening ? this.session : null);
    this.publish();
  }

  /** The server's leaf holds for what the session's object already knew; later messages move it on. */
  private apply(opening: Session | null): void {
    const events = this.pending;
    this.pending = [];
    if (!opening) {
      this.conversation = applyEvents(this.conversation, events);
      return;
    }
    const known = events.filter((event) => event.id <= opening.last_event);
    this.conversation = applyEvents(this.conversation, known);
    if (opening.leaf && this.conversation.messages.has(opening.leaf)) this.conversation = { ...this.conversation, pin: opening.leaf };
    this.conversation = applyEvents(this.conversation, events.slice(known.length));
  }

  private publish(): void {
    if (this.session === null || this.target === null || this.closed) return;
    this.store.set({ state: "ready", session: this.session, conversation: this.conversation });
  }
}
