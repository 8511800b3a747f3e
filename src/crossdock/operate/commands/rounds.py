"""A delivery round as a list of stops: what it saves to leave some out, what it costs to add some.

Legs and times are those of `crossdock.locate.roads`; a stop takes `PARK_S` and `HANDLE_S` a parcel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossdock.locate.roads import drive_seconds, street_distance_m
from crossdock.operate.recovery import HANDLE_S, NEIGHBOUR_M, PARK_S

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stop:
    """Parcels that are handed over at one place; ``arrives_s``: in seconds since 1970."""

    latitude: float
    longitude: float
    parcels: tuple[str, ...]
    arrives_s: float

    @property
    def leaves_s(self) -> float:
        """When all of them are handed over."""
        return self.arrives_s + PARK_S + HANDLE_S * len(self.parcels)


@dataclass(frozen=True)
class Round:
    """A round from a station and back, and how much longer than planned it is.

    Attributes
    ----------
    more_m, more_s
        Street metres and seconds beyond the plan; below 0: less.
    """

    station: tuple[float, float]
    departs_s: float
    stops: tuple[Stop, ...]
    more_m: float = 0.0
    more_s: float = 0.0

    def without(self, parcel_ids: Sequence[str]) -> tuple[Round, list[Stop]]:
        """The round without some parcels, and the stops that they leave.

        The others are not reached earlier: a driver keeps to the times that were told.
        """
        gone = set(parcel_ids)
        stops: list[Stop] = []
        taken: list[Stop] = []
        more_m, more_s = self.more_m, self.more_s
        for place, stop in enumerate(self.stops):
            moved = tuple(each for each in stop.parcels if each in gone)
            left = tuple(each for each in stop.parcels if each not in gone)
            if moved:
                taken.append(_with(stop, moved))
                more_s -= HANDLE_S * len(moved)
            if left:
                stops.append(_with(stop, left))
                continue
            here = stops[-1] if stops else None
            after = self.stops[place + 1] if place + 1 < len(self.stops) else None
            metres, seconds = _detour(self._at(here), (stop.latitude, stop.longitude),
                                      self._at(after))  # fmt: skip
            more_m -= metres
            more_s -= seconds + PARK_S
        return Round(self.station, self.departs_s, tuple(stops), more_m, more_s), taken

    def including(self, stop: Stop) -> Round:
        """The round with one more stop, where that makes the way least longer.

        At a stop next door it is handed over together with that; what follows is later.
        """
        door = self._next_door(stop)
        if door is not None:
            near = self.stops[door]
            joined = _with(near, near.parcels + stop.parcels)
            later_s = HANDLE_S * len(stop.parcels)
            return self._changed(door, [joined], door + 1, 0.0, later_s)
        latitude, longitude = self._way()
        to_m = street_distance_m(latitude[:-1], longitude[:-1], stop.latitude, stop.longitude)
        on_m = street_distance_m(stop.latitude, stop.longitude, latitude[1:], longitude[1:])
        direct_m = street_distance_m(latitude[:-1], longitude[:-1], latitude[1:], longitude[1:])
        place = int(np.argmin(to_m + on_m - direct_m))
        to_s, on_s, direct_s = (
            float(drive_seconds(each[place])) for each in (to_m, on_m, direct_m)
        )
        leaves_s = self.departs_s if place == 0 else self.stops[place - 1].leaves_s
        added = Stop(stop.latitude, stop.longitude, stop.parcels, leaves_s + to_s)
        later_s = to_s + on_s - direct_s + added.leaves_s - added.arrives_s
        more_m = float(to_m[place] + on_m[place] - direct_m[place])
        return self._changed(place, [added], place, more_m, later_s)

    def reached(self) -> dict[str, float]:
        """When each parcel is handed over."""
        return {each: stop.arrives_s for stop in self.stops for each in stop.parcels}

    def _changed(
        self, place: int, stops: list[Stop], rest: int, more_m: float, later_s: float
    ) -> Round:
        later = [
            Stop(each.latitude, each.longitude, each.parcels, each.arrives_s + later_s)
            for each in self.stops[rest:]
        ]
        return Round(
            self.station,
            self.departs_s,
            (*self.stops[:place], *stops, *later),
            self.more_m + more_m,
            self.more_s + later_s,
        )

    def _next_door(self, stop: Stop) -> int | None:
        if not self.stops:
            return None
        latitude, longitude = self._way()
        apart_m = street_distance_m(stop.latitude, stop.longitude, latitude[1:-1], longitude[1:-1])
        place = int(np.argmin(apart_m))
        return place if float(apart_m[place]) <= NEIGHBOUR_M else None

    def _way(self) -> tuple[Floats, Floats]:
        """Latitudes and longitudes from the station over the stops and back."""
        places = [self.station, *map(self._at, self.stops), self.station]
        latitude, longitude = np.array(places, dtype=np.float64).T
        return latitude, longitude

    def _at(self, stop: Stop | None) -> tuple[float, float]:
        return self.station if stop is None else (stop.latitude, stop.longitude)


def _with(stop: Stop, parcels: tuple[str, ...]) -> Stop:
    return Stop(stop.latitude, stop.longitude, parcels, stop.arrives_s)


def _detour(
    start: tuple[float, float], by: tuple[float, float], end: tuple[float, float]
) -> tuple[float, float]:
    """Metres and seconds that the way over a place is longer than the direct one."""
    legs_m = [float(street_distance_m(*one, *other)) for one, other in ((start, by), (by, end))]
    direct_m = float(street_distance_m(*start, *end))
    seconds = sum(float(drive_seconds(each)) for each in legs_m) - float(drive_seconds(direct_m))
    return sum(legs_m) - direct_m, seconds
