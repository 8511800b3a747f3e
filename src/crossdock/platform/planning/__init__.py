"""The main job tied together: from files or a seed to a run folder.

`plan_to_folder` is imported when it is first asked for: the planners take a second to load, and
``crossdock plan --help`` should not wait for them.
"""

from typing import TYPE_CHECKING, Any

from crossdock.platform.planning.request import (
    BUILT_IN_METROS,
    DEFAULT_PARCELS,
    DEFAULT_SEED,
    PLAN_STAGES,
    POLICIES,
    PlanOutcome,
    PlanRequest,
    PlanWatcher,
)

if TYPE_CHECKING:
    from crossdock.platform.planning.folder import plan_to_folder

__all__ = [
    "BUILT_IN_METROS",
    "DEFAULT_PARCELS",
    "DEFAULT_SEED",
    "PLAN_STAGES",
    "POLICIES",
    "PlanOutcome",
    "PlanRequest",
    "PlanWatcher",
    "plan_to_folder",
]


def __getattr__(name: str) -> Any:
    if name == "plan_to_folder":
        from crossdock.platform.planning.folder import plan_to_folder  # noqa: PLC0415 heavy

        return plan_to_folder
    raise AttributeError(name)
