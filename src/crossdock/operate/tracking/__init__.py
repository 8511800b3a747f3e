"""Where everything is: parcels, vehicles, drivers, loads, routes, queues, folded from events."""

from crossdock.operate.tracking.fleet import (
    DutyRow,
    by_driver,
    driver_states,
    duty_segments,
    vehicle_states,
)
from crossdock.operate.tracking.parcels import (
    PARCEL_STATUS,
    Holding,
    holdings,
    last_ride,
    parcel_statuses,
    trail,
)
from crossdock.operate.tracking.plan import PlanView
from crossdock.operate.tracking.progress import (
    HELD,
    facility_queues,
    load_progress,
    route_progress,
)
from crossdock.operate.tracking.sorting import sorting
from crossdock.operate.tracking.state import TrackingState, empty_tracking, fold, fold_read
from crossdock.operate.tracking.trail import LEAVES_TERMINAL, STATUS_NAMES, Indices, Mask, Trail

__all__ = [
    "HELD",
    "LEAVES_TERMINAL",
    "PARCEL_STATUS",
    "STATUS_NAMES",
    "DutyRow",
    "Holding",
    "Indices",
    "Mask",
    "PlanView",
    "TrackingState",
    "Trail",
    "by_driver",
    "driver_states",
    "duty_segments",
    "empty_tracking",
    "facility_queues",
    "fold",
    "fold_read",
    "holdings",
    "last_ride",
    "load_progress",
    "parcel_statuses",
    "route_progress",
    "sorting",
    "trail",
    "vehicle_states",
]
