"""Plans: drafts that jobs make, one of which is released and then carries its orders."""

from crossdock.platform.store.database.plans.edits import (
    EditNotMadeError,
    NewEdit,
    PlanEdit,
    PlanEdits,
)
from crossdock.platform.store.database.plans.plans import (
    OrdersTakenError,
    PlansStore,
    StoredPlan,
)

__all__ = [
    "EditNotMadeError",
    "NewEdit",
    "OrdersTakenError",
    "PlanEdit",
    "PlanEdits",
    "PlansStore",
    "StoredPlan",
]
