"""The duty log of each driver up to an instant: what was told, else what files and plans say.

Whoever tells hours of a driver (fleet, board, preview of a command) asks this log, by the rules
and in the time zone of `terms_of`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import polars as pl

from crossdock.comply.hos import (
    OFF_DUTY,
    ON_DUTY,
    STATUSES,
    RuleSet,
    Segment,
    Timeline,
    planning_ruleset,
)
from crossdock.model import Network
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView, duty_segments

TOLD, LOGGED, PLANNED, ASSUMED = "told", "log", "plan", "assumed"
"""Where a piece of a log comes from: an event, the network's duty log, the plan, nowhere."""

_KEPT_S = 21 * 86_400
"""What is older than the longest cycle and its rests changes no clock."""


class Piece(NamedTuple):
    """One duty status over ``[start_s, end_s)``, UTC seconds, and where it is from."""

    activity: str
    start_s: int
    end_s: int
    source: str
    load_id: str | None = None
    route_id: str | None = None
    duty_id: str | None = None


@dataclass(frozen=True)
class KnownLog:
    """What is known of a driver's time.

    Attributes
    ----------
    past
        Without a gap up to the instant; empty: nothing is known.
    planned
        What the plan gives the driver from then on, in time order.
    told_s
        Of the last word: an event, or the end of the network's log.
    """

    past: tuple[Piece, ...]
    planned: tuple[Piece, ...]
    told_s: int | None

    def timeline(self, timezone: str) -> Timeline:
        """The past as a log."""
        return Timeline.of((each[:3] for each in self.past), timezone=timezone)


class Terms(NamedTuple):
    """By which rules, and by the days of which time zone, a driver's log is judged."""

    rules: RuleSet
    timezone: str


def terms_of(network: Network, plan: PlanView, driver_ids: Collection[str]) -> Mapping[str, Terms]:
    """The terms of these drivers: as the network has them, else as the plan names their home."""
    among = pl.col("driver_id").is_in(pl.Series(list(driver_ids), dtype=pl.String).implode())
    home = pl.col("domicile_facility_id")
    rows = pl.concat(
        [
            network["drivers"].filter(among).select("driver_id", home, "hos_ruleset"),
            plan.duties.filter(among).select("driver_id", home),
        ],
        how="diagonal",
    ).unique("driver_id", keep="first", maintain_order=True)
    zones = network.timezones
    found = {
        driver_id: Terms(planning_ruleset(ruleset), zones.get(facility_id or "", "UTC"))
        for driver_id, facility_id, ruleset in rows.iter_rows()
    }
    strange = Terms(planning_ruleset(None), "UTC")
    return {driver_id: found.get(driver_id, strange) for driver_id in driver_ids}


def rested_until(log: Timeline, until_s: int) -> Timeline:
    """The log, which is of some length, with rest up to an instant."""
    last = log.segments[-1]
    if until_s <= last.end_s:
        return log
    if last.activity == OFF_DUTY:
        return replace(log, segments=(*log.segments[:-1], last._replace(end_s=until_s)))
    rest = Segment(OFF_DUTY, last.end_s, until_s)
    return replace(log, segments=(*log.segments, rest))


def known_logs(
    present: Present,
    plan: PlanView,
    network: Network,
    driver_ids: Collection[str],
    at: dt.datetime,
) -> Mapping[str, KnownLog]:
    """The logs of these drivers at ``at``.

    For the time that is over, what was told counts; before it the network's duty log; in gaps
    between them the plan, and rest where it says nothing. A plan alone makes nothing known.
    """
    ids = pl.Series(list(driver_ids), dtype=pl.String)
    at_s = int(at.timestamp())
    told = dict(_told(present, ids, at))
    logged = dict(_logged(network, ids, at_s))
    planned = dict(_planned(plan, ids))
    return {
        driver_id: _known(
            told.get(driver_id, []), logged.get(driver_id, []), planned.get(driver_id, []), at_s
        )
        for driver_id in driver_ids
    }


def _known(
    told: Sequence[Piece], logged: Sequence[Piece], planned: Sequence[Piece], at_s: int
) -> KnownLog:
    begins_s = told[0].start_s if told else at_s
    before = [_until(each, begins_s) for each in logged if each.start_s < begins_s]
    sure = [*before, *told]
    coming = tuple(_after(each, at_s) for each in planned if each.end_s > at_s)
    if not sure:
        return KnownLog((), coming, None)
    told_s = told[-1].start_s if told else sure[-1].end_s
    past = tuple(_without_gaps(sure, planned, at_s))
    oldest_s = at_s - _KEPT_S
    kept = tuple(each for each in past if each.end_s > oldest_s)
    return KnownLog(kept, coming, told_s)


