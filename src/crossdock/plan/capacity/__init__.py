"""Who can move it and at what price, and who does."""

from crossdock.plan.capacity.limits import Limits, network_limits
from crossdock.plan.capacity.match import CapacityPlan, match_movements
from crossdock.plan.capacity.offers import linehaul_offers
from crossdock.plan.capacity.parcels import Rate, parcel_rates, rate_of
from crossdock.plan.capacity.reserve import CITATION as RESERVATION_CITATION
from crossdock.plan.capacity.reserve import Reservation, reserve_capacity

__all__ = [
    "RESERVATION_CITATION",
    "CapacityPlan",
    "Limits",
    "Rate",
    "Reservation",
    "linehaul_offers",
    "match_movements",
    "network_limits",
    "parcel_rates",
    "rate_of",
    "reserve_capacity",
]
