"""Routes that are planned over the API, from the question to the plan."""

from crossdock.platform.store.database.route_plans.route_plans import RoutePlans, StoredRoutePlan

__all__ = ["RoutePlans", "StoredRoutePlan"]
