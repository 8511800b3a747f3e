"""What a tenant's tower stands on: the released plans, and where the facilities are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from crossdock.operate.commands import Means
from crossdock.operate.tracking import PlanView

PLACES = {
    "facility_id": pl.String,
    "name": pl.String,
    "latitude": pl.Float64,
    "longitude": pl.Float64,
    "timezone": pl.String,
    "roles": pl.List(pl.String),
}


def _no_plan() -> PlanView:
    return PlanView.of({})


def _nowhere() -> pl.DataFrame:
    return pl.DataFrame(schema=PLACES)


@dataclass(frozen=True)
class Ground:
    """The released plans of a tenant.

    Attributes
    ----------
    plan
        What they say together.
    facilities
        Of their networks: columns `PLACES`.
    waiting
        Orders that enter at a facility and are being planned, by facility.
    means
        Vans, measures and prices that previews of commands count with.
    known_at
        The ground as it was known at an instant that is past; without it, as it is now.
    """

    plan: PlanView = field(default_factory=_no_plan)
    facilities: pl.DataFrame = field(default_factory=_nowhere)
    waiting: Mapping[str, int] = field(default_factory=dict[str, int])
    means: Means = field(default_factory=Means)
    known_at: Callable[[dt.datetime], Ground] | None = field(
        default=None, repr=False, compare=False
    )

    def then(self, at: dt.datetime) -> Ground:
        """The ground as it was known at ``at``."""
        return self if self.known_at is None else self.known_at(at)
