/** An agent's colour and initial, the same wherever it appears. */
export function agentColour(name: string): string {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.charCodeAt(0)) >>> 0;
  return `agent-${(sum % 4) + 1}`;
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
