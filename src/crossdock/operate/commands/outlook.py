"""The day as it looks at an instant, and as it would look after a command: who comes late."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.locate.roads import road_miles
from crossdock.model.errors import NotFoundError
from crossdock.operate.commands.arrivals import DAY_S, Arrival, Foresight
from crossdock.operate.commands.journeys import Journey, journeys_of
from crossdock.operate.commands.rides import Rides
from crossdock.operate.commands.scene import Scene
from crossdock.operate.commands.waves import WaveTimes
from crossdock.operate.loads_now import loads_now

ROAD_MPH = 50.0


@dataclass(frozen=True)
class Change:
    """One parcel without and with a command."""

    journey: Journey
    before: Arrival
    after: Arrival

    @property
    def late_before(self) -> int:
        """Days after the promise, without the command; 0: in time, or nothing was promised."""
        return late_days(self.before.eta_s, self.journey.promised_s)

    @property
    def late_after(self) -> int:
        """Days after the promise, with the command."""
        return late_days(self.after.eta_s, self.journey.promised_s)


class Outlook:
    """What a preview asks of a scene at an instant."""

    def __init__(self, scene: Scene, at: dt.datetime) -> None:
        self.scene = scene
        self.at = at
        self.at_s = int(at.timestamp())

    @cached_property
    def loads(self) -> Mapping[str, Mapping[str, Any]]:
        """Rows of `LOADS_NOW` by load."""
        return {row["load_id"]: row for row in self._loads.iter_rows(named=True)}

    @cached_property
    def rides(self) -> Rides:
        """The loads as they are expected to run."""
        return Rides.of(self._loads)

    @cached_property
    def waves(self) -> WaveTimes:
        """When facilities have sorted what came."""
        return WaveTimes(self.scene.plan.waves)

    def load(self, load_id: str) -> Mapping[str, Any]:
        """One load as it is now.

        Raises
        ------
        NotFoundError
            Neither the plan nor an event names it.
        """
        if load_id not in self.loads:
            raise NotFoundError(f"there is no load {load_id!r}", remedy="name a load of the day")
        return self.loads[load_id]

    def facility(self, facility_id: str) -> str:
        """The id of a facility that there is.

        Raises
        ------
        NotFoundError
            No released plan knows it.
        """
        if facility_id not in self._places:
            raise NotFoundError(
                f"there is no facility {facility_id!r}", remedy="name a facility of the network"
            )
        return facility_id

    def place(self, facility_id: str) -> tuple[float, float] | None:
        """Latitude and longitude of a facility, where they are known."""
        return self._places.get(facility_id)

    def drive_s(self, start: str, end: str) -> int:
        """Driving time between two facilities by distance; a day where a place is not known."""
        miles = self.miles(start, end)
        return DAY_S if miles is None else round(miles / ROAD_MPH * 3600)

    def miles(self, start: str, end: str) -> float | None:
        """Estimated road miles between two facilities."""
        here, there = self.place(start), self.place(end)
        if here is None or there is None:
            return None
        return float(road_miles(*here, *there))

    def lane_parcels(self, lanes: Sequence[tuple[str, str]]) -> pl.Series:
        """Parcels with a leg on any of these lanes."""
        on_lane = pl.any_horizontal(
            pl.lit(value=False),
            *((pl.col("from") == start) & (pl.col("to") == end) for start, end in lanes),
        )
        return self.scene.plan.legs.filter(on_lane)["parcel_id"].unique()

    def changes(self, parcel_ids: pl.Series, after: Rides, loads: Sequence[str]) -> list[Change]:
        """The parcels whose way or arrival other loads change, and those planned on ``loads``.

        Parameters
        ----------
        after
            The loads as the command leaves them.
        """
        journeys = journeys_of(self.scene, parcel_ids)
        now = Foresight(self.rides, self.waves, self.drive_s, self.at_s).arrivals(journeys)
        then = Foresight(after, self.waves, self.drive_s, self.at_s).arrivals(journeys)
        named = set(loads)
        found: list[Change] = []
        for journey in journeys:
            change = Change(journey, now[journey.parcel_id], then[journey.parcel_id])
            rides = {*change.before.boards, *change.before.missed, *change.after.boards}
            aboard = journey.custody == "load" and journey.holder in named
            if aboard or rides & named or change.before.eta_s != change.after.eta_s:
                found.append(change)
        return found

    def clock(self, facility_id: str, instant_s: int) -> str:
        """An instant on the clock of a facility; with the weekday where it is not today."""
        zone = ZoneInfo(self._zones.get(facility_id, "UTC"))
        local = dt.datetime.fromtimestamp(instant_s, zone)
        today = self.at.astimezone(zone).date()
        return local.strftime("%H:%M %Z" if local.date() == today else "%a %H:%M %Z")

    @cached_property
    def _loads(self) -> pl.DataFrame:
        return loads_now(self.scene.present, self.scene.plan, self.at)

    @property
    def _facilities(self) -> pl.DataFrame:
        return self.scene.means.network["facilities"]

    @cached_property
    def _places(self) -> dict[str, tuple[float, float] | None]:
        rows = self._facilities.select("facility_id", "latitude", "longitude").iter_rows()
        return {
            name: None if latitude is None or longitude is None else (latitude, longitude)
            for name, latitude, longitude in rows
        }

    @cached_property
    def _zones(self) -> Mapping[str, str]:
        return self.scene.means.network.timezones


def late_days(eta_s: int | None, promised_s: int | None) -> int:
    """Begun days from the promise to the arrival; 0 in time, or where either is not known."""
    if eta_s is None or promised_s is None or eta_s <= promised_s:
        return 0
    return -(-(eta_s - promised_s) // DAY_S)


def waits(load: Mapping[str, Any]) -> bool:
    """Whether a load (`LOADS_NOW`) is still to leave."""
    return load["state"] in ("planned", "held")
