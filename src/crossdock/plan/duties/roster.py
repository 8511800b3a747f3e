"""Own line-haul drivers: who is free, rested, licensed and within the cycle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import polars as pl

from crossdock.comply.hos import (
    RESTING,
    US_70_8,
    RuleSet,
    Segment,
    Timeline,
    audit,
    logged_segments,
    planning_ruleset,
)
from crossdock.model import Network

INVENTED_USD_H = 32.0


class Seat(NamedTuple):
    """One driver's part of a trip."""

    domicile_facility_id: str
    segments: tuple[Segment, ...]


class Assignment(NamedTuple):
    """Who drives: one driver a seat, and the wage of each."""

    driver_ids: tuple[str, ...]
    usd_h: tuple[float, ...]


class _Need(NamedTuple):
    licence: str
    doubles: bool


@dataclass
class _Driver:
    driver_id: str
    carrier_id: str
    domicile_facility_id: str
    usd_h: float
    licence: str | None = None
    endorsements: tuple[str, ...] | None = None
    team_with: str | None = None
    rules: RuleSet = US_70_8
    timezone: str = "UTC"
    logged: list[Segment] = field(default_factory=list[Segment])
    duties: list[tuple[Segment, ...]] = field(default_factory=list[tuple[Segment, ...]])

    @property
    def worked_s(self) -> int:
        return sum(duty[-1].end_s - duty[0].start_s for duty in self.duties)


class OwnRoster:
    """The own drivers of a plan and the duties given to them so far.

    Parameters
    ----------
    network
        With a drivers file, exactly its line-haul rows drive; a driver with an expired document
        or without a needed licence does not. Without the file, drivers are made up at each
        facility as needed, ``<facility_id>-linehaul-0001`` and so on, at $32 an hour (†).
    date
        Documents must hold on it.
    """

    def __init__(self, network: Network, date: dt.date) -> None:
        self._listed = not network["drivers"].is_empty()
        self._drivers: dict[tuple[str, str], list[_Driver]] = {}
        self._by_id: dict[str, _Driver] = {}
        self._invented: dict[str, int] = {}
        self._timezones = network.timezones
        for driver in _linehaul_drivers(network, date):
            self._add(driver)

    @property
    def listed(self) -> bool:
        """Whether the drivers come from a file, so that there may be too few."""
        return self._listed

    def heads(self, carrier_id: str, facility_id: str) -> int:
        """Drivers of the carrier who live at the facility."""
        return len(self._drivers.get((carrier_id, facility_id), []))

    def pairs(self, carrier_id: str, facility_id: str) -> int:
        """Teams of the carrier who live at the facility."""
        return len(self._teams(carrier_id, facility_id))

    def assign(
        self, carrier_id: str, seats: Sequence[Seat], *, team: bool, licence: str, doubles: bool
    ) -> Assignment | None:
        """Give the seats to free drivers, those with the fewest hours first; None: nobody is.

        Parameters
        ----------
        team
            The two seats need a pair that drives together.
        licence, doubles
            Least licence class (A, B or empty), and whether two trailers are pulled.
        """
        need = _Need(licence, doubles)
        chosen = (
            self._pair(carrier_id, seats, need)
            if team and self._listed
            else self._one_by_one(carrier_id, seats, need)
        )
        if chosen is None:
            return None
        for driver, seat in zip(chosen, seats, strict=True):
            driver.duties.append(seat.segments)
            driver.duties.sort(key=lambda duty: duty[0].start_s)
        return Assignment(
            tuple(driver.driver_id for driver in chosen), tuple(driver.usd_h for driver in chosen)
        )

    def release(self, crews: Sequence[Assignment], seats: Sequence[Seat]) -> None:
        """Take the duties of ``seats`` back from crews that were assigned to them."""
        for crew in crews:
            for driver_id, seat in zip(crew.driver_ids, seats, strict=True):
                self._by_id[driver_id].duties.remove(seat.segments)

    def _one_by_one(
        self, carrier_id: str, seats: Sequence[Seat], need: _Need
    ) -> list[_Driver] | None:
        chosen: list[_Driver] = []
        for seat in seats:
            living = self._drivers.get((carrier_id, seat.domicile_facility_id), [])
            driver = next(
                (
                    each
                    for each in sorted(living, key=_least_used_first)
                    if each not in chosen and _able(each, seat, need)
                ),
                None,
            )
            if driver is None:
                if self._listed:
                    return None
                driver = self._invent(carrier_id, seat.domicile_facility_id)
            chosen.append(driver)
        return chosen

    def _pair(self, carrier_id: str, seats: Sequence[Seat], need: _Need) -> list[_Driver] | None:
        teams = self._teams(carrier_id, seats[0].domicile_facility_id)
        return next(
            (
                list(team)
                for team in sorted(teams, key=lambda team: _least_used_first(team[0]))
                if all(_able(each, seat, need) for each, seat in zip(team, seats, strict=True))
            ),
            None,
        )

    def _teams(self, carrier_id: str, facility_id: str) -> list[tuple[_Driver, _Driver]]:
        paired: set[str] = set()
        teams: list[tuple[_Driver, _Driver]] = []
        for driver in self._drivers.get((carrier_id, facility_id), []):
            partner = self._by_id.get(driver.team_with or "")
            if partner is None or {driver.driver_id, partner.driver_id} & paired:
                continue
            if partner is driver or partner.domicile_facility_id != facility_id:
                continue
            paired |= {driver.driver_id, partner.driver_id}
            teams.append((driver, partner))
        return teams

    def _invent(self, carrier_id: str, facility_id: str) -> _Driver:
        self._invented[facility_id] = self._invented.get(facility_id, 0) + 1
        driver = _Driver(
            f"{facility_id}-linehaul-{self._invented[facility_id]:04d}",
            carrier_id,
            facility_id,
            INVENTED_USD_H,
        )
        driver.timezone = self._timezones.get(facility_id, "UTC")
        self._add(driver)
        return driver

    def _add(self, driver: _Driver) -> None:
        key = (driver.carrier_id, driver.domicile_facility_id)
        self._drivers.setdefault(key, []).append(driver)
        self._by_id[driver.driver_id] = driver


