"""Match every movement to a carrier or the own fleet, with its drivers, return and reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from crossdock.model import Network, Progress
from crossdock.plan.capacity.choose import choose_trips
from crossdock.plan.capacity.guide import follow_guide
from crossdock.plan.capacity.limits import Limits, network_limits
from crossdock.plan.capacity.options import Movement, Option, movement_list, movement_options
from crossdock.plan.capacity.staff import StaffedTrip, staff_all
from crossdock.plan.capacity.tables import decision_rows, load_tables
from crossdock.plan.capacity.trips import TakenTrip, TripBuilder, takeable_trips
from crossdock.plan.duties import OwnRoster

MOST_ROUNDS = 6
"""A choice whose drivers do not work out is made again without those trips, this often at most."""


@dataclass(frozen=True)
class CapacityPlan:
    """Who carries what.

    Attributes
    ----------
    loads, duties, decisions
        Schemas ``LOADS``, ``DUTIES``, ``DECISIONS``. Own trips have a row for the way back.
    untaken
        ``movement_id, reason``: movements that nobody can take.
    notes
        What a planner should know, one sentence each.
    """

    loads: pl.DataFrame
    duties: pl.DataFrame
    decisions: pl.DataFrame
    untaken: pl.DataFrame
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Question:
    network: Network
    movements: list[Movement]
    limits: Limits
    builder: TripBuilder
    vehicle_types: Mapping[str, Mapping[str, Any]]
    date: dt.date
    policy: str


def match_movements(
    network: Network,
    movements: pl.DataFrame,
    offers: pl.DataFrame,
    lanes: pl.DataFrame,
    *,
    policy: str = "crossdock",
    date: dt.date,
    released_at: dt.datetime | None = None,
    id_scope: str = "",
    progress: Progress | None = None,
) -> CapacityPlan:
    """Choose a carrier or the own fleet for each movement, by cost and service under capacities.

    Parameters
    ----------
    movements
        Schema ``MOVEMENTS``.
    offers, lanes
        Schemas ``OFFERS`` and ``LANES``, with usual transit times.
    policy
        ``crossdock`` solves the choice as a whole; ``baseline`` follows a routing guide: the
        cheapest carrier of the lane until its day is full, then the next; own equipment last.
    date
        First operating day of the plan.
    released_at
        When tenders go out; None: 18:00 local at the start on the day before ``date``.
    id_scope
        Goes into the ids of the loads.

    Notes
    -----
    A movement that no option of its vehicle type can take may ride in other types, as many as hold
    it. One that still finds nobody is untaken.
    """
    del progress  # takes a second or two
    listed = movement_list(network, movements)
    question = _Question(
        network=network,
        movements=listed,
        limits=network_limits(network, date),
        builder=TripBuilder(network, listed, lanes),
        vehicle_types={row["vehicle_type"]: row for row in network["vehicle_types"].to_dicts()},
        date=date,
        policy=policy,
    )
    options = movement_options(network, listed, offers, released_at=released_at, date=date)
    staffed, untaken = _chosen(question, options)
    if untaken:
        others = movement_options(
            network, listed, offers, released_at=released_at, date=date, substitutes=True
        )
        options = [*options, *(each for each in others if each.movement in untaken)]
        staffed, untaken = _chosen(question, options)
    loads, duties, load_of = load_tables(network, listed, staffed, id_scope)
    return CapacityPlan(
        loads=loads,
        duties=duties,
        decisions=decision_rows(listed, options, staffed, load_of),
        untaken=_untaken(listed, options, untaken),
        notes=_notes(listed, staffed, untaken),
    )


def _chosen(question: _Question, options: Sequence[Option]) -> tuple[list[StaffedTrip], list[int]]:
    """Trips with drivers, and the movements left behind."""
    if not question.movements:
        return [], []
    trips = takeable_trips(
        question.builder,
        question.movements,
        options,
        backhauls=question.policy == "crossdock",
    )
    staffed: list[StaffedTrip] = []
    for _ in range(MOST_ROUNDS):
        roster = OwnRoster(question.network, question.date)
        choose = follow_guide if question.policy == "baseline" else choose_trips
        chosen = choose(question.movements, trips, question.limits, roster)
        staffed, failed = staff_all(chosen, question.movements, roster, question.vehicle_types)
        if not failed:
            break
        trips = _without(trips, failed)
    covered = {index for each in staffed for index in each.trip.covers}
    return staffed, [index for index in range(len(question.movements)) if index not in covered]


def _without(trips: Sequence[TakenTrip], failed: Sequence[TakenTrip]) -> list[TakenTrip]:
    barred = {id(trip) for trip in failed}
    return [trip for trip in trips if id(trip) not in barred]


def _untaken(
    movements: Sequence[Movement], options: Sequence[Option], untaken: Sequence[int]
) -> pl.DataFrame:
    reasons: list[str] = []
    for index in untaken:
        tried = [option for option in options if option.movement == index]
        barred = sorted({option.barred for option in tried if option.barred})
        if not tried:
            reasons.append("nobody sells this lane")
        elif len(barred) == len({option.barred for option in tried}):
            reasons.append("; ".join(barred))
        else:
            reasons.append("every carrier and own vehicle that could is full that day")
    return pl.DataFrame(
        {"movement_id": [movements[index].movement_id for index in untaken], "reason": reasons},
        schema={"movement_id": pl.String, "reason": pl.String},
    )


def _notes(
    movements: Sequence[Movement], staffed: Sequence[StaffedTrip], untaken: Sequence[int]
) -> tuple[str, ...]:
    own = [each for each in staffed if each.trip.option.kind == "own"]
    backhauls = sum(each.trip.back is not None for each in own)
    notes = [
        f"{len(own)} of {len(movements)} movements ride on own equipment, "
        f"{backhauls} of them come back loaded."
    ]
    if untaken:
        notes.append(f"{len(untaken)} movements found no carrier.")
    return tuple(notes)
