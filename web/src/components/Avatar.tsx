const colours = 4;
const given = new Map<string, number>();

/**
 * An agent's colour, the same wherever it appears. Its name prefers one; a colour that another agent has already is left to it as
 * long as there are free ones.
 */
export function agentColour(name: string): string {
  const known = given.get(name);
  if (known !== undefined) return `agent-${known + 1}`;
  const taken = new Set(given.values());
  let colour = preferred(name);
  for (let step = 0; step < colours && taken.has(colour); step += 1) colour = (colour + 1) % colours;
  given.set(name, colour);
  return `agent-${colour + 1}`;
}

function preferred(name: string): number {
  let hash = 2_166_136_261;
  for (const character of name) hash = Math.imul(hash ^ character.charCodeAt(0), 16_777_619);
  return (hash >>> 0) % colours;
}

/** What people read for an agent or a target: `agent:meta_ads` is "Meta ads". */
export function displayName(name: string): string {
  const bare = name.slice(name.indexOf(":") + 1).replace(/[_-]+/g, " ").trim();
  return bare.charAt(0).toUpperCase() + bare.slice(1);
}

export function Avatar({ name }: { name: string }) {
  return (
    <span className={`avatar ${agentColour(name)}`} aria-hidden="true">
      {displayName(name).charAt(0)}
    </span>
  );
}
