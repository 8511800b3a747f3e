"""How much capacity to reserve ahead of a season: an option with a price, against the spot."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

from crossdock.model import InvalidValueError

CITATION = "single-period option reservation (newsvendor), normal demand"


@dataclass(frozen=True)
class Reservation:
    """What to reserve.

    Attributes
    ----------
    critical_ratio
        Chance that the last unit reserved is not needed; 0: reserving does not pay at all.
    reserve_qty
        In the unit of the demand, never negative.
    """

    critical_ratio: float
    reserve_qty: float


def reserve_capacity(
    *,
    demand_mean: float,
    demand_sd: float,
    reserve_cost: float,
    exercise_cost: float,
    spot_cost: float,
) -> Reservation:
    """Reserve until ``P(demand > Q) = reserve_cost / (spot_cost - exercise_cost)``.

    A reserved unit costs ``reserve_cost`` in any case and ``exercise_cost`` when it is used; one
    that is not reserved costs ``spot_cost``. Where the option saves nothing, nothing is reserved.

    Raises
    ------
    InvalidValueError
        A negative demand, spread or price, or a reservation that costs nothing while it saves.
    """
    if min(demand_mean, demand_sd, reserve_cost, exercise_cost, spot_cost) < 0:
        raise InvalidValueError(
            "demand, its spread and prices cannot be negative", remedy="give 0 or more"
        )
    saved = spot_cost - exercise_cost
    if saved <= reserve_cost:
        return Reservation(0.0, 0.0)
    ratio = 1 - reserve_cost / saved
    if ratio >= 1:
        raise InvalidValueError(
            f"a reservation for {reserve_cost} that saves {saved} has no best amount",
            remedy="give a reserve_cost above 0",
        )
    quantity = demand_mean + demand_sd * NormalDist().inv_cdf(ratio)
    return Reservation(ratio, max(0.0, quantity))
