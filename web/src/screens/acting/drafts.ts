import type { CommandAsked } from "../../api/schema";

/** A command as somebody begins it: what it is about is known, the rest is asked in the panel. */
export type Draft =
  | { command: "hold_departure" | "cancel_load" | "divert"; load_id: string }
  | { command: "divert"; parcel_ids: readonly string[] }
  | { command: "add_load"; from: string; to: string }
  | { command: "move_stops"; route_id: string; parcel_ids: readonly string[] }
  | { command: "reattempt"; parcel_id: string };

/** What is typed into the panel; every part as text until it is asked. */
export interface Typed {
  /** Minutes after the planned departure. */
  minutes: string;
  from: string;
  to: string;
  volume: string;
  carrier: string;
  route: string;
}

export type Field = keyof Typed;

export function typedOf(draft: Draft): Typed {
  return {
    minutes: "30",
    from: "from" in draft ? draft.from : "",
    to: "to" in draft ? draft.to : "",
    volume: "",
    carrier: "",
    route: "",
  };
}

/** The fields that a command asks for, in order. */
export function fieldsOf(draft: Draft): readonly Field[] {
  switch (draft.command) {
    case "hold_departure":
      return ["minutes"];
    case "add_load":
      return ["from", "to", "volume"];
    case "divert":
      return "load_id" in draft ? ["to"] : ["carrier"];
    case "move_stops":
      return ["route"];
    default:
      return [];
  }
}

/**
 * The command that is meant, or null while something is missing. `departsMs` is the planned
 * departure; before it is known, a hold is asked from now on, which tells it.
 */
export function askedOf(draft: Draft, typed: Typed, departsMs: number | null, nowMs: number): CommandAsked | null {
  switch (draft.command) {
    case "hold_departure": {
      const minutes = Number(typed.minutes);
      if (typed.minutes.trim() === "" || !Number.isFinite(minutes) || minutes < 0) return null;
      const untilMs = (departsMs ?? nowMs) + Math.min(minutes, MOST_MINUTES) * 60_000;
      return { ...NOTHING, command: draft.command, load_id: draft.load_id, until: new Date(untilMs).toISOString() };
    }
    case "cancel_load":
      return { ...NOTHING, command: draft.command, load_id: draft.load_id };
    case "reattempt":
      return { ...NOTHING, command: draft.command, parcel_id: draft.parcel_id };
    case "add_load": {
      const [from, to] = [typed.from.trim(), typed.to.trim()];
      const volume = Number(typed.volume);
      if (!from || !to || from === to || !(volume >= 0)) return null;
      return { ...NOTHING, command: draft.command, from, to, ...(volume ? { volume_m3: volume } : {}) };
    }
    case "divert": {
      const [to, carrier] = [typed.to.trim(), typed.carrier.trim()];
      if ("load_id" in draft) return to ? { ...NOTHING, command: draft.command, load_id: draft.load_id, to } : null;
      return carrier ? { ...NOTHING, command: draft.command, parcel_ids: [...draft.parcel_ids], carrier_id: carrier } : null;
    }
    case "move_stops": {
      const route = typed.route.trim();
      if (!route || route === draft.route_id) return null;
      return { ...NOTHING, command: draft.command, route_id: draft.route_id, to_route_id: route, parcel_ids: [...draft.parcel_ids] };
    }
  }
}

const MOST_MINUTES = 60 * 24 * 30;
const NOTHING = { preview: false } as const;

export function titleOf(draft: Draft): string {
  switch (draft.command) {
    case "hold_departure":
      return `Hold ${draft.load_id}`;
    case "cancel_load":
      return `Cancel ${draft.load_id}`;
    case "reattempt":
      return `Try ${draft.parcel_id} again`;
    case "add_load":
      return "Add a load";
    case "move_stops":
      return `Move ${parcelsOf(draft.parcel_ids)} off ${draft.route_id}`;
    case "divert":
      return "load_id" in draft ? `Divert ${draft.load_id}` : `Give ${parcelsOf(draft.parcel_ids)} to a partner`;
  }
}

/** What is said when it is done. */
export function doneOf(draft: Draft, typed: Typed): string {
  switch (draft.command) {
    case "hold_departure":
      return `${draft.load_id} is held`;
    case "cancel_load":
      return `${draft.load_id} is cancelled`;
    case "reattempt":
      return `${draft.parcel_id} is tried again`;
    case "add_load":
      return `A load ${typed.from.trim()} → ${typed.to.trim()} is added`;
    case "move_stops":
      return `${parcelsOf(draft.parcel_ids)} moved to ${typed.route.trim()}`;
    case "divert":
      return "load_id" in draft
        ? `${draft.load_id} goes to ${typed.to.trim()}`
        : `${parcelsOf(draft.parcel_ids)} given to ${typed.carrier.trim()}`;
  }
}

/** The word on the button that does it. */
export function verbOf(draft: Draft): string {
  return draft.command === "divert" && "parcel_ids" in draft ? "Give" : VERBS[draft.command];
}

const VERBS: Record<Draft["command"], string> = {
  hold_departure: "Hold",
  cancel_load: "Cancel the load",
  reattempt: "Try again",
  add_load: "Add the load",
  move_stops: "Move",
  divert: "Divert",
};

function parcelsOf(ids: readonly string[]): string {
  return ids.length === 1 ? (ids[0] ?? "") : `${ids.length} parcels`;
}

/** What a sentence such as "hold L-12", "divert L-12", "add load A→B", "try P-1 again" begins. */
export function draftOf(text: string): Draft | null {
  const said = text.trim();
  const load = /^(hold|cancel|divert)\s+(?:load\s+)?(\S+)$/i.exec(said);
  if (load?.[1] && load[2]) {
    const commands = { hold: "hold_departure", cancel: "cancel_load", divert: "divert" } as const;
    return { command: commands[load[1].toLowerCase() as keyof typeof commands], load_id: load[2] };
  }
  const added = /^add(?:\s+a)?(?:\s+load)?(?:\s+([^\s→>]+?)(?:\s*(?:→|->|>|\sto\s)\s*|\s+)([^\s→>]+))?$/i.exec(said);
  if (added && /load|→|>/i.test(said)) {
    return { command: "add_load", from: added[1]?.toUpperCase() ?? "", to: added[2]?.toUpperCase() ?? "" };
  }
  const tried = /^(?:try|reattempt)\s+(\S+)(?:\s+again)?$/i.exec(said);
  if (tried?.[1]) return { command: "reattempt", parcel_id: tried[1] };
  return null;
}
