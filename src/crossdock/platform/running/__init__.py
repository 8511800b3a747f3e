"""Running a day: plan, release, play, fold, measure; and going on where a run was stopped."""

from crossdock.platform.running.compare import Comparison, compare_policies, lived_figures
from crossdock.platform.running.note import note_text, request_of
from crossdock.platform.running.play import store_url, twin_input
from crossdock.platform.running.player import TWIN, Player
from crossdock.platform.running.rebuild import Rebuilt, rebuild_run
from crossdock.platform.running.run import (
    RunOutcome,
    measure_run,
    outcome_of,
    plan_run,
    release_for_play,
    resume_run,
    run_to_folder,
)

__all__ = [
    "TWIN",
    "Comparison",
    "Player",
    "Rebuilt",
    "RunOutcome",
    "compare_policies",
    "lived_figures",
    "measure_run",
    "note_text",
    "outcome_of",
    "plan_run",
    "rebuild_run",
    "release_for_play",
    "request_of",
    "resume_run",
    "run_to_folder",
    "store_url",
    "twin_input",
]
