/** The names of the log for people. */
const SAID: Record<string, string> = {
  hos_risk: "Hours of service at risk",
  no_scan: "No scan",
  lost_suspected: "Lost, suspected",
  late_risk: "At risk of being late",
  stalled_at_facility: "Stalled at facility",
  temp_excursion: "Temperature out of band",
  integration_down: "Integration down",
  unmapped_code: "Unmapped code",
  attempt_failed: "Attempt failed",
  address_issue: "Address issue",
  missed_cutoff: "Missed cut-off",
  missed_pickup: "Missed pick-up",
  picked_up: "Picked up",
  unknown: "Not scanned yet",
};

export function words(name: string): string {
  const said = SAID[name];
  if (said) return said;
  const spaced = name.replaceAll("_", " ").trim();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

export type Tone = "critical" | "high" | "medium" | "low" | "done";

interface Severity {
  tone: Tone;
  mark: string;
  name: string;
}

const SEVERITIES: Record<string, Severity> = {
  P0: { tone: "critical", mark: "●", name: "Critical" },
  P1: { tone: "high", mark: "◆", name: "High" },
  P2: { tone: "medium", mark: "▲", name: "Medium" },
  P3: { tone: "low", mark: "■", name: "Low" },
};

export const SEVERITY_NAMES = Object.keys(SEVERITIES);

export function severityOf(name: string): Severity {
  return SEVERITIES[name] ?? { tone: "medium", mark: "▲", name };
}
