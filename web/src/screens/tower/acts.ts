import { inPath, newKey, post } from "../../api/client";
import { asRefused, type RefusedError } from "../../api/problems";
import type { Action, ExceptionDetail, ExceptionItem } from "../../api/schema";
import { store } from "../../live/store";
import { pastNow } from "../../past/past";
import { words } from "../../shown/words";
import { keepRow, queue } from "./queue";

export type Deed = Action["action"];
export interface Asked {
  action: Deed;
  text?: string;
  until?: string;
}

/** Somebody else was first. */
export interface Conflict {
  asked: Asked;
  seenVersion: number;
  current: ExceptionDetail;
}

interface Acting {
  /** Of which exception an action is under way. */
  busy: string | null;
  conflicts: ReadonlyMap<string, Conflict>;
  failure: { id: string; asked: Asked; error: RefusedError } | null;
  /** What can be taken back, and until when by this machine's clock. */
  undo: Undo | null;
}

interface Undo {
  /** Of an exception; of anything else `take` takes it back. */
  id: string;
  said: string;
  untilMs: number;
  take?: () => void;
}

const UNDO_MS = 10_000;

export const acting = store<Acting>({ busy: null, conflicts: new Map(), failure: null, undo: null });

const DONE: Record<Deed, string> = {
  own: "Now yours",
  acknowledge: "Acknowledged",
  snooze: "Snoozed",
  escalate: "Escalated",
  note: "Noted",
  resolve: "Resolved",
  reopen: "Opened again",
  undo: "Taken back",
};

/** Act on an exception as it was seen; who acts on an old version is told what changed. */
export async function act(row: ExceptionItem, asked: Asked): Promise<void> {
  // What is past can be read alone: who acts does so on what is now.
  if (acting.now().busy !== null || pastNow() !== null) return;
  acting.change({ ...acting.now(), busy: row.id, failure: null });
  try {
    const now = await post<ExceptionDetail>(
      `/v1/exceptions/${inPath(row.id)}/actions`,
      { ...asked, version: row.version },
      newKey(),
    );
    keepRow(now);
    forgetConflict(row.id);
    const said = `${DONE[asked.action]}: ${words(row.kind)} ${row.subject ?? ""}`.trim();
    const undo =
      asked.action === "undo" ? null : { id: row.id, said, untilMs: Date.now() + UNDO_MS };
    acting.change({ ...acting.now(), busy: null, undo });
  } catch (error) {
    failed(row, asked, asRefused(error));
  }
}

/** Offer to take back what was done on another screen. */
export function offerUndo(said: string, take: () => void): void {
  acting.change({ ...acting.now(), undo: { id: "", said, untilMs: Date.now() + UNDO_MS, take } });
}

/** Take the last action back, while that is offered. */
export async function undo(): Promise<void> {
  const offered = acting.now().undo;
  if (offered?.take && Date.now() <= offered.untilMs) {
    forgetUndo();
    offered.take();
    return;
  }
  const row = offered && queue.now().rows.get(offered.id);
  if (!row || Date.now() > offered.untilMs) return;
  await act(row, { action: "undo" });
}

export function forgetConflict(id: string): void {
  const conflicts = new Map(acting.now().conflicts);
  if (conflicts.delete(id)) acting.change({ ...acting.now(), conflicts });
}

export function forgetFailure(): void {
  acting.change({ ...acting.now(), failure: null });
}

export function forgetUndo(): void {
  acting.change({ ...acting.now(), undo: null });
}

function failed(row: ExceptionItem, asked: Asked, error: RefusedError): void {
  if (error.status === 409 && error.current) {
    keepRow(error.current);
    const conflict = { asked, seenVersion: row.version, current: error.current };
    const conflicts = new Map(acting.now().conflicts).set(row.id, conflict);
    acting.change({ ...acting.now(), busy: null, conflicts });
  } else {
    acting.change({ ...acting.now(), busy: null, failure: { id: row.id, asked, error } });
  }
}
