"""Many lives of each parcel: from where it is, over its planned path, to the door.

Arrays have a row a parcel and a column a draw; instants are seconds since the epoch, infinite where
the parcel never comes. What is rare (a missed connection, a failed attempt) is worked out only in
the draws where it happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from crossdock.predict.eta.learned.history import (
    AGAIN,
    COUNTER,
    PARTNER_FIRST,
    REDO_FIRST,
    REDO_NEVER,
    late_days,
)
from crossdock.predict.eta.learned.itinerary import Flags, Itinerary, Legs
from crossdock.predict.eta.learned.local import day_positions
from crossdock.predict.eta.learned.luck import Luck
from crossdock.predict.eta.learned.model import EtaModel
from crossdock.predict.eta.learned.paths import Floats, Ints

MOST_TRIES = 4
_TRIED_SHARE = 0.25
"""Share of the draws in which the next connection of a parcel under way is missed, weighted back
to its probability: silence has to be explained by enough draws."""

HELD_UP = 0.002
"""Probability that something beyond history holds a parcel up on its present step (assumption)."""
_HELD_SHARE, _HELD_S, _LONGEST_HOLD_S = 0.2, 3_600.0, 20 * 86_400.0
"""Such a hold lasts ``_HELD_S / u``: after ``s`` seconds, the odds are even that ``s`` more follow.
It is tried in a fifth of the draws, weighted back."""


ACCEPTED_S = 7_200.0
"""A partner's own first scan follows the handoff within two hours (assumption)."""


class Phase(IntEnum):
    """What a parcel under way is at."""

    PATH = 0
    OUT = 1
    OUT_ELSEWHERE = 2
    HANDED = 3
    FAILED = 4
    COUNTER = 5


@dataclass(frozen=True)
class Starts:
    """Where parcels are, one entry a parcel.

    Attributes
    ----------
    at
        Now.
    node
        Next thing to be decided: the number of a leg; the number of legs is the door.
    here
        Since when it is at ``node`` (or left on the leg); minus infinity: unknown.
    on_road, off_path
        On the leg ``node``; somewhere that its path does not know.
    phase, tries
        What it is at, and attempts that have failed.
    grace_s
        How long after it happened a scan is usually known.
    missed_scan
        Probability that a scan is never made.
    """

    at: float
    node: Ints
    here: Floats
    on_road: Flags
    off_path: Flags
    phase: Ints
    tries: Ints
    grace_s: float
    missed_scan: float


class Walk:
    """The draws of one forecast over some parcels.

    Parameters
    ----------
    starts
        None: nothing has happened yet.
    """

    def __init__(
        self, model: EtaModel, itinerary: Itinerary, luck: Luck, starts: Starts | None
    ) -> None:
        self.model = model
        self.ways = itinerary
        self.luck = luck
        self.starts = starts
        self.shape = (len(itinerary.count), luck.draws)
        self.log_weight = np.zeros(self.shape) if starts is not None else None

    def curve(self, name: str, rows: Ints, *purpose: str | int) -> Floats:
        """Values of a quantile function, a row each and a column a draw."""
        return self.model.curves[name].at(self.luck.column(name, *purpose))[rows]

    def share(self, name: str, rows: Ints, *purpose: str | int) -> Ints:
        """Outcomes, a row each and a column a draw."""
        return self.model.shares[name].at(self.luck.column(name, *purpose))[rows]

    def unheard(self, rows: Ints, scan_at: Floats, expected: Flags | bool = True) -> None:
        """A scan that should be known by now and is not makes a draw less likely."""
        if self.starts is None or self.log_weight is None:
            return
        silent = (scan_at + self.starts.grace_s < self.starts.at) & expected
        self.log_weight[rows] += silent * np.log(self.starts.missed_scan)

    def weigh(self, rows: Ints, happens: Flags, probability: Floats, tried: Floats) -> None:
        """Weight back an outcome that was tried more often than it is likely."""
        assert self.log_weight is not None
        least = 1e-9
        yes = np.log(np.maximum(probability, least) / tried)
        no = np.log(np.maximum(1.0 - probability, least) / np.maximum(1.0 - tried, least))
        self.log_weight[rows] += np.where(happens, yes[:, None], no[:, None])

    def hold(self, starts: Starts) -> Floats:
        """Seconds that something beyond history holds each parcel up: 0 in most draws.

        A hold that lasts less than the silence so far does not explain it, so only longer ones are
        tried, at the weight that they have among all.
        """
        every = np.arange(self.shape[0])
        least = np.clip(starts.at - _next_scan(self, starts), _HELD_S, _LONGEST_HOLD_S)
        held = np.broadcast_to(self.luck.column("held") < _HELD_SHARE, self.shape)
        likely = HELD_UP * _HELD_S / least
        self.weigh(every, held, likely, np.full(self.shape[0], _HELD_SHARE))
        lasts = np.minimum(least[:, None] / self.luck.column("hold"), _LONGEST_HOLD_S)
        return np.where(held, lasts, 0.0)


