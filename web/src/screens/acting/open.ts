import { store } from "../../live/store";
import type { Draft } from "./drafts";

/** The command that was begun from the palette, if any. */
export const begun = store<{ draft: Draft | null }>({ draft: null });

export function begin(draft: Draft): void {
  begun.change({ draft });
}

export function leave(): void {
  begun.change({ draft: null });
}
