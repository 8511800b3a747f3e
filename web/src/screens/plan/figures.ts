import type { PlanAnswer } from "../../api/schema";

type Figures = Readonly<Record<string, number | null | undefined>>;

/** The figures of a plan by name; none before it is made. */
export function kpisOf(summary: PlanAnswer["summary"]): Figures {
  return Object.fromEntries((summary?.kpis ?? []).map(({ name, value }) => [name, value]));
}

/** The same of the baseline that it was compared with, if it was. */
export function baselineOf(summary: PlanAnswer["summary"]): Figures {
  const kpis = summary?.baseline?.kpis;
  return typeof kpis === "object" && kpis !== null ? (kpis as Figures) : {};
}
