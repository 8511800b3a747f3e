"""Two runs side by side: what differs, what each cause adds, which inputs changed."""

from crossdock.measure.diff.diff import PlanRecord, RunDiff, diff_runs
from crossdock.measure.diff.inputs import network_changes
from crossdock.measure.diff.lived import LivedDiff

__all__ = ["LivedDiff", "PlanRecord", "RunDiff", "diff_runs", "network_changes"]