def arrivals(walk: Walk) -> Floats:
    """When each parcel is delivered, in each draw."""
    hold = np.zeros(walk.shape) if walk.starts is None else walk.hold(walk.starts)
    here = _ride(walk, hold)
    at, day = _first_try(walk, here, hold)
    return _until_done(walk, at, day)


def _next_scan(walk: Walk, starts: Starts) -> Floats:
    """When the next scan of each parcel is planned."""
    ways = walk.ways
    handed = starts.phase == Phase.HANDED
    due = np.where(handed, starts.here + (ways.stated + 0.5) * 86_400.0, ways.leaves)
    for seq, legs in enumerate(ways.legs):
        now = (starts.node[legs.row] == seq) & ~handed[legs.row]
        row = legs.row[now]
        rolling = starts.here[row] + legs.transit[now]
        due[row] = np.where(starts.on_road[row], rolling, legs.departs[now])
    return due


def _ride(walk: Walk, hold: Floats) -> Floats:
    """When each parcel is at its last facility; minus infinity where it starts there."""
    ways, starts = walk.ways, walk.starts
    here = np.full(walk.shape, -np.inf)
    there = np.full(walk.shape, np.nan)
    if starts is not None:
        here[:] = starts.here[:, None]
        at_door = starts.node >= ways.count
        here[at_door] += hold[
            at_door
        ]  # a parcel that is held where it is comes too late for its route
        _from_elsewhere(walk, starts, there)
    for seq, legs in enumerate(ways.legs):
        ahead = np.ones(len(legs.row), np.bool_)
        if starts is not None:
            ahead = (starts.node[legs.row] <= seq) & (starts.phase[legs.row] == Phase.PATH)
        if ahead.any():
            _ride_leg(walk, seq, legs, np.flatnonzero(ahead), here, there, hold)
    return np.where(np.isnan(there), here, there)


def _ride_leg(
    walk: Walk, seq: int, legs: Legs, some: Ints, here: Floats, there: Floats, hold: Floats
) -> None:
    """Bring ``here`` one leg on; ``there`` is when those that miss it are at the last facility."""
    rows, starts = legs.row[some], walk.starts
    planned = np.isnan(there[rows])
    left_at = legs.departs[some, None] + walk.curve("delay", legs.delay[some], seq)
    slow = walk.curve("road", legs.road[some], seq)
    transit = legs.transit[some, None] * slow
    now = np.zeros(len(rows), np.bool_) if starts is None else starts.node[rows] == seq
    rolling = now if starts is None else now & starts.on_road[rows]
    sorts = ~rolling
    missed = _unsorted(walk, rows, legs.unsorted[some], now & sorts, seq)
    missed = (missed | (here[rows] > legs.cutoff[some, None])) & planned & sorts[:, None]
    if starts is not None:
        left_at = np.where(rolling[:, None], here[rows], left_at)
        left_at = np.where((now & sorts)[:, None], left_at + hold[rows], left_at)
        transit = np.where(rolling[:, None], transit + hold[rows], transit)
        rides = planned & ~missed
        walk.unheard(rows, left_at, rides & sorts[:, None])
        walk.unheard(rows, left_at + transit, rides)
    _detour(walk, seq, legs, some, missed, here, there)
    here[rows] = np.where(planned & ~missed, left_at + transit, here[rows])
    if starts is not None:
        walk.unheard(rows, there[rows], missed)