def _without_gaps(sure: Sequence[Piece], planned: Sequence[Piece], at_s: int) -> Iterator[Piece]:
    end_s = sure[0].start_s
    for piece in (*sure, Piece(OFF_DUTY, at_s, at_s, ASSUMED)):
        if piece.start_s > end_s:
            yield from _filled(planned, end_s, piece.start_s)
        if piece.end_s > piece.start_s:
            yield piece
        end_s = max(end_s, piece.end_s)


def _filled(planned: Sequence[Piece], start_s: int, end_s: int) -> Iterator[Piece]:
    """A gap: as planned, else at rest."""
    for piece in planned:
        if piece.end_s <= start_s or piece.start_s >= end_s:
            continue
        if piece.start_s > start_s:
            yield Piece(OFF_DUTY, start_s, piece.start_s, ASSUMED)
        within = _until(_after(piece, start_s), end_s)
        yield within
        start_s = within.end_s
    if start_s < end_s:
        yield Piece(OFF_DUTY, start_s, end_s, ASSUMED)


def _until(piece: Piece, at_s: int) -> Piece:
    return piece if piece.end_s <= at_s else piece._replace(end_s=at_s)


def _after(piece: Piece, at_s: int) -> Piece:
    return piece if piece.start_s >= at_s else piece._replace(start_s=at_s)


def _told(present: Present, ids: pl.Series, at: dt.datetime) -> Iterator[tuple[str, list[Piece]]]:
    tracking = present.folded.tracking
    some = replace(tracking, duties=tracking.duties.of("driver_id", ids))
    rows = duty_segments(some, at).select(
        "driver_id",
        "activity",
        pl.col("starts_at").dt.epoch("s"),
        pl.col("ends_at").fill_null(at).dt.epoch("s"),
        "load_id",
        "route_id",
    )
    for driver_id, pieces in _by_driver(rows.iter_rows()):
        yield (
            driver_id,
            [
                # A status that no rule knows is work: that leaves the driver no more than is legal.
                Piece(
                    activity if activity in STATUSES else ON_DUTY, start_s, end_s, TOLD, load, route
                )
                for activity, start_s, end_s, load, route in pieces
            ],
        )


def _logged(network: Network, ids: pl.Series, at_s: int) -> Iterator[tuple[str, list[Piece]]]:
    """The network's log; where two entries overlap, the earlier one keeps the time."""
    rows = (
        network["duty_log"]
        .filter(pl.col("driver_id").is_in(ids.implode()))
        .sort("driver_id", "from", "to")
        .select("driver_id", "status", pl.col("from").dt.epoch("s"), pl.col("to").dt.epoch("s"))
    )
    for driver_id, pieces in _by_driver(rows.iter_rows()):
        yield (
            driver_id,
            _in_order(
                Piece(activity, start_s, end_s, LOGGED)
                for activity, start_s, end_s in pieces
                if start_s < at_s
            ),
        )


def _planned(plan: PlanView, ids: pl.Series) -> Iterator[tuple[str, list[Piece]]]:
    """The planned duties; where those of two plans overlap, the earlier one keeps the time."""
    rows = (
        plan.duties.filter(
            pl.col("driver_id").is_in(ids.implode())
            & pl.col("activity").is_in(list(STATUSES))
            & pl.col("starts_at").is_not_null()
            & pl.col("ends_at").is_not_null()
        )
        .sort("driver_id", "starts_at", "ends_at", "duty_id")
        .select(
            "driver_id",
            "activity",
            pl.col("starts_at").dt.epoch("s"),
            pl.col("ends_at").dt.epoch("s"),
            "load_id",
            "duty_id",
        )
    )
    for driver_id, pieces in _by_driver(rows.iter_rows()):
        yield (
            driver_id,
            _in_order(
                Piece(activity, start_s, end_s, PLANNED, load, None, duty)
                for activity, start_s, end_s, load, duty in pieces
            ),
        )


def _in_order(pieces: Iterable[Piece]) -> list[Piece]:
    found: list[Piece] = []
    end_s = -(1 << 62)
    for piece in pieces:
        if piece.end_s > max(end_s, piece.start_s):
            found.append(_after(piece, end_s))
            end_s = piece.end_s
    return found


def _by_driver(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Rows, sorted by driver, as one list a driver, without the driver."""
    for driver_id, own in groupby(rows, key=itemgetter(0)):
        yield driver_id, [row[1:] for row in own]
