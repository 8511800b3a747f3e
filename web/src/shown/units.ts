import { store } from "../live/store";
import { UNKNOWN } from "./numbers";
import { words } from "./words";

export type Units = "us" | "si";

export const UNIT_NAMES: Record<Units, string> = { us: "mi · lb", si: "km · kg" };
const KEPT = "crossdock-units";
const METERS_A_MILE = 1_609.344;
const KG_A_POUND = 0.45359237;

/** What distances and weights are shown in; the API has meters and kilograms. */
export const units = store<Units>(kept());

export function nextUnits(): void {
  const chosen: Units = units.now() === "us" ? "si" : "us";
  try {
    localStorage.setItem(KEPT, chosen);
  } catch {
    // A browser that keeps nothing still shows it until the page is left.
  }
  units.change(chosen);
}

/** Where the language is that of the United States, what people there are used to. */
export function usualUnits(language: string): Units {
  return /^en-US$|-US\b/i.test(language) ? "us" : "si";
}

export function distance(meters: number | null | undefined, shown: Units): string {
  if (meters === null || meters === undefined) return UNKNOWN;
  const [value, unit] = shown === "us" ? [meters / METERS_A_MILE, "mi"] : [meters / 1_000, "km"];
  return `${rounded(value)} ${unit}`;
}

export function weight(kilograms: number, shown: Units): string {
  const [value, unit] = shown === "us" ? [kilograms / KG_A_POUND, "lb"] : [kilograms, "kg"];
  return `${rounded(value)} ${unit}`;
}

const MEASURES: readonly (readonly [ending: string, said: (value: number, shown: Units) => string])[] = [
  ["_m", distance],
  ["_km", (value, shown) => distance(value * 1_000, shown)],
  ["_miles", (value, shown) => distance(value * METERS_A_MILE, shown)],
  ["_kg", weight],
];

/** A number whose name ends with its unit, in the units that are shown; null where it is none. */
export function measured(name: string, value: unknown, shown: Units): { name: string; text: string } | null {
  if (typeof value !== "number" || !Number.isFinite(value)) return null;
  for (const [ending, said] of MEASURES) {
    if (name.endsWith(ending)) return { name: words(name.slice(0, -ending.length)), text: said(value, shown) };
  }
  return null;
}

function rounded(value: number): string {
  const digits = Math.abs(value) < 100 ? 1 : 0;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

function kept(): Units {
  try {
    const found = localStorage.getItem(KEPT);
    if (found === "us" || found === "si") return found;
  } catch {
    // The usual ones, then.
  }
  return usualUnits(typeof navigator === "undefined" ? "" : navigator.language);
}
