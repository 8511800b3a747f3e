import { store } from "../live/store";
import type { Me } from "./schema";

interface Session {
  /** Whether the server has been asked. */
  known: boolean;
  me: Me | null;
  /** It was there and ended: silence, or signed out elsewhere. */
  ended: boolean;
}

export const session = store<Session>({ known: false, me: null, ended: false });

export function mayPlan(me: Me | null): boolean {
  return me !== null && ["planner", "admin"].includes(me.role);
}

export function mayDispatch(me: Me | null): boolean {
  return me !== null && ["dispatcher", "planner", "admin"].includes(me.role);
}
