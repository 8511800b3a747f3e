"""What a tenant's tower stands on: the released plans, and where the facilities are."""

from __future__ import annotations

from collections.abc import Mapping
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
    """

    plan: PlanView = field(default_factory=_no_plan)
    facilities: pl.DataFrame = field(default_factory=_nowhere)
    waiting: Mapping[str, int] = field(default_factory=dict[str, int])
    means: Means = field(default_factory=Means)
