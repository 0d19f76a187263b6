import { ReactNode } from "react";
import { Icon, IconName } from "./Icon";

type Look = "plain" | "good" | "warn" | "bad";
const icons: Record<Look, IconName> = { plain: "info", good: "check", warn: "warning", bad: "warning" };

/** A few words in a box, said aloud at once when they tell of a fault. */
export function Notice({ look = "plain", children }: { look?: Look; children: ReactNode }) {
  return (
    <div className={`notice ${look}`} role={look === "bad" ? "alert" : undefined}>
      <Icon name={icons[look]} />
      <div className="notice-text">{children}</div>
    </div>
  );
}
