"""Plans over the API: asked for, made by a job, read, released."""

from crossdock.platform.server.plans.asked import BUILT_IN, PlanAsked
from crossdock.platform.server.plans.kept import keep_draft, keep_released
from crossdock.platform.server.plans.packing import PlanRecords
from crossdock.platform.server.plans.plans import PLAN_FUNCTIONS, Plans
from crossdock.platform.server.plans.reading import plan_reading_router
from crossdock.platform.server.plans.routes import plans_router

__all__ = [
    "BUILT_IN",
    "PLAN_FUNCTIONS",
    "PlanAsked",
    "PlanRecords",
    "Plans",
    "keep_draft",
    "keep_released",
    "plan_reading_router",
    "plans_router",
]
