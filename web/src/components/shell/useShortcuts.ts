import { useEffect } from "react";
import { palette } from "../../app/drawer";
import { isModalOpen } from "../../app/keys";
import { navigate, paths } from "../../app/router";

/** Ctrl/Cmd-K: the palette. Ctrl/Cmd-J: a new chat. */
export function useShortcuts(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
      const key = event.key.toLowerCase();
      if (key !== "k" && key !== "j") return;
      event.preventDefault();
      if (key === "k") palette.set((open) => !open && !isModalOpen());
      else if (!isModalOpen()) navigate(paths.home);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
