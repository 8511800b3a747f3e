"""Running a day: plan, release, play, fold, measure; and going on where a run was stopped."""

from crossdock.platform.running.compare import Comparison, compare_policies, lived_figures
from crossdock.platform.running.rebuild import Rebuilt, rebuild_run
from crossdock.platform.running.run import RunOutcome, resume_run, run_to_folder

__all__ = [
    "Comparison",
    "Rebuilt",
    "RunOutcome",
    "compare_policies",
    "lived_figures",
    "rebuild_run",
    "resume_run",
    "run_to_folder",
]
