import type { CommandAnswer } from "../../api/schema";
import { count, money } from "../../shown/numbers";

/** "Saves 41 parcels", "Makes 3 parcels late", "Changes no promise". */
export function netOf({ late_parcels: late, late_parcels_before: before }: CommandAnswer): string {
  const saved = before - late;
  if (saved === 0) return "Changes no promise";
  const parcels = `${count(Math.abs(saved))} ${Math.abs(saved) === 1 ? "parcel" : "parcels"}`;
  return saved > 0 ? `Saves ${parcels}` : `Makes ${parcels} late`;
}

export function costOf(usd: number): string {
  if (Math.abs(usd) < 0.5) return "Costs nothing";
  return usd > 0 ? `Costs ${money(usd)}` : `Saves ${money(-usd)}`;
}
