import { ReactNode } from "react";
import { Avatar } from "../Avatar";
import { Icon } from "../Icon";

interface WorkHeadProps {
  agents: string[];
  title: ReactNode;
  sum: ReactNode;
  isLive: boolean;
  isOpen: boolean;
  bodyId: string;
  onToggle(): void;
}

/** The line that stays of some work when it is folded: who, with what, and how it went. */
export function WorkHead({ agents, title, sum, isLive, isOpen, bodyId, onToggle }: WorkHeadProps) {
  return (
    <button type="button" className="activity-head" aria-expanded={isOpen} aria-controls={bodyId} onClick={onToggle}>
      <span className="activity-agents">
        {agents.slice(0, 4).map((agent) => (
          <Avatar key={agent} name={agent} />
        ))}
      </span>
      <span className="activity-words">
        <span className={`activity-title ${isLive ? "sheen" : ""}`}>{title}</span>
        <span className="activity-sum number">{sum}</span>
      </span>
      <Icon name="chevronDown" />
    </button>
  );
}

/** That something failed is seen without opening the card. */
export function FailedMark({ children }: { children: string | null }) {
  if (children === null) return null;
  return (
    <span className="activity-failed">
      <Icon name="warning" size={14} />
      {children}
    </span>
  );
}
