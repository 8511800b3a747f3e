"""Vehicle routing as a problem of its own: any fleet, any stops, within a budget."""

from crossdock.plan.routing.budget import Budget
from crossdock.plan.routing.changes import (
    Changes,
    ChangeWeights,
    MovedEta,
    MovedStop,
    PlannedRoute,
    Replanned,
)
from crossdock.plan.routing.improve import improve
from crossdock.plan.routing.jobs import (
    ANY_TIME,
    Job,
    Pin,
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
from crossdock.plan.routing.replan import replan
from crossdock.plan.routing.schedule import Fault, Scheduled, schedule
from crossdock.plan.routing.solution import (
    Break,
    Relaxation,
    Route,
    Solution,
    Unassigned,
    Visit,
    VisitKind,
)
from crossdock.plan.routing.solve import solve
from crossdock.plan.routing.vehicles import Backhauls, Depot, HoursUsed, VehicleType

__all__ = [
    "ANY_TIME",
    "Backhauls",
    "Break",
    "Budget",
    "ChangeWeights",
    "Changes",
    "Depot",
    "Fault",
    "HoursUsed",
    "Job",
    "Legs",
    "MatrixMetric",
    "Metric",
    "MovedEta",
    "MovedStop",
    "Pin",
    "PlanarMetric",
    "PlannedRoute",
    "Problem",
    "Relation",
    "RelationKind",
    "Relaxation",
    "Replanned",
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
    "replan",
    "schedule",
    "solve",
]
