"""When a parcel is due, when it will arrive, and what the buyer is told."""

from crossdock.predict.eta.arrival import ArrivalModel, arrival_probability, arrival_quantiles
from crossdock.predict.eta.due import due_dates, due_instants, promised_at
from crossdock.predict.eta.partner import SCF_DAYS, SLIP_PROBABILITY, partner_days
from crossdock.predict.eta.spread import p95_of, probability_within

__all__ = [
    "SCF_DAYS",
    "SLIP_PROBABILITY",
    "ArrivalModel",
    "arrival_probability",
    "arrival_quantiles",
    "due_dates",
    "due_instants",
    "p95_of",
    "partner_days",
    "probability_within",
    "promised_at",
]
