"""Vehicle routing as a problem of its own: any fleet, any stops, within a budget."""

from crossdock.plan.routing.budget import Budget, Meter
from crossdock.plan.routing.changes import (
    Changes,
    ChangeWeights,
    MovedEta,
    MovedStop,
    PlannedRoute,
    Replanned,
)
from crossdock.plan.routing.explain_change import (
    EtaChange,
    PlanChange,
    PlanSide,
    RouteChange,
    RouteSide,
    StopChange,
    compare_plans,
)
from crossdock.plan.routing.explain_route import CostSplit, Room, RouteDetail, route_detail
from crossdock.plan.routing.explain_stop import StopExplained, explain_stop
from crossdock.plan.routing.improve import improve
from crossdock.plan.routing.insert import Insertion
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
from crossdock.plan.routing.many import Asked, solve_many
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
from crossdock.plan.routing.road_metric import RoadMetric, RoadTimes, metric_over_roads
from crossdock.plan.routing.schedule import Scheduled, schedule
from crossdock.plan.routing.solution import (
    Break,
    Fault,
    Relaxation,
    Route,
    Sequences,
    Solution,
    Unassigned,
    Visit,
    VisitKind,
    reload_at,
)
from crossdock.plan.routing.solve import solve
from crossdock.plan.routing.speeds import Speeds
from crossdock.plan.routing.vehicles import (
    MEALS_AND_RESTS,
    Backhauls,
    Depot,
    HoursUsed,
    VehicleType,
)

__all__ = [
    "ANY_TIME",
    "MEALS_AND_RESTS",
    "Asked",
    "Backhauls",
    "Break",
    "Budget",
    "ChangeWeights",
    "Changes",
    "CostSplit",
    "Depot",
    "EtaChange",
    "Fault",
    "HoursUsed",
    "Insertion",
    "Job",
    "Legs",
    "MatrixMetric",
    "Meter",
    "Metric",
    "MovedEta",
    "MovedStop",
    "Pin",
    "PlanChange",
    "PlanSide",
    "PlanarMetric",
    "PlannedRoute",
    "Problem",
    "Relation",
    "RelationKind",
    "Relaxation",
    "Replanned",
    "RoadMetric",
    "RoadTimes",
    "Room",
    "Rounding",
    "Route",
    "RouteChange",
    "RouteDetail",
    "RouteSide",
    "Scheduled",
    "Sequences",
    "Shipment",
    "ShipmentEnd",
    "Solution",
    "Speeds",
    "StopChange",
    "StopExplained",
    "StreetMetric",
    "Unassigned",
    "VehicleType",
    "Visit",
    "VisitKind",
    "Window",
    "compare_plans",
    "explain_stop",
    "improve",
    "metric_over_roads",
    "reload_at",
    "replan",
    "route_detail",
    "schedule",
    "solve",
    "solve_many",
]
