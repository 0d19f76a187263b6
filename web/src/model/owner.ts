/** Somebody other than the reader, to whom a thing belongs or who decided it. */
export interface Other {
  kind: "person" | "key" | "local" | "unknown";
  /** What people call them; empty where nobody said. */
  name: string;
}

const localUser = "usr_local";

/** Who is behind an identifier; null when it is the reader, or when nobody is named. */
export function otherThan(me: string, id: string | null | undefined, name: string | null | undefined): Other | null {
  if (!id || id === me) return null;
  if (id === localUser) return { kind: "local", name: "" };
  if (id.startsWith("key_")) return { kind: "key", name: name ?? "" };
  return { kind: name ? "person" : "unknown", name: name ?? "" };
}

/** What the server says of whose a thing is. */
export interface Owned {
  owner?: string;
  owner_name?: string | null;
}

export const ownerOf = ({ owner, owner_name }: Owned, me: string): Other | null => otherThan(me, owner, owner_name);
