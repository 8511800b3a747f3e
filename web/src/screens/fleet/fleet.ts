import type { DriverDetail, DriverFinding, DriverRow, WhatIfAnswer, WhatIfAsked } from "../../api/schema";
import { dayName, span, timeOfDay } from "../../shown/times";
import { words, type Tone } from "../../shown/words";
import type { CsvColumn } from "../../ui/Saving";

export interface Mark {
  tone: Tone | "none";
  mark: string;
  text: string;
}

const HOUR_S = 3_600;

/** Hours and minutes as clocks of drivers show them: "3:05"; minutes that are begun do not count. */
export function hours(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  const minutes = Math.floor(Math.max(0, seconds) / 60);
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}

/** The same in words: "3 h 05", "20 min". */
export function hoursSaid(seconds: number): string {
  return seconds < 60 ? "0 min" : span(seconds * 1_000);
}

/** Where a driver stands, readable without colours. */
export function standingOf(row: DriverRow, nowMs: number): Mark {
  const left = row.clocks?.drive_now_s ?? 0;
  switch (row.standing) {
    case "in_violation":
      return { tone: "critical", mark: "●", text: "Over the limit" };
    case "out_of_hours":
      return { tone: "high", mark: "◆", text: `Out of hours${againSaid(row, nowMs)}` };
    case "short":
      return left < HOUR_S
        ? { tone: "high", mark: "◆", text: "Under an hour left" }
        : { tone: "medium", mark: "▲", text: "Under two hours left" };
    case "working":
      return { tone: "done", mark: "✓", text: "Has hours" };
    case "resting":
      return { tone: "low", mark: "■", text: `Resting${againSaid(row, nowMs)}` };
    case "rested":
      return { tone: "done", mark: "✓", text: "Rests, may drive" };
    case "unknown":
      return { tone: "none", mark: "–", text: "Hours not known" };
    case "not_regulated":
      return { tone: "none", mark: "○", text: "Not regulated" };
  }
}

function againSaid(row: DriverRow, nowMs: number): string {
  if (row.legal_again_at === null) return "";
  const atMs = Date.parse(row.legal_again_at);
  return ` to ${shortTime(atMs, nowMs, row.timezone)}`;
}

const ACTIVITIES: Record<string, string> = {
  OFF: "Off duty",
  SB: "Sleeper berth",
  D: "Driving",
  ON: "On duty",
  PC: "Personal conveyance",
  YM: "Yard move",
  PS: "Passenger seat",
};

export function activityOf(activity: string | null): string {
  return activity === null ? "Not known" : (ACTIVITIES[activity] ?? words(activity));
}

const SOURCES: Record<string, string> = {
  told: "told",
  log: "from the duty log",
  plan: "as planned, not told",
  assumed: "assumed, not told",
};

export function sourceOf(source: string | null): string {
  return source === null ? "" : (SOURCES[source] ?? source);
}

export type Show = "all" | "working" | "resting" | "unknown" | "not_regulated";

export const SHOWS: readonly { id: Show; name: string }[] = [
  { id: "all", name: "All" },
  { id: "working", name: "Working" },
  { id: "resting", name: "Resting" },
  { id: "unknown", name: "Not known" },
  { id: "not_regulated", name: "Not regulated" },
];

export function showOf({ standing }: DriverRow): Show {
  if (standing === "resting" || standing === "rested") return "resting";
  if (standing === "unknown" || standing === "not_regulated") return standing;
  return "working";
}

export function shownDrivers(rows: readonly DriverRow[], show: Show, home: string, text: string): DriverRow[] {
  const asked = text.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (show === "all" || showOf(row) === show) &&
      (home === "" || row.facility_id === home) &&
      `${row.driver_id} ${row.load_id ?? ""} ${row.next_load_id ?? ""}`.toLowerCase().includes(asked),
  );
}

export interface ClockShown {
  id: string;
  name: string;
  leftS: number | null;
  mostS: number | null;
  /** What is not told of it. */
  doubt?: string;
}

/** The four clocks; one without a limit is not there. */
export function clocksOf(row: Pick<DriverRow, "clocks">): ClockShown[] {
  const { clocks } = row;
  if (clocks === null) return [];
  return [
    { id: "driving", name: "Drive", leftS: clocks.driving_s, mostS: clocks.driving_most_s },
    { id: "window", name: "Window", leftS: clocks.window_s, mostS: clocks.window_most_s },
    { id: "break", name: "Break", leftS: clocks.until_break_s, mostS: clocks.until_break_most_s },
    {
      id: "cycle",
      name: "Cycle",
      leftS: clocks.cycle_s,
      mostS: clocks.cycle_most_s,
      ...(clocks.cycle_whole ? {} : { doubt: "at most: the log is shorter than the cycle" }),
    },
  ];
}

export interface Gain {
  key: string;
  at: string;
  what: string;
  gains: string[];
}

const CLOCK_NAMES: readonly [RegExp, string][] = [
  [/^driving/, "driving"],
  [/^window/, "window"],
  [/^(?:break|pause)/, "until a break"],
  [/^cycle/, "cycle"],
];

/** A limit in one word, by the name of its rule. */
export function clockNameOf(rule: string): string {
  return CLOCK_NAMES.find(([pattern]) => pattern.test(rule))?.[1] ?? words(rule);
}

/** What gives hours back: what the same deed gives is told together. */
export function gainsOf({ changes }: Pick<DriverDetail, "changes">): Gain[] {
  const found = new Map<string, Gain>();
  for (const { what, at, in_berth: inBerth, rule, gains_s: gained } of changes) {
    const key = `${what} ${at} ${String(inBerth)}`;
    const gain = found.get(key) ?? { key, at, what: deedOf(what, inBerth), gains: [] };
    gain.gains.push(`+${hours(gained)} ${clockNameOf(rule)}`);
    found.set(key, gain);
  }
  return [...found.values()];
}

