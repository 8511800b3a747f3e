"""Which trips are taken: the cheapest set under every limit, by HiGHS."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np

from crossdock.comply.hos import US_70_8
from crossdock.plan.capacity.highs import Rows, minimise
from crossdock.plan.capacity.limits import Limits
from crossdock.plan.capacity.options import Movement
from crossdock.plan.capacity.trips import TakenTrip
from crossdock.plan.duties import OwnRoster

UNTAKEN_USD = 20_000.0
UNTAKEN_PARCEL_USD = 100.0
"""Leaving a movement behind costs more than any carrier: it happens only when nobody is left."""

SHORTFALL_SHARE = 0.5
"""A unit short of a commitment costs this share of the carrier's mean price a unit (†)."""

Day = tuple[str, dt.date, bool]
"""Carrier, local date of departure, and whether positions (pooled) rather than vehicles."""


def choose_trips(
    movements: Sequence[Movement],
    trips: Sequence[TakenTrip],
    limits: Limits,
    roster: OwnRoster,
) -> list[TakenTrip]:
    """The trips of least cost, lateness and missed commitments together.

    Every movement is in exactly one trip or left behind at a price that no trip reaches; a
    carrier's day, the own yard at every instant and the heads of own drivers are kept. Which
    driver takes which duty is settled afterwards (`crossdock.plan.duties.OwnRoster`).
    """
    days = carrier_days(movements, trips)
    committed = [day for day in days if day[0] in limits.least_per_day]
    cost = np.asarray(
        [trip.total_usd for trip in trips]
        + [UNTAKEN_USD + UNTAKEN_PARCEL_USD * each.parcels for each in movements]
        + [SHORTFALL_SHARE * mean_price(trips, days[day]) for day in committed]
    )
    rows = Rows()
    _cover(rows, movements, trips)
    _keep_days(rows, days, limits)
    for offset, day in enumerate(committed):
        column = len(trips) + len(movements) + offset
        rows.add([*days[day], (column, 1.0)], limits.least_per_day[day[0]], np.inf)
    _keep_yard(rows, movements, trips, limits)
    _keep_heads(rows, movements, trips, roster)
    chosen = len(trips) + len(movements)
    upper = np.concatenate([np.ones(chosen), np.full(len(committed), np.inf)])
    values = minimise(cost, upper, np.arange(len(cost)) < chosen, rows)
    return [trip for trip, value in zip(trips, values, strict=False) if value > 0.5]


def carrier_days(
    movements: Sequence[Movement], trips: Sequence[TakenTrip]
) -> dict[Day, list[tuple[int, float]]]:
    """By carrier and day, the trips (by position) that use it and how much of it each uses."""
    days: dict[Day, list[tuple[int, float]]] = {}
    for column, trip in enumerate(trips):
        for day, used in uses(trip, movements).items():
            days.setdefault(day, []).append((column, used))
    return dict(sorted(days.items()))


def uses(trip: TakenTrip, movements: Sequence[Movement]) -> dict[Day, float]:
    """What the trip takes of its carrier's days."""
    used: dict[Day, float] = {}
    for option in (trip.option, trip.back):
        if option is not None:
            day = (option.carrier_id, movements[option.movement].date, option.kind == "pooled")
            used[day] = used.get(day, 0.0) + option.used_of_day
    return used


def mean_price(trips: Sequence[TakenTrip], day: Sequence[tuple[int, float]]) -> float:
    """Mean price of a unit of a carrier's day, USD."""
    return float(np.mean([trips[column].cost_usd / max(used, 1.0) for column, used in day]))


def _cover(rows: Rows, movements: Sequence[Movement], trips: Sequence[TakenTrip]) -> None:
    covering: list[list[tuple[int, float]]] = [
        [(len(trips) + index, 1.0)] for index in range(len(movements))
    ]
    for column, trip in enumerate(trips):
        for index in trip.covers:
            covering[index].append((column, 1.0))
    for terms in covering:
        rows.add(terms, 1.0, 1.0)


def _keep_days(rows: Rows, days: Mapping[Day, Sequence[tuple[int, float]]], limits: Limits) -> None:
    for day, terms in days.items():
        most = limits.per_day.get(day[0])
        if most is not None and sum(used for _, used in terms) > most:
            rows.add(terms, 0.0, most)


def _keep_yard(
    rows: Rows, movements: Sequence[Movement], trips: Sequence[TakenTrip], limits: Limits
) -> None:
    """No more own units out at any start than stand at their home."""
    out: dict[tuple[str, str, str], list[tuple[int, float, int, int]]] = {}
    for column, trip in enumerate(trips):
        option = trip.option
        if option.kind == "own":
            home = movements[option.movement].origin
            span = (trip.duty.starts_s, trip.duty.ends_s)
            needed = limits.equipment(option.vehicle_type, option.units, option.vehicles)
            for vehicle_type, count in needed.items():
                key = (option.carrier_id, home, vehicle_type)
                out.setdefault(key, []).append((column, count, *span))
    for key, spans in sorted(out.items()):
        standing = limits.standing(*key)
        if standing is not None:
            _keep_overlap(rows, spans, standing)


def _keep_heads(
    rows: Rows, movements: Sequence[Movement], trips: Sequence[TakenTrip], roster: OwnRoster
) -> None:
    """No more own drivers (and teams) on duty or resting after it than live at a facility."""
    if not roster.listed:
        return
    heads: dict[tuple[str, str], list[tuple[int, float, int, int]]] = {}
    pairs: dict[tuple[str, str], list[tuple[int, float, int, int]]] = {}
    for column, trip in enumerate(trips):
        option = trip.option
        if option.kind != "own":
            continue
        living = domiciles(trip, movements)
        for seat, facility in zip(trip.duty.seats, living, strict=True):
            span = (seat[0].start_s, seat[-1].end_s + US_70_8.reset_s)
            heads.setdefault((option.carrier_id, facility), []).append(
                (column, option.vehicles, *span)
            )
        if option.driver_mode == "team":
            span = (trip.duty.starts_s, trip.duty.ends_s + US_70_8.reset_s)
            pairs.setdefault((option.carrier_id, living[0]), []).append(
                (column, option.vehicles, *span)
            )
    for key, spans in sorted(heads.items()):
        _keep_overlap(rows, spans, roster.heads(*key))
    for key, spans in sorted(pairs.items()):
        _keep_overlap(rows, spans, roster.pairs(*key))


def domiciles(trip: TakenTrip, movements: Sequence[Movement]) -> tuple[str, ...]:
    """Where each seat's driver lives: at the start; a relay's second at the relay point."""
    home = movements[trip.option.movement].origin
    second = trip.option.relay_facility_id or home
    return (home, *(second for _ in trip.duty.seats[1:]))


def _keep_overlap(rows: Rows, spans: Sequence[tuple[int, float, int, int]], most: int) -> None:
    """At each start, the spans that hold it use at most ``most``."""
    for instant_s in sorted({start_s for _, _, start_s, _ in spans}):
        used: dict[int, float] = {}
        for column, amount, start_s, end_s in spans:
            if start_s <= instant_s < end_s:
                used[column] = used.get(column, 0.0) + amount
        if sum(used.values()) > most:
            rows.add(sorted(used.items()), 0.0, float(most))
