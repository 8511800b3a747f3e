"""When each facility sorts, and which wave a parcel enters the network on."""

from crossdock.plan.sortation.induct import Induction, induct, ship_days
from crossdock.plan.sortation.waves import (
    DISPATCH_BY,
    delivery_dates,
    first_waves,
    wave_calendar,
)

__all__ = [
    "DISPATCH_BY",
    "Induction",
    "delivery_dates",
    "first_waves",
    "induct",
    "ship_days",
    "wave_calendar",
]
