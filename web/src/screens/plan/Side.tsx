import type { ReactNode } from "react";

/** What there is to know of the chosen thing; it scrolls, so the keyboard can go into it. */
export function Side({ label, children }: { label: string; children: ReactNode }) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls
    <aside className="below-side" aria-label={label} tabIndex={0}>
      {children}
    </aside>
  );
}
