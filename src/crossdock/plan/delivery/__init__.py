"""Which coverage row takes a ZIP's parcels to the door, and how soon the network can be there."""

from crossdock.plan.delivery.appointments import Appointments
from crossdock.plan.delivery.choose import (
    DeliveryChoice,
    DeliveryOptions,
    choose_among,
    choose_delivery,
    price_options,
)
from crossdock.plan.delivery.days import DeliveryDays
from crossdock.plan.delivery.explain import delivery_decisions, service_decisions
from crossdock.plan.delivery.groups import GROUP
from crossdock.plan.delivery.options import coverage_options, uncovered_orders
from crossdock.plan.delivery.rates import delivery_rates, facility_zip3
from crossdock.plan.delivery.reach import Reach, earliest_reach

__all__ = [
    "GROUP",
    "Appointments",
    "DeliveryChoice",
    "DeliveryDays",
    "DeliveryOptions",
    "Reach",
    "choose_among",
    "choose_delivery",
    "coverage_options",
    "delivery_decisions",
    "delivery_rates",
    "earliest_reach",
    "facility_zip3",
    "price_options",
    "service_decisions",
    "uncovered_orders",
]
