import type { PlanBrief } from "../../api/schema";
import { STATES } from "./words";

/** Where a plan stands: shape, colour and text. */
export function StateMark({ state }: { state: PlanBrief["state"] }) {
  const { tone, mark, name } = STATES[state];
  return (
    <span className={`mark ${tone}`}>
      <span aria-hidden="true">{mark}</span> {name}
    </span>
  );
}
