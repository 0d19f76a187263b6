import { ReactNode, useEffect, useRef } from "react";
import { drawer } from "../../app/drawer";
import { useStore } from "../../app/store";
import { pageTitle } from "../../app/tab";
import { useWords } from "../../i18n/words";
import { IconButton } from "../Button";

interface PageHeadProps {
  title: string;
  /** Beside the title: what it is about. */
  children?: ReactNode;
  /** At the right end. */
  actions?: ReactNode;
  /** Takes the focus when the page opens, so that it is said. Not in the chat, where the composer takes it. */
  focus?: boolean;
}

export function PageHead({ title, children, actions, focus }: PageHeadProps) {
  const { t } = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  const isOpen = useStore(drawer);
  useEffect(() => {
    if (focus) heading.current?.focus();
  }, [focus]);
  useEffect(() => {
    pageTitle.set(title);
  }, [title]);
  return (
    <header className="page-head">
      <IconButton className="only-narrow" icon="menu" label={t("shell.menu.open")} aria-expanded={isOpen} onClick={() => drawer.set(true)} />
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
      {actions && <div className="page-head-actions">{actions}</div>}
    </header>
  );
}
