import type { PlanBrief } from "../../api/schema";
import { words } from "../../shown/words";

/** How far the job of a plan is. */
export function Making({ plan }: { plan: Pick<PlanBrief, "stage" | "share_done"> }) {
  const per100 = Math.round(plan.share_done * 100);
  const stage = plan.stage ? words(plan.stage) : "Waiting for its turn";
  return (
    <span className="making">
      <progress max={100} value={per100} aria-label={`${stage}, ${per100} %`} />
      <span>
        {stage} · {per100} %
      </span>
    </span>
  );
}
