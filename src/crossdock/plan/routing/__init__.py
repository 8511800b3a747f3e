"""Vehicle routing as a problem of its own: any fleet, any stops, within a budget."""

from crossdock.plan.routing.budget import Budget
from crossdock.plan.routing.improve import improve
from crossdock.plan.routing.jobs import (
    ANY_TIME,
    Job,
    Relation,
    RelationKind,
    Shipment,
    ShipmentEnd,
    Window,
)
from crossdock.plan.routing.metric import (
    Legs,
    MatrixMetric,
    Metric,
    PlanarMetric,
    Rounding,
    StreetMetric,
)
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.road_metric import RoadMetric, RoadTimes, metric_over_roads
from crossdock.plan.routing.schedule import Fault, Scheduled, schedule
from crossdock.plan.routing.solution import (
    Relaxation,
    Route,
    Solution,
    Unassigned,
    Visit,
    VisitKind,
)
from crossdock.plan.routing.solve import solve
from crossdock.plan.routing.vehicles import Backhauls, Depot, VehicleType

__all__ = [
    "ANY_TIME",
    "Backhauls",
    "Budget",
    "Depot",
    "Fault",
    "Job",
    "Legs",
    "MatrixMetric",
    "Metric",
    "PlanarMetric",
    "Problem",
    "Relation",
    "RelationKind",
    "Relaxation",
    "RoadMetric",
    "RoadTimes",
    "Rounding",
    "Route",
    "Scheduled",
    "Shipment",
    "ShipmentEnd",
    "Solution",
    "StreetMetric",
    "Unassigned",
    "VehicleType",
    "Visit",
    "VisitKind",
    "Window",
    "improve",
    "metric_over_roads",
    "schedule",
    "solve",
]
