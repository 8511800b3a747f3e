import { describe, expect, it } from "vitest";
import type { ExceptionItem } from "../../api/schema";
import { filtersOf, shownRows } from "./filters";
import { type Change, changed } from "./queue";

function row(id: string, more: Partial<ExceptionItem> = {}): ExceptionItem {
  return {
    id, kind: "damage", severity: "P2", state: "open", subject: id, parcel_id: id, load_id: null,
    route_id: null, vehicle_id: null, facility_id: null, carrier_id: null, owner: null,
    responsible: null, escalated: false, version: 0, opened_at: "2026-11-26T01:00:00Z",
    closed_at: null, promises_at_risk: 0, money_at_risk_usd: 0, ...more,
  };
}

function shown(rows: ExceptionItem[], query = ""): string[] {
  return shownRows(rows, filtersOf(new URLSearchParams(query)), "Ann").map(({ id }) => id);
}

describe("the order of exceptions", () => {
  it("is the worst first, then most at risk, then the oldest", () => {
    const rows = [
      row("later", { opened_at: "2026-11-26T02:00:00Z" }),
      row("older"),
      row("costly", { money_at_risk_usd: 5 }),
      row("critical", { severity: "P0" }),
    ];
    expect(shown(rows)).toEqual(["critical", "costly", "older", "later"]);
  });
});

describe("filters", () => {
  const rows = [
    row("open"),
    row("mine", { state: "acknowledged", owner: "Ann" }),
    row("snoozed", { state: "snoozed" }),
    row("closed", { state: "closed", closed_at: "2026-11-26T03:00:00Z", severity: "P0" }),
    row("far", { severity: "P1", facility_id: "MEM", kind: "late" }),
  ];
  it.each([
    ["", ["far", "mine", "open"]],
    ["show=untouched", ["far", "open"]],
    ["show=mine", ["mine"]],
    ["show=snoozed", ["snoozed"]],
    ["show=done", ["closed"]],
    ["severity=P1", ["far"]],
    ["kind=damage", ["mine", "open"]],
    ["facility=MEM", ["far"]],
    ["q=MEM", ["far"]],
  ])("of '%s' show what they say", (query, ids) => expect(shown(rows, query)).toEqual(ids));
});

describe("what the stream tells", () => {
  const told = (change: Change["change"], more: Partial<Change> = {}): Change => ({
    exception_id: "E", change, kind: "damage", severity: "P1", subject: "P", parcel_id: "P",
    load_id: null, facility_id: null, opened_at: "2026-11-26T01:00:00Z", closed_at: null,
    promises_at_risk: 1, money_at_risk_usd: 9, ...more,
  });

  it("opens, changes, closes and withdraws, and keeps what people did", () => {
    const opened = changed(new Map(), [told("opened")]);
    expect(opened.get("E")).toMatchObject({ state: "open", version: 0, money_at_risk_usd: 9 });
    const owned = new Map([["E", row("E", { state: "acknowledged", owner: "Ann", version: 2 })]]);
    expect(changed(owned, [told("changed", { severity: "P0" })]).get("E")).toMatchObject({
      severity: "P0", state: "acknowledged", owner: "Ann", version: 2,
    });
    const closed_at = "2026-11-26T03:00:00Z";
    expect(changed(owned, [told("closed", { closed_at })]).get("E")?.state).toBe("closed");
    expect(changed(owned, [told("withdrawn")]).size).toBe(0);
  });

  it("leaves the rows that were there untouched", () => {
    const before = new Map([["E", row("E")]]);
    changed(before, [told("withdrawn")]);
    expect(before.size).toBe(1);
  });
});
