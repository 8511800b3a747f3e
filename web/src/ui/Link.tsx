import type { MouseEvent, ReactNode } from "react";
import { go, keepingTime, useAddress } from "../frame/address";

interface Props {
  to: string;
  className?: string;
  current?: boolean;
  children: ReactNode;
}

/** A real link that does not load the page anew; with Ctrl or the middle button it opens a tab. */
export function Link({ to, className, current = false, children }: Props) {
  useAddress(); // what is shown may be past: the link keeps the time
  function follow(event: MouseEvent): void {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(to);
  }
  return (
    <a href={keepingTime(to)} className={className} aria-current={current ? "page" : undefined} onClick={follow}>
      {children}
    </a>
  );
}
