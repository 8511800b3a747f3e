import type { PlanBrief } from "../../api/schema";
import type { Tone } from "../../shown/words";

export const STATES: Record<PlanBrief["state"], { tone: Tone; mark: string; name: string }> = {
  planning: { tone: "low", mark: "■", name: "being made" },
  draft: { tone: "medium", mark: "▲", name: "draft" },
  released: { tone: "done", mark: "✓", name: "released" },
  failed: { tone: "critical", mark: "●", name: "failed" },
};

/** How a load was chosen, from the cheapest of its own to what is bought whole. */
const KINDS: Record<string, string> = {
  loaded: "own",
  empty: "own, empty",
  bobtail: "own, bobtail",
  pooled: "pooled",
  bought: "bought",
};

export function kindWords(kind: string): string {
  return KINDS[kind] ?? kind;
}

const MODES: Record<string, string> = {
  solo: "solo",
  solo_turn: "solo, out and back",
  team: "team",
  relay: "relay",
};

export function modeWords(mode: string | null): string {
  return mode === null ? "–" : (MODES[mode] ?? mode.replaceAll("_", " "));
}

/** "pooled · Pallet positions": how, and by which step of the capacity ladder. */
export function wayWords({ kind, step }: { kind: string; step: string | null }): string {
  return step === null ? kindWords(kind) : `${kindWords(kind)} · ${step}`;
}
