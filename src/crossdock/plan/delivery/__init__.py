"""Which coverage row takes a ZIP's parcels to the door, and how soon the network can be there."""

from crossdock.plan.delivery.days import DeliveryDays
from crossdock.plan.delivery.options import coverage_options, uncovered_orders
from crossdock.plan.delivery.reach import Reach, earliest_reach

__all__ = [
    "DeliveryDays",
    "Reach",
    "coverage_options",
    "earliest_reach",
    "uncovered_orders",
]
