import type { Conversation, MessageNode, Turn } from "./conversation";

/** One exchange on the branch that is shown: what was asked, what came of it, and the other ways it was asked. */
export interface Exchange {
  message: MessageNode;
  turn: Turn | null;
  /** User messages with the same parent, in order, this one included. */
  versions: string[];
  /** The turn was first seen with a run of its own before the message (older logs). */
  index: number;
}

type Children = Map<string | null, MessageNode[]>;

function childrenOf(conversation: Conversation): Children {
  const children: Children = new Map();
  for (const node of conversation.messages.values()) {
    const list = children.get(node.parent);
    if (list) list.push(node);
    else children.set(node.parent, [node]);
  }
  return children;
}

/** The end of the newest branch through `id`. */
function newestLeaf(children: Children, id: string): string {
  let leaf = id;
  for (;;) {
    const below = children.get(leaf);
    if (!below) return leaf;
    leaf = below[below.length - 1].id;
  }
}

function path(conversation: Conversation, leaf: string): MessageNode[] {
  const nodes: MessageNode[] = [];
  let id: string | null = leaf;
  while (id !== null) {
    const node = conversation.messages.get(id);
    if (!node) break;
    nodes.push(node);
    id = node.parent;
  }
  return nodes.reverse();
}

/** The branch that is shown, oldest exchange first. */
export function exchanges(conversation: Conversation): Exchange[] {
  const children = childrenOf(conversation);
  const roots = children.get(null);
  const pin = conversation.pin !== null && conversation.messages.has(conversation.pin) ? conversation.pin : roots?.[roots.length - 1]?.id;
  if (pin === undefined) return [];
  return path(conversation, newestLeaf(children, pin))
    .filter((node) => node.role === "user")
    .map((message) => exchange(conversation, children, message));
}

function exchange(conversation: Conversation, children: Children, message: MessageNode): Exchange {
  const versions = (children.get(message.parent) ?? []).filter((node) => node.role === "user").map((node) => node.id);
  const turn = message.runId === null ? null : conversation.turns.get(message.runId) ?? null;
  return { message, turn, versions, index: versions.indexOf(message.id) };
}

/** The message that the next one follows: the end of the branch that is shown. */
export function leafOf(conversation: Conversation): string | null {
  if (conversation.pin === null || !conversation.messages.has(conversation.pin)) return null;
  return newestLeaf(childrenOf(conversation), conversation.pin);
}
