import type { ExceptionItem } from "../../api/schema";
import { words } from "../../shown/words";

export const SHOWN = ["todo", "untouched", "mine", "snoozed", "done", "causes"] as const;
export type Shown = (typeof SHOWN)[number];

export interface Filters {
  show: Shown;
  /** None: every severity. */
  severities: ReadonlySet<string>;
  kind: string | null;
  facility: string | null;
  text: string;
}

export function filtersOf(query: URLSearchParams): Filters {
  const severities = query.get("severity");
  return {
    show: SHOWN.find((each) => each === query.get("show")) ?? "todo",
    severities: new Set(severities ? severities.split(",") : []),
    kind: query.get("kind"),
    facility: query.get("facility"),
    text: query.get("q")?.toLowerCase() ?? "",
  };
}

/** What is to be shown, the worst first, with most at risk, the oldest. */
export function shownRows(
  rows: Iterable<ExceptionItem>,
  filters: Filters,
  me: string,
): ExceptionItem[] {
  return [...rows].filter((row) => isShown(row, filters, me)).sort(inOrder);
}

function isShown(row: ExceptionItem, filters: Filters, me: string): boolean {
  if (!isOf(row, filters.show, me)) return false;
  if (filters.severities.size && !filters.severities.has(row.severity)) return false;
  if (filters.kind !== null && row.kind !== filters.kind) return false;
  if (filters.facility !== null && row.facility_id !== filters.facility) return false;
  return !filters.text || saidOf(row).includes(filters.text);
}

function isOf(row: ExceptionItem, show: Shown, me: string): boolean {
  const over = row.state === "closed" || row.state === "resolved";
  switch (show) {
    case "todo":
    case "causes":
      return !over && row.state !== "snoozed";
    case "untouched":
      return row.state === "open" && row.owner === null;
    case "mine":
      return !over && row.owner === me;
    case "snoozed":
      return row.state === "snoozed";
    case "done":
      return over;
  }
}

function saidOf(row: ExceptionItem): string {
  const said = [words(row.kind), row.subject, row.parcel_id, row.load_id, row.route_id,
    row.vehicle_id, row.facility_id, row.carrier_id, row.owner];
  return said.filter(Boolean).join(" ").toLowerCase();
}

function inOrder(a: ExceptionItem, b: ExceptionItem): number {
  return (
    Number(a.closed_at !== null) - Number(b.closed_at !== null) ||
    compared(a.severity, b.severity) ||
    b.money_at_risk_usd - a.money_at_risk_usd ||
    Date.parse(a.opened_at) - Date.parse(b.opened_at) ||
    compared(a.id, b.id)
  );
}

function compared(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
