"""Drafts, changed by planners: stops moved, routes locked, the rest planned anew, compared."""

from crossdock.platform.server.plans.editing.desk import PLAN_DAY_FUNCTIONS, PlanEditing
from crossdock.platform.server.plans.editing.routes import plan_editing_router

__all__ = ["PLAN_DAY_FUNCTIONS", "PlanEditing", "plan_editing_router"]
