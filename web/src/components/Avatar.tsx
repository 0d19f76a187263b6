/** An agent's colour and initial, the same wherever it appears. */
export function agentColour(name: string): string {
  let sum = 0x811c9dc5;
  for (const character of name) sum = Math.imul(sum ^ character.charCodeAt(0), 0x01000193);
  return `agent-${(((sum >>> 13) ^ sum) & 3) + 1}`;
}

/** Colours for agents who are seen together: each keeps its own unless another has it already. */
export function coloursOf(names: string[]): Map<string, string> {
  const colours = new Map<string, string>();
  for (const name of names) {
    const taken = [...colours.values()];
    const free = [1, 2, 3, 4].map((number) => `agent-${number}`).find((colour) => !taken.includes(colour));
    const own = agentColour(name);
    colours.set(name, taken.includes(own) ? free ?? own : own);
  }
  return colours;
}

/** What people read for an agent or a target: `agent:meta_ads` is "Meta ads". */
export function displayName(name: string): string {
  const bare = name.slice(name.indexOf(":") + 1).replace(/[_-]+/g, " ").trim();
  return bare.charAt(0).toUpperCase() + bare.slice(1);
}

export function Avatar({ name, colour = agentColour(name) }: { name: string; colour?: string }) {
  return (
    <span className={`avatar ${colour}`} aria-hidden="true">
      {displayName(name).charAt(0)}
    </span>
  );
}
