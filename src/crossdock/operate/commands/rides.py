"""Loads as parcels meet them: what leaves a facility, when, where to and with what space."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import polars as pl

from crossdock.operate.recovery import Departure, choose_way

_CARRIES_NOTHING = ("empty", "bobtail")


@dataclass(frozen=True)
class Ride:
    """A load. Times in seconds since 1970, as they are expected.

    Attributes
    ----------
    waits
        Still to leave.
    free_m3
        Space that nobody has booked; None where it is not known.
    """

    load_id: str
    origin: str
    to: str
    departs_s: int
    arrives_s: int
    waits: bool
    cancelled: bool = False
    carries: bool = True
    free_m3: float | None = None


@dataclass(frozen=True)
class Rides:
    """Every load of a day, as it is or as it would be."""

    by_id: Mapping[str, Ride]

    @classmethod
    def of(cls, loads: pl.DataFrame) -> Rides:
        """Those of `LOADS_NOW` whose way and times are known."""
        known = loads.filter(
            pl.all_horizontal(
                pl.col("from", "to", "expected_departs_at", "expected_arrives_at").is_not_null()
            )
        ).with_columns(pl.col("expected_departs_at", "expected_arrives_at").dt.epoch("s"))
        return cls({row["load_id"]: _ride(row) for row in known.iter_rows(named=True)})

    def with_rides(self, rides: Iterable[Ride]) -> Rides:
        """The same day with these loads in place of those with their ids, or beside them."""
        return Rides({**self.by_id, **{ride.load_id: ride for ride in rides}})

    def delayed(self, load_id: str, departs_s: int) -> Ride:
        """A load with another departure: it takes as long on the road."""
        ride = self.by_id[load_id]
        return replace(
            ride, departs_s=departs_s, arrives_s=ride.arrives_s + departs_s - ride.departs_s
        )

    def lane(self, origin: str, to: str) -> list[Ride]:
        """Loads that are still to leave on a lane, those that arrive first before others."""
        return self._lanes.get((origin, to), [])

    def way(self, origin: str, to: str, ready_s: int, volume_m3: float) -> Ride | None:
        """Loads from one place to another, direct or over a hub, as one ride; None: none leads.

        What habit would choose: `operate.recovery.choose_way`.
        """
        places, departures, named = self._departures
        if origin not in places or to not in places:
            return None
        found = choose_way(departures, places[origin], places[to], ready_s, volume_m3)
        if found is None:
            return None
        first, last = named[found[0]], named[found[-1]]
        return replace(first, to=last.to, arrives_s=last.arrives_s)

    @cached_property
    def _lanes(self) -> dict[tuple[str, str], list[Ride]]:
        lanes: dict[tuple[str, str], list[Ride]] = {}
        for ride in sorted(self._to_leave, key=lambda ride: (ride.arrives_s, ride.load_id)):
            lanes.setdefault((ride.origin, ride.to), []).append(ride)
        return lanes

    @property
    def _to_leave(self) -> list[Ride]:
        return [ride for ride in self.by_id.values() if ride.waits and ride.carries]

    @cached_property
    def _departures(self) -> tuple[dict[str, int], list[Departure], list[Ride]]:
        named = sorted(self._to_leave, key=lambda ride: ride.load_id)
        places: dict[str, int] = {}
        departures: list[Departure] = []
        for number, ride in enumerate(named):
            origin = places.setdefault(ride.origin, len(places))
            to = places.setdefault(ride.to, len(places))
            free_m3 = float("inf") if ride.free_m3 is None else ride.free_m3
            departures.append(
                Departure(number, origin, to, ride.departs_s, ride.arrives_s, free_m3)
            )
        return places, departures, named


def _ride(row: Mapping[str, Any]) -> Ride:
    space_m3 = row["space_m3"]
    return Ride(
        load_id=row["load_id"],
        origin=row["from"],
        to=row["to"],
        departs_s=row["expected_departs_at"],
        arrives_s=row["expected_arrives_at"],
        waits=row["state"] in ("planned", "held"),
        cancelled=row["state"] == "cancelled",
        carries=row["kind"] not in _CARRIES_NOTHING,
        free_m3=None if space_m3 is None else max(0.0, space_m3 - (row["volume_m3"] or 0.0)),
    )
