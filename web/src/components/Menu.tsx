import { ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { Icon, IconName } from "./Icon";

export interface MenuItem {
  label: string;
  icon?: IconName;
  end?: ReactNode;
  danger?: boolean;
  onSelect(): void;
}

interface MenuProps {
  label: string;
  items: (MenuItem | "line")[];
  trigger(props: { onClick(): void; "aria-haspopup": "menu"; "aria-expanded": boolean; ref(element: HTMLElement | null): void }): ReactNode;
}

/** A button that opens a list of actions: arrows move, Escape closes, focus goes back to the button. */
export function Menu({ label, items, trigger }: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const anchor = useRef<HTMLElement | null>(null);
  const close = () => {
    setOpen(false);
    anchor.current?.focus();
  };
  return (
    <>
      {trigger({
        onClick: () => setOpen(!isOpen),
        "aria-haspopup": "menu",
        "aria-expanded": isOpen,
        ref: (element) => (anchor.current = element),
      })}
      {isOpen && createPortal(<MenuList label={label} items={items} anchor={anchor.current} onClose={close} />, document.querySelector("main") ?? document.body)}
    </>
  );
}

interface MenuListProps {
  label: string;
  items: (MenuItem | "line")[];
  anchor: HTMLElement | null;
  onClose(): void;
}

function MenuList({ label, items, anchor, onClose }: MenuListProps) {
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (ref.current && anchor) place(ref.current, anchor);
    ref.current?.querySelector<HTMLElement>("[role^=menuitem]")?.focus();
  }, [anchor]);
  useCloseOutside(ref, anchor, onClose);
  return (
    <div ref={ref} className="menu" role="menu" aria-label={label} onKeyDown={(event) => move(event.nativeEvent, ref.current, onClose)}>
      {items.map((item, index) =>
        item === "line" ? (
          <hr key={index} />
        ) : (
          <button
            key={index}
            type="button"
            role="menuitem"
            tabIndex={-1}
            className={`menu-item ${item.danger ? "danger" : ""}`}
            onClick={() => {
              onClose();
              item.onSelect();
            }}
          >
            {item.icon && <Icon name={item.icon} />}
            <span>{item.label}</span>
            {item.end && <span className="end">{item.end}</span>}
          </button>
        ),
      )}
    </div>
  );
}

/** Under the button when there is room, else above it; never out of the window. */
function place(menu: HTMLElement, anchor: HTMLElement): void {
  const button = anchor.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = button.bottom + 6 + height <= innerHeight - 8;
  const left = button.left + width <= innerWidth - 8 ? button.left : button.right - width;
  menu.style.left = `${Math.max(8, left)}px`;
  menu.style.top = `${Math.max(8, below ? button.bottom + 6 : button.top - 6 - height)}px`;
}

function move(event: KeyboardEvent, menu: HTMLElement | null, onClose: () => void): void {
  const items = [...(menu?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1 + items.length, Home: 0, End: items.length - 1 }[event.key];
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    onClose();
  } else if (to !== undefined) {
    event.preventDefault();
    items[to % items.length]?.focus();
  }
}

function useCloseOutside(ref: React.RefObject<HTMLElement>, anchor: HTMLElement | null, onClose: () => void): void {
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const outside = (event: Event) => {
      const target = event.target as Node;
      if (!ref.current?.contains(target) && !anchor?.contains(target)) close.current();
    };
    const resize = () => close.current();
    document.addEventListener("pointerdown", outside, true);
    addEventListener("resize", resize);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      removeEventListener("resize", resize);
    };
  }, [ref, anchor]);
}
