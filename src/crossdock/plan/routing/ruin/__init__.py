"""Our own local search: ruin and recreate, for what the kernel cannot say. Slow to import."""

from crossdock.plan.routing.ruin.columns import Lead
from crossdock.plan.routing.ruin.engine import (
    MOST_PLACES,
    FoundRich,
    Search,
    planned_slots,
    searched,
)

__all__ = ["MOST_PLACES", "FoundRich", "Lead", "Search", "planned_slots", "searched"]
