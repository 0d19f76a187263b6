import { ButtonHTMLAttributes, forwardRef } from "react";
import { Icon, IconName } from "./Icon";

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  look?: "primary" | "secondary" | "quiet" | "danger";
  small?: boolean;
  icon?: IconName;
  /** The key that does the same. */
  shortcut?: string;
  busy?: boolean;
};

export const Button = forwardRef<HTMLButtonElement, ButtonProps>(function Button(
  { look = "secondary", small, icon, shortcut, busy, children, className = "", disabled, ...props },
  ref,
) {
  return (
    <button
      type="button"
      ref={ref}
      {...props}
      disabled={disabled || busy}
      aria-keyshortcuts={shortcut}
      className={`button ${look} ${small ? "small" : ""} ${className}`}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      {children}
      {shortcut && <Kbd>{shortcut}</Kbd>}
    </button>
  );
});

type IconButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & { icon: IconName; label: string; small?: boolean };

/** A button with a picture only: its label is its name and its tooltip. */
export const IconButton = forwardRef<HTMLButtonElement, IconButtonProps>(function IconButton(
  { icon, label, small, className = "", ...props },
  ref,
) {
  return (
    <button type="button" ref={ref} aria-label={label} title={label} {...props} className={`icon-button ${small ? "small" : ""} ${className}`}>
      <Icon name={icon} />
    </button>
  );
});

export function Kbd({ children }: { children: string }) {
  return (
    <kbd className="kbd" aria-hidden="true">
      {children}
    </kbd>
  );
}
