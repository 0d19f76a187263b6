/** Whether a key press is meant for a field: letters are then no shortcuts. */
export function isTyping(event: KeyboardEvent): boolean {
  const element = event.target as HTMLElement | null;
  return !!element && (element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName));
}

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
export const commandKey = isMac ? "⌘" : "Ctrl";

/** Something modal is open: shortcuts of the page behind it rest. */
export const isModalOpen = (): boolean => document.querySelector("dialog[open]") !== null;
