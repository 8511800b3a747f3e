import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ExceptionDetail } from "../../api/schema";
import { act, acting, undo } from "./acts";
import { keepRow, queue } from "./queue";

const BEFORE: ExceptionDetail = {
  id: "E", kind: "damage", severity: "P1", state: "open", subject: "P1", parcel_id: "P1",
  load_id: null, route_id: null, vehicle_id: null, facility_id: null, carrier_id: null, owner: null,
  responsible: null, escalated: false, version: 0, opened_at: "2026-11-26T01:00:00Z", closed_at: null,
  promises_at_risk: 0, money_at_risk_usd: 0, evidence: {}, acts: [],
};
const sent: { path: string; body: unknown }[] = [];

function answers(status: number, body: unknown): void {
  vi.stubGlobal("fetch", (path: string, options: RequestInit) => {
    sent.push({ path, body: JSON.parse(options.body as string) });
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
}

beforeEach(() => {
  sent.length = 0;
  keepRow(BEFORE);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it("acts on the version that was seen, and offers to take it back", async () => {
  answers(200, { ...BEFORE, state: "acknowledged", version: 1 });
  await act(BEFORE, { action: "acknowledge" });
  expect(sent[0]).toEqual({
    path: "/v1/exceptions/E/actions",
    body: { action: "acknowledge", version: 0 },
  });
  expect(queue.now().rows.get("E")?.state).toBe("acknowledged");
  answers(200, { ...BEFORE, version: 2 });
  await undo();
  expect(sent[1]?.body).toEqual({ action: "undo", version: 1 });
  expect(acting.now().undo).toBeNull();
});

it("of two who act on the same, the second is shown what the first did", async () => {
  const current = { ...BEFORE, owner: "Ruiz", state: "acknowledged", version: 1 };
  answers(409, { title: "Conflict", status: 409, detail: "changed", current });
  await act(BEFORE, { action: "own" });
  expect(acting.now().conflicts.get("E")).toMatchObject({ seenVersion: 0, asked: { action: "own" } });
  expect(queue.now().rows.get("E")?.owner).toBe("Ruiz");
});

it("says what failed and keeps what was asked, to try it again", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("offline")));
  await act(BEFORE, { action: "escalate" });
  expect(acting.now().failure).toMatchObject({ id: "E", asked: { action: "escalate" }, error: { status: 0 } });
  expect(acting.now().busy).toBeNull();
});
