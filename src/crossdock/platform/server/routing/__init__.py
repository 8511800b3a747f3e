"""Routes over the API: planned by a job, watched, explained, compared."""

from crossdock.platform.server.routing.asking import ROUTE_FUNCTIONS, RouteDesk
from crossdock.platform.server.routing.routes import routing_router

__all__ = ["ROUTE_FUNCTIONS", "RouteDesk", "routing_router"]