def _unsorted(walk: Walk, rows: Ints, groups: Ints, now: Flags, seq: int) -> Flags:
    """Draws in which a parcel that is in time does not leave as planned."""
    if walk.starts is None or not now.any():
        return walk.share("unsorted", groups, seq) == 1
    likely: Floats = walk.model.shares["unsorted"].values[groups, 1]
    tried: Floats = np.where(now, np.maximum(likely, _TRIED_SHARE), likely)
    missed: Flags = walk.luck.column("unsorted", seq)[None, :] >= 1.0 - tried[:, None]
    some = np.flatnonzero(now)
    walk.weigh(rows[some], missed[some], likely[some], tried[some])
    return missed


def _detour(
    walk: Walk, seq: int, legs: Legs, some: Ints, missed: Flags, here: Floats, there: Floats
) -> None:
    place, draw = np.nonzero(missed)
    if not len(place):
        return
    leg = some[place]
    row = legs.row[leg]
    late = walk.model.curves["detour"].at(walk.luck.column("detour", seq))
    never = walk.model.shares["detour_never"].at(walk.luck.column("detour_never", seq))
    soonest = here[row, draw] + legs.transit_left[leg]
    comes = np.maximum(walk.ways.due_in[row] + late[legs.detour[leg], draw], soonest)
    there[row, draw] = np.where(never[legs.detour_never[leg], draw] == 1, np.inf, comes)


def _from_elsewhere(walk: Walk, starts: Starts, there: Floats) -> None:
    """Parcels that are where their path does not lead take a way of their own."""
    row = np.flatnonzero(starts.off_path & (starts.phase == Phase.PATH))
    if not len(row):
        return
    late = walk.model.curves["detour"].at(walk.luck.column("detour", "elsewhere"))[0]
    due = np.maximum(walk.ways.due_in[row], starts.here[row])
    there[row] = due[:, None] + np.maximum(late, _HELD_S)[None, :]
    walk.unheard(row, there[row])


def _first_try(walk: Walk, here: Floats, hold: Floats) -> tuple[Floats, Ints]:
    """When somebody is first at the door, and on which delivery day."""
    ways, starts = walk.ways, walk.starts
    every = np.arange(walk.shape[0])
    base = np.where(ways.own, ways.day, ways.handed)
    slip = _slip(walk, here, base)
    at_door = None if starts is None else (starts.node >= ways.count) & (starts.phase == Phase.PATH)
    now = np.zeros(walk.shape[0], np.bool_) if at_door is None else at_door
    left = _unsorted(walk, every, ways.unsorted, now, -1)
    out = np.ones(walk.shape[0], np.bool_)
    if starts is not None:
        out = starts.phase == Phase.PATH
        left &= out[:, None]
        slip[~out] = 0
    skipped = (walk.share("skipped", ways.skipped) == 1) & ways.own[:, None]
    lost = (slip > 0) | left
    walk.unheard(every, np.broadcast_to(ways.leaves[:, None], walk.shape), ~lost & out[:, None])
    redo = walk.share("redo", ways.redo)
    early = walk.share("early", ways.early)
    days = np.where(lost | skipped, np.maximum(slip, 1) + redo + REDO_FIRST, -early)
    days[ways.own] = np.maximum(days[ways.own], 0)
    never = (lost | skipped) & (redo == REDO_NEVER)
    day = np.maximum(base[:, None] + days, 0)
    if starts is not None:
        fixed = np.isin(starts.phase, (Phase.OUT_ELSEWHERE, Phase.HANDED))
        handed = starts.phase == Phase.HANDED
        today = day_of(ways, starts.here - np.where(handed, ACCEPTED_S, 0.0))
        day[fixed] = today[fixed, None]
        never[fixed] = False
        days[starts.phase == Phase.OUT_ELSEWHERE] = 1  # at an hour that no plan names
    at, day = _at_door(walk, day, days == 0)
    if starts is not None:
        handed = starts.phase == Phase.HANDED
        at[handed] += np.floor(hold[handed] / 43_200.0) * 86_400.0
        walk.unheard(every, at, ~never & np.isin(starts.phase, (Phase.PATH, *_TO_DOOR))[:, None])
    return np.where(never | np.isposinf(here), np.inf, at), day


