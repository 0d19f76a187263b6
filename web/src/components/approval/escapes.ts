import type { KeyboardEvent } from "react";

/** Escape closes the form, and means nothing more: behind it would stop what runs. */
export const escapes = (onBack: () => void) => (event: KeyboardEvent) => {
  if (event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  onBack();
};