function deedOf(what: string, inBerth: boolean): string {
  switch (what) {
    case "midnight":
      return "Midnight: a day leaves the cycle";
    case "pause":
      return "Not driving until then";
    case "reset":
      return "Rest until then: full reset";
    case "restart":
      return "Rest until then: cycle restart";
    default:
      return inBerth ? "Sleeper berth until then: the split is whole" : "Rest until then: the split is whole";
  }
}

export function severityOf({ severity }: DriverFinding): Mark {
  if (severity === "egregious") return { tone: "critical", mark: "●", text: "Egregious" };
  if (severity === "nominal") return { tone: "medium", mark: "▲", text: "Nominal" };
  return { tone: "high", mark: "◆", text: "Violation" };
}

/** What is asked of a driver, as an address has it. */
export interface Asked {
  load: string;
  drive: string;
  work: string;
  after: string;
}

export const NOTHING_ASKED: Asked = { load: "", drive: "", work: "", after: "" };

export function askedOf(query: URLSearchParams): Asked {
  const part = (name: string): string => query.get(name) ?? "";
  return { load: part("load"), drive: part("drive"), work: part("work"), after: part("after") };
}

/** The question to the server; null: nothing is asked, or what is typed is no number of hours. */
export function questionOf(asked: Asked, nowMs: number): WhatIfAsked | null {
  const [drive, work, after] = [asked.drive, asked.work, asked.after].map(Number) as [number, number, number];
  const legal = [drive, work, after].every((each) => Number.isFinite(each) && each >= 0);
  if (!legal) return null;
  // A minute more than now: what is past when it is asked is refused.
  const from = after > 0 ? { from: new Date(nowMs + after * HOUR_S * 1_000).toISOString() } : {};
  if (asked.load !== "") return { load_id: asked.load, drive_h: 0, work_h: 0, ...from };
  if (drive === 0 && work === 0) return null;
  return { drive_h: drive, work_h: work, ...from };
}

/** The answer in a word, with what bars it. */
export function verdictOf(answer: WhatIfAnswer): Mark {
  if (answer.allowed === null) return { tone: "medium", mark: "▲", text: "Not known" };
  if (!answer.allowed) return { tone: "critical", mark: "●", text: "No, not legal" };
  if (answer.clash_at !== null) return { tone: "medium", mark: "▲", text: "Legal, but planned elsewhere" };
  if (answer.spoils.length > 0) return { tone: "medium", mark: "▲", text: "Legal, but a later duty would not be" };
  if (answer.regulated === false) return { tone: "done", mark: "✓", text: "Yes, the rules do not apply" };
  return { tone: "done", mark: "✓", text: "Yes, legal" };
}

export const CSV: readonly CsvColumn<DriverRow>[] = [
  { label: "driver_id", cell: (row) => row.driver_id },
  { label: "home", cell: (row) => row.facility_id },
  { label: "kind", cell: (row) => row.kind },
  { label: "standing", cell: (row) => row.standing },
  { label: "status", cell: (row) => row.activity },
  { label: "since", cell: (row) => row.since },
  { label: "told_at", cell: (row) => row.told_at },
  { label: "load_id", cell: (row) => row.load_id },
  { label: "route_id", cell: (row) => row.route_id },
  { label: "drive_now_s", cell: (row) => row.clocks?.drive_now_s },
  { label: "driving_s", cell: (row) => row.clocks?.driving_s },
  { label: "window_s", cell: (row) => row.clocks?.window_s },
  { label: "until_break_s", cell: (row) => row.clocks?.until_break_s },
  { label: "cycle_s", cell: (row) => row.clocks?.cycle_s },
  { label: "cycle_whole", cell: (row) => row.clocks?.cycle_whole },
  { label: "legal_again_at", cell: (row) => row.legal_again_at },
  { label: "next_duty_at", cell: (row) => row.next_duty_at },
  { label: "next_load_id", cell: (row) => row.next_load_id },
  { label: "ruleset", cell: (row) => row.ruleset },
  { label: "regulated", cell: (row) => row.regulated },
];

/** "Driving A1 since 16:50". */
export function doingOf(row: DriverRow, nowMs: number): string {
  const since = sinceOf(row, nowMs);
  return since === "" ? deedNow(row) : `${deedNow(row)} ${since}`;
}

/** "since 16:50". */
function sinceOf({ since, timezone }: DriverRow, nowMs: number): string {
  return since === null ? "" : `since ${shortTime(Date.parse(since), nowMs, timezone)}`;
}

/** "Driving A1". */
export function deedNow(row: DriverRow): string {
  if (row.activity === null) {
    if (row.standing === "not_regulated") return row.kind === null ? "Light vehicle" : `${words(row.kind)}, light vehicle`;
    return "No log, no word";
  }
  return [activityOf(row.activity), row.load_id ?? row.route_id].filter(Boolean).join(" ");
}

/** "16:50", and with its day where that is more than a day away. */
function shortTime(atMs: number, nowMs: number, zone: string): string {
  const time = timeOfDay(atMs, zone);
  return Math.abs(nowMs - atMs) < 24 * HOUR_S * 1_000 ? time : `${dayName(atMs, zone)} ${time}`;
}

/** Where a rule is written, short: "§ 395.3(a)(2)". */
export function section(citation: string): string {
  return citation.replace(/^49 CFR /, "§ ");
}