_TO_DOOR = (Phase.OUT, Phase.OUT_ELSEWHERE, Phase.HANDED)


def _slip(walk: Walk, here: Floats, base: Ints) -> Ints:
    ways = walk.ways
    late = np.where(np.isposinf(here), 0.0, here - ways.cutoff[:, None])
    return late_days(late, ways.midnights, ways.calendar, base)


def _at_door(walk: Walk, day: Ints, as_planned: Flags) -> tuple[Floats, Ints]:
    """Instant and delivery day of the first attempt, own stops and partners' alike."""
    ways = walk.ways
    at = np.empty(walk.shape)
    own, partner = np.flatnonzero(ways.own), np.flatnonzero(~ways.own)
    if len(own):
        at[own] = ways.planned[own, None] + walk.curve("street", ways.street[own])
        place, draw = np.nonzero(~as_planned[own])
        row = own[place]
        clock = walk.model.curves["redo_hour"].at(walk.luck.column("redo_hour"))
        at[row, draw] = _instant(ways, row, day[row, draw], clock[ways.redo_hour[row], draw])
    if len(partner):
        extra = walk.share("partner", ways.partner[partner]) + PARTNER_FIRST
        extra = np.maximum(ways.stated[partner, None] + extra, 0)
        if walk.starts is not None:  # on its van the days are over
            extra[walk.starts.phase[partner] == Phase.OUT_ELSEWHERE] = 0
        day[partner] += extra
        clock = walk.curve("partner_hour", ways.partner_hour[partner])
        at[partner] = _instant(ways, partner[:, None], day[partner], clock)
    return at, day


def _until_done(walk: Walk, at: Floats, day: Ints) -> Floats:
    """Follow failed attempts until the parcel is delivered, collected, or never is."""
    ways, starts = walk.ways, walk.starts
    failed = (walk.share("first_failure", ways.first_failure) == 1) & np.isfinite(at)
    tries = np.ones(walk.shape[0], np.int64)
    if starts is not None:
        done = np.isin(starts.phase, (Phase.FAILED, Phase.COUNTER))
        before = ~done & (starts.tries > 0)
        failed[before] = _fails_again(walk, starts.tries)[before] & np.isfinite(at[before])
        tries = np.maximum(starts.tries + ~done, 1)
        at[done] = starts.here[done, None]
        day[done] = day_of(ways, starts.here)[done, None]
        failed[done] = starts.phase[done, None] == Phase.FAILED
        _at_counter(walk, at, *np.nonzero((starts.phase == Phase.COUNTER)[:, None] & (at > 0)))
    for step in range(1, MOST_TRIES + 1):
        row, draw = np.nonzero(failed)
        if not len(row):
            break
        _try_again(walk, step, row, draw, tries, at, day, failed)
    at[failed] = np.inf
    return at if starts is None else _after_now(walk, starts, at)