def _least_used_first(driver: _Driver) -> tuple[bool, int, str]:
    """Singles before team members, so that teams stay free for team work."""
    return driver.team_with is not None, driver.worked_s, driver.driver_id


def _able(driver: _Driver, seat: Seat, need: _Need) -> bool:
    return _licensed(driver, need) and _free(driver, seat.segments)


def _licensed(driver: _Driver, need: _Need) -> bool:
    """Whether licence and endorsements suffice (49 CFR 383.91, 383.93); unknown ones pass."""
    held = (driver.licence or "").strip().upper()[-1:]
    if need.licence and held in {"A", "B", "C", "D"} and held > need.licence:
        return False
    return not need.doubles or driver.endorsements is None or "T" in driver.endorsements


def _free(driver: _Driver, duty: tuple[Segment, ...]) -> bool:
    """Ten hours' rest on both sides of the duty, and no driving that breaks a limit."""
    rest_s = driver.rules.reset_s
    worked = [each for each in driver.logged if each.activity not in RESTING]
    if worked and worked[-1].end_s + rest_s > duty[0].start_s:
        return False
    if any(
        other[0].start_s < duty[-1].end_s + rest_s and duty[0].start_s < other[-1].end_s + rest_s
        for other in driver.duties
    ):
        return False
    if not driver.logged and not driver.duties:
        return True
    planned = sorted([*driver.duties, duty], key=lambda each: each[0].start_s)
    log = [*driver.logged, *(segment for each in planned for segment in each)]
    violations = audit(Timeline.of(log, timezone=driver.timezone, gaps_are_rest=True), driver.rules)
    return not any(found.end_s > planned[0][0].start_s for found in violations)


def _linehaul_drivers(network: Network, date: dt.date) -> list[_Driver]:
    rows = network["drivers"].filter(pl.col("kind") == "linehaul").sort("driver_id")
    documents = network["documents"].filter(
        pl.col("subject_kind") == "driver", pl.col("expires") < date
    )
    rows = rows.filter(~pl.col("driver_id").is_in(documents["subject_id"].implode()))
    # Where the file names endorsements at all, an empty cell means that the driver has none.
    endorsed = bool((rows["endorsements"].list.len().fill_null(0) > 0).any())
    logs = logged_segments(network["duty_log"])
    timezones = network.timezones
    return [
        _Driver(
            driver_id=row["driver_id"],
            carrier_id=row["carrier_id"],
            domicile_facility_id=row["domicile_facility_id"],
            usd_h=INVENTED_USD_H if row["cost_usd_h"] is None else row["cost_usd_h"],
            licence=row["licence"],
            endorsements=tuple(text.strip().upper() for text in row["endorsements"] or ())
            if endorsed
            else None,
            team_with=row["team_with"],
            rules=planning_ruleset(row["hos_ruleset"]),
            timezone=timezones.get(row["domicile_facility_id"], "UTC"),
            logged=logs.get(row["driver_id"], []),
        )
        for row in rows.iter_rows(named=True)
    ]
