"""Who can move it and at what price, and who does."""

from crossdock.plan.capacity.limits import Limits, network_limits
from crossdock.plan.capacity.match import CapacityPlan, match_movements
from crossdock.plan.capacity.offers import linehaul_offers
from crossdock.plan.capacity.parcels import Rate, parcel_rates, rate_of

__all__ = [
    "CapacityPlan",
    "Limits",
    "Rate",
    "linehaul_offers",
    "match_movements",
    "network_limits",
    "parcel_rates",
    "rate_of",
]