def _try_again(
    walk: Walk, step: int, row: Ints, draw: Ints, tries: Ints, at: Floats, day: Ints, failed: Flags
) -> None:
    ways, shares = walk.ways, walk.model.shares
    groups = _groups(ways, step - 1 + tries)

    def outcome(name: str) -> Ints:
        drawn = shares[name].at(walk.luck.column(name, step))
        return drawn[shares[name].rows(groups)[row], draw]

    follows = outcome("after_failure")
    failed[row, draw] = (follows == AGAIN) & (outcome("again_failure") == 1)
    day[row, draw] += outcome("gap")
    later = _instant(ways, row, day[row, draw], _clock(walk, step, row, draw))
    at[row, draw] = np.where(follows == AGAIN, later, np.where(follows == COUNTER, at[row, draw],
                                                              np.inf))  # fmt: skip
    if walk.starts is not None:
        again = np.zeros(walk.shape, np.bool_)
        again[row, draw] = follows == AGAIN
        walk.unheard(np.arange(walk.shape[0]), at, again)
    waits = follows == COUNTER
    _at_counter(walk, at, row[waits], draw[waits])


def _fails_again(walk: Walk, tries: Ints) -> Flags:
    groups = walk.model.shares["again_failure"].rows(_groups(walk.ways, np.maximum(tries, 1)))
    return walk.share("again_failure", groups, "now") == 1


def _groups(ways: Itinerary, tries: Ints) -> list[str]:
    """Class of a failed attempt, as history names it."""
    return [f"{w}/{min(n, 3)}" for w, n in zip(ways.whose, tries.tolist(), strict=True)]


def _at_counter(walk: Walk, at: Floats, row: Ints, draw: Ints) -> None:
    waits = walk.model.curves["counter"].at(walk.luck.column("counter"))[0]
    stays = walk.model.shares["collected"].at(walk.luck.column("collected"))[0] == 1
    at[row, draw] = np.where(stays[draw], np.inf, at[row, draw] + waits[draw])


def _clock(walk: Walk, step: int, row: Ints, draw: Ints) -> Floats:
    """Hour of an attempt that was not planned, seconds of the local day."""
    ways, curves = walk.ways, walk.model.curves
    own = curves["redo_hour"].at(walk.luck.column("redo_hour", step))
    partner = curves["partner_hour"].at(walk.luck.column("partner_hour", step))
    return np.where(
        ways.own[row], own[ways.redo_hour[row], draw], partner[ways.partner_hour[row], draw]
    )


def _after_now(walk: Walk, starts: Starts, at: Floats) -> Floats:
    """What should have been told by now, and was not, is still to come.

    On a van as much later again as it is late; else at its hour of the next delivery day.
    """
    out = np.isin(starts.phase, (Phase.OUT, Phase.OUT_ELSEWHERE))[:, None]
    overdue = at < starts.at - starts.grace_s
    at = np.where(overdue & out, 2.0 * starts.at - at, at)
    row, draw = np.nonzero(overdue & ~out)
    if not len(row):
        return at
    ways = walk.ways
    today = day_of(ways, np.full(walk.shape[0], starts.at))
    then = day_of(ways, at[row, draw], row)
    clock = at[row, draw] - _instant(ways, row, then, np.zeros(len(row)))
    later = _instant(ways, row, today[row], clock)
    tomorrow = _instant(ways, row, today[row] + 1, clock)
    at[row, draw] = np.where(later > starts.at, later, tomorrow)
    return at


def _instant(ways: Itinerary, row: Ints, day: Ints, clock: Floats) -> Floats:
    """Instant of a second of the local day on a numbered delivery day."""
    width = ways.midnights.shape[1]
    return ways.midnights[ways.calendar[row], np.clip(day, 0, width - 1)] + clock


def day_of(ways: Itinerary, instants: Floats, row: Ints | None = None) -> Ints:
    """Number of the delivery day of each instant, of the next one where its day is closed."""
    calendar = ways.calendar if row is None else ways.calendar[row]
    safe = np.where(np.isfinite(instants), instants, 0.0)
    return day_positions(ways.midnights, calendar, safe)
