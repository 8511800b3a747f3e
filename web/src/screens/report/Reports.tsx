import { useEffect } from "react";
import { inPath } from "../../api/client";
import type { PlanBrief } from "../../api/schema";
import { go } from "../../frame/address";
import { Empty, Failure, Skeleton } from "../../ui/faces";
import { Link } from "../../ui/Link";
import { useReleased } from "./released";

/** Without a plan in the link: the report of the plan that was released last. */
export function Reports() {
  const { data, error, retry } = useReleased();
  const newest: PlanBrief | undefined = data?.plans[0];
  useEffect(() => {
    if (newest) go(`/report/${inPath(newest.plan_id)}`, { replace: true });
  }, [newest]);
  if (data === null || newest) {
    return error ? <Failure error={error} retry={retry} /> : <Skeleton rows={10} label="the report" />;
  }
  return (
    <Empty title="No plan is released yet">
      <p>A report tells what happened to a released plan: on time, costs, and why parcels were late.</p>
      <Link to="/plan">Go to the plans</Link>
    </Empty>
  );
}
