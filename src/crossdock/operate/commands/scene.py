"""What a preview looks at: the present, the released plans, and what was commanded before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from crossdock.model import Network
from crossdock.model.event import EVENTS
from crossdock.model.tables import FLEET, TOURS, conform, empty
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView
from crossdock.plan.lastmile import GOODS, planned_goods


def _no_goods() -> pl.DataFrame:
    return empty(GOODS)


def _no_tours() -> pl.DataFrame:
    return empty(TOURS)


def _no_fleet() -> pl.DataFrame:
    return empty(FLEET)


def _no_network() -> Network:
    return Network.of({})


def _no_events() -> pl.DataFrame:
    return pl.DataFrame(schema=EVENTS)


@dataclass(frozen=True)
class Means:
    """With what released plans move parcels, beyond what `PlanView` says.

    Attributes
    ----------
    network
        Of the newest plan.
    """

    goods: pl.DataFrame = field(default_factory=_no_goods)
    tours: pl.DataFrame = field(default_factory=_no_tours)
    fleet: pl.DataFrame = field(default_factory=_no_fleet)
    network: Network = field(default_factory=_no_network)

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pl.DataFrame],
        network: Network,
        orders: pl.DataFrame | None = None,
    ) -> Means:
        """Means of a run's ``tables`` and located ``orders``; what is absent is empty."""
        tours, fleet = (
            conform(tables.get(name, pl.DataFrame()), schema)
            for name, schema in (("tours", TOURS), ("fleet", FLEET))
        )
        return cls(planned_goods(tables, orders), tours, fleet, network)

    @classmethod
    def together(cls, means: Sequence[Means]) -> Means:
        """Those of several plans, the newest first; of what two name, the first counts."""
        if not means:
            return cls()
        return cls(
            _joined([each.goods for each in means], ["parcel_id"]),
            _joined([each.tours for each in means], ["route_id"]),
            _joined([each.fleet for each in means], ["vehicle_id", "delivery_date"]),
            means[0].network,
        )


@dataclass(frozen=True)
class Scene:
    """All that the answer to "what if" depends on.

    Attributes
    ----------
    commands
        Events of `COMMAND_KINDS` so far; others are ignored. What they did to loads, ``present``
        says.
    """

    present: Present = field(default_factory=Present)
    plan: PlanView = field(default_factory=lambda: PlanView.of({}))
    means: Means = field(default_factory=Means)
    commands: pl.DataFrame = field(default_factory=_no_events)


def _joined(frames: Sequence[pl.DataFrame], key: list[str]) -> pl.DataFrame:
    if len(frames) == 1:
        return frames[0]
    return pl.concat(frames).unique(key, keep="first", maintain_order=True)
