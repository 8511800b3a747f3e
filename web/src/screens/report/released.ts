import { get } from "../../api/client";
import type { PlanBrief, PlanPage } from "../../api/schema";
import { type Loaded, useLoaded } from "../../live/loaded";

export interface Released {
  plans: readonly PlanBrief[];
}

const MOST_PAGES = 5;

/** The plans that were released, the newest first. */
export function useReleased(): Loaded<Released> {
  return useLoaded<Released>("released plans", async (signal) => {
    const plans: PlanBrief[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const asked = new URLSearchParams({ limit: "200", ...(cursor === null ? {} : { cursor }) });
      const found: PlanPage = await get<PlanPage>(`/v1/plans?${asked}`, signal);
      plans.push(...found.items.filter(({ state }) => state === "released"));
      cursor = found.next_cursor;
      if (cursor === null) break;
    }
    plans.sort((one, other) => (other.released_at ?? "").localeCompare(one.released_at ?? ""));
    return { plans };
  });
}
