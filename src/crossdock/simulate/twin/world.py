"""The shocks of the twin's world: weather, traffic, sorters; the same under every plan."""

from __future__ import annotations

import datetime as dt

import numpy as np

from crossdock.simulate.twin.chance import Chance, key_of
from crossdock.simulate.twin.truth import Truth

_CELL_LATITUDE, _CELL_LONGITUDE = 4.0, 5.0


class World:
    """Answers how the world is on a day at a place.

    Parameters
    ----------
    chance
        Draws of the run's seed.
    truth
        Rates of the world.
    """

    def __init__(self, chance: Chance, truth: Truth) -> None:
        self.chance = chance
        self.truth = truth
        self._storm: dict[tuple[int, int, str], bool] = {}

    def storm(self, latitude: float, longitude: float, date: dt.date) -> bool:
        """Whether the weather cell of a place has a storm on a date."""
        cell = (
            int(np.floor(latitude / _CELL_LATITUDE)),
            int(np.floor(longitude / _CELL_LONGITUDE)),
            date.isoformat(),
        )
        if cell not in self._storm:
            lot = self.chance.one("storm", key_of(f"{cell[0]}/{cell[1]}/{cell[2]}"))
            self._storm[cell] = lot < self.truth.storm_probability or cell in self.truth.storms
        return self._storm[cell]

    def road_factor(self, lane: str, date: dt.date, load: str, *, storm: bool) -> float:
        """Driving time of a load over the usual one; the lane's day is shared by its loads."""
        day = self.chance.one_normal("road day", key_of(f"{lane}/{date}"))
        own = self.chance.one_normal("road own", key_of(load))
        truth = self.truth
        factor = np.exp(truth.road_day_sigma * day + truth.road_own_sigma * own)
        return float(max(factor, 0.85) * (truth.storm_road_factor if storm else 1.0))

    def street_factor(self, facility: str, date: dt.date, *, storm: bool) -> float:
        """Van driving time of a station's day over the usual one."""
        day = self.chance.one_normal("street day", key_of(f"{facility}/{date}"))
        factor = np.exp(self.truth.street_day_sigma * day)
        return float(factor * (self.truth.storm_street_factor if storm else 1.0))

    def sort_factor(self, facility: str, wave: str, date: dt.date) -> float:
        """Rate of a wave over its planned one."""
        about = key_of(f"{facility}/{wave}/{date}")
        slow = (
            facility in self.truth.slow_facilities
            or self.chance.one("slow sort", about) < self.truth.slow_sort_probability
        )
        usual = float(
            np.exp(self.truth.sort_rate_sigma * self.chance.one_normal("sort rate", about))
        )
        return usual * (self.truth.slow_sort_factor if slow else 1.0)
