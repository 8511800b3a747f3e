"""A team of two: one drives or serves, the other lies in the berth; waits are rest for both.

Labels hold instants, not intervals, of both drivers. Who drives changes at stops and where a limit
stops the one at the wheel. The team starts at once, or so
that it need not wait at one of the stops. Of many ways that none beats, the earliest and the
freshest few go on. Each plan is legal; another place to change, another way, or a start postponed
after a rest on the way, might make an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crossdock.comply.hos.planning.answer import ClocksLeft, PlanSegment
from crossdock.comply.hos.planning.question import FAR_S, PlanClocks, PlanLimits, PlanStop

_MOST_WAYS = 16
"""Ways that go on from a place: half of them the earliest, half those with the most hours left."""


@dataclass(frozen=True)
class TeamFound:
    """The best way of a team to the end of the stops, or where there is none."""

    completes_s: int | None
    segments: tuple[PlanSegment, ...] = ()
    left: ClocksLeft | None = None
    failed_stop: int | None = None
    arrives_s: int | None = None


class _Driver(NamedTuple):
    """One driver's clocks as instants that do not change while nothing is done.

    Attributes
    ----------
    began_s
        Start of the window; `FAR_S`: not begun.
    rests_from_s, idle_from_s
        Since when there is rest, and no driving; `FAR_S`: not now.
    """

    driven_s: int
    began_s: int
    broken_s: int
    rests_from_s: int
    idle_from_s: int


class _Team(NamedTuple):
    now_s: int
    drivers: tuple[_Driver, _Driver]
    before: _Team | None = None
    done: PlanSegment | None = None


def search_team(
    stops: Sequence[PlanStop],
    clocks: tuple[PlanClocks, PlanClocks],
    limits: PlanLimits,
    *,
    not_before_s: int = 0,
) -> TeamFound:
    """The earliest end that the team's ways find."""
    moves = _Moves(limits)
    first = _Team(0, (_told(clocks[0]), _told(clocks[1])))
    starts_s = {start_s for start_s in _starts_s(stops, not_before_s) if start_s < 2 * FAR_S}
    teams: list[_Team] = [
        moves.rest_until(first, start_s, 0, "wait", _LATER) for start_s in sorted(starts_s)
    ]
    for place, stop in enumerate(stops):
        arrived = moves.drive(teams, stop.drive_s, place)
        teams = []
        for team in arrived:
            for served in moves.serve(team, stop, place):
                _add(teams, served)
        teams = _few(teams)
        if not teams:
            earliest_s = min((team.now_s for team in arrived), default=None)
            return TeamFound(None, failed_stop=place, arrives_s=earliest_s)
    best = min(teams, key=lambda team: team.now_s)
    segments = _segments(best)
    return TeamFound(best.now_s, segments, moves.left(best, segments[-1].driver if segments else 0))


class _Moves:
    """What a team can do next."""

    def __init__(self, limits: PlanLimits) -> None:
        self.limits = limits

    def drive(self, teams: Sequence[_Team], drive_s: int, place: int) -> list[_Team]:
        """Teams at the end of a leg."""
        arrived: list[_Team] = []
        waiting: dict[int, list[_Team]] = {drive_s: list(teams)}
        while waiting:
            left_s = max(waiting)
            for team in _kept(waiting.pop(left_s)):
                if left_s == 0:
                    _add(arrived, team)
                    continue
                for moved, gone_s in self._on(team, left_s, place):
                    waiting.setdefault(left_s - gone_s, []).append(moved)
        return arrived

    def _on(self, team: _Team, left_s: int, place: int) -> Iterator[tuple[_Team, int]]:
        """One stretch by either driver; rests only where nobody may drive as long as wished."""
        stretches = [self._may_drive_s(team, seat) for seat in (0, 1)]
        for seat in (0, 1):
            stretch_s = min(left_s, stretches[seat])
            if stretch_s <= 0:
                continue
            yield self._work(team, seat, "drive", stretch_s, place), stretch_s
        if max(stretches) >= left_s:
            return
        for seat in (0, 1):
            rested = self._until_reset(team, seat, place)
            if rested is not None:
                yield rested, 0
            paused = self._until_paused(team, seat, place)
            if paused is not None:
                yield paused, 0

    def _until_reset(self, team: _Team, seat: int, place: int) -> _Team | None:
        driver = team.drivers[seat]
        if driver.began_s == FAR_S:
            return None
        until_s = min(driver.rests_from_s, team.now_s) + self.limits.reset_s
        # Who lay in the berth before needs less than the whole rest.
        kind = "rest" if until_s - team.now_s >= self.limits.reset_s else "wait"
        return self.rest_until(team, until_s, place, kind, "the team rests until one may drive")

    def _until_paused(self, team: _Team, seat: int, place: int) -> _Team | None:
        driver = team.drivers[seat]
        if driver.broken_s < self.limits.drive_before_pause_s:
            return None
        until_s = min(driver.idle_from_s, team.now_s) + self.limits.pause_s
        return self.rest_until(team, until_s, place, "break", "8 h are driven without a pause")

    def serve(self, team: _Team, stop: PlanStop, place: int) -> Iterator[_Team]:
        """The service in each window, by either driver; before it, the team may rest."""
        readies = [team]
        for seat in (0, 1):
            rested = self._until_reset(team, seat, place)
            if rested is not None:
                readies.append(rested)
        for ready in readies:
            for opens_s, closes_s in stop.windows:
                if ready.now_s > closes_s:
                    continue
                why = "the window of the stop opens then"
                waited = self.rest_until(ready, opens_s, place, "wait", why)
                for seat in (0, 1):
                    yield self._work(waited, seat, "service", stop.service_s, place)

    def rest_until(self, team: _Team, until_s: int, place: int, kind: str, why: str) -> _Team:
        """Both are off duty until an instant."""
        if until_s <= team.now_s:
            return team
        drivers = [self._settled(_off(driver, team.now_s), until_s) for driver in team.drivers]
        done = PlanSegment(kind, place, team.now_s, until_s, why)
        return _Team(until_s, (drivers[0], drivers[1]), team, done)

    def _work(self, team: _Team, seat: int, kind: str, length_s: int, place: int) -> _Team:
        until_s = team.now_s + length_s
        done = PlanSegment(kind, place, team.now_s, until_s, driver=seat)
        if length_s == 0:
            return _Team(until_s, team.drivers, team, done)
        drivers = [_off(driver, team.now_s) for driver in team.drivers]
        mine = team.drivers[seat]
        worked = mine._replace(began_s=min(mine.began_s, team.now_s), rests_from_s=FAR_S)
        if kind == "drive":
            worked = worked._replace(
                driven_s=mine.driven_s + length_s,
                broken_s=mine.broken_s + length_s,
                idle_from_s=FAR_S,
            )
        else:
            worked = worked._replace(idle_from_s=min(mine.idle_from_s, team.now_s))
        drivers[seat] = worked
        settled = [self._settled(driver, until_s) for driver in drivers]
        return _Team(until_s, (settled[0], settled[1]), team, done)

    def _settled(self, driver: _Driver, now_s: int) -> _Driver:
        """Counters emptied by the rest behind them, and then no matter how long it was."""
        if now_s - driver.rests_from_s >= self.limits.reset_s:
            return _Driver(0, FAR_S, 0, -FAR_S, -FAR_S)
        if now_s - driver.idle_from_s >= self.limits.pause_s:
            driver = driver._replace(broken_s=0)
        if driver.broken_s == 0:
            driver = driver._replace(idle_from_s=-FAR_S)
        if now_s - driver.began_s >= self.limits.window_s:  # nothing to drive until a reset
            driver = driver._replace(driven_s=0, began_s=-FAR_S, broken_s=0, idle_from_s=-FAR_S)
        return driver

    def _may_drive_s(self, team: _Team, seat: int) -> int:
        driver, limits = team.drivers[seat], self.limits
        passed_s = max(0, team.now_s - driver.began_s)
        return min(
            limits.driving_s - driver.driven_s,
            limits.window_s - passed_s,
            limits.drive_before_pause_s - driver.broken_s,
        )

    def left(self, team: _Team, seat: int) -> ClocksLeft:
        """Clocks of the one who served last."""
        driver, limits = team.drivers[seat], self.limits
        return ClocksLeft(
            driving_s=max(0, limits.driving_s - driver.driven_s),
            window_s=max(0, limits.window_s - max(0, team.now_s - driver.began_s)),
            until_break_s=max(0, limits.drive_before_pause_s - driver.broken_s),
            cycle_s=None,
        )


_LATER = "started later: the team need not wait at a stop then"


def _told(clocks: PlanClocks) -> _Driver:
    closed = not clocks.window_s and clocks.driving_s == 0
    used_s = clocks.driving_s if clocks.window_s is None else clocks.window_s
    return _Driver(
        clocks.driving_s,
        FAR_S if closed else -used_s,
        clocks.since_break_s,
        -clocks.resting_s,
        -max(clocks.not_driving_s, clocks.resting_s),
    )


def _starts_s(stops: Sequence[PlanStop], not_before_s: int) -> Iterator[int]:
    yield not_before_s
    before_s = 0
    for stop in stops:
        before_s += stop.drive_s
        yield from (
            opens_s - before_s for opens_s, _ in stop.windows if opens_s - before_s > not_before_s
        )
        before_s += stop.service_s


def _off(driver: _Driver, now_s: int) -> _Driver:
    return driver._replace(
        rests_from_s=min(driver.rests_from_s, now_s), idle_from_s=min(driver.idle_from_s, now_s)
    )


def _beats(one: _Team, other: _Team) -> bool:
    """Whether nothing that can follow ``other`` needs it; who of the two is who does not matter."""
    return one.now_s <= other.now_s and (
        _both_beat(one.drivers, other.drivers) or _both_beat(one.drivers[::-1], other.drivers)
    )


def _both_beat(ones: Sequence[_Driver], others: Sequence[_Driver]) -> bool:
    return all(
        mine.driven_s <= its.driven_s
        and mine.began_s >= its.began_s
        and mine.broken_s <= its.broken_s
        and mine.rests_from_s <= its.rests_from_s
        and mine.idle_from_s <= its.idle_from_s
        for mine, its in zip(ones, others, strict=True)
    )


def _add(teams: list[_Team], team: _Team) -> None:
    if any(_beats(other, team) for other in teams):
        return
    teams[:] = [other for other in teams if not _beats(team, other)]
    teams.append(team)


def _kept(teams: Sequence[_Team]) -> list[_Team]:
    best: list[_Team] = []
    for team in teams:
        _add(best, team)
    return _few(best)


def _few(teams: list[_Team]) -> list[_Team]:
    if len(teams) <= _MOST_WAYS:
        return teams
    earliest = sorted(teams, key=lambda team: team.now_s)[: _MOST_WAYS // 2]
    freshest = sorted(teams, key=_used_s)[: _MOST_WAYS // 2]
    return list({id(team): team for team in (*earliest, *freshest)}.values())


def _used_s(team: _Team) -> int:
    """Of both drivers, in the window and at the wheel."""
    return sum(
        max(0, team.now_s - driver.began_s) + driver.driven_s + driver.broken_s
        for driver in team.drivers
    )


def _segments(team: _Team) -> tuple[PlanSegment, ...]:
    done: list[PlanSegment] = []
    at: _Team | None = team
    while at is not None:
        if at.done is not None:
            done.append(at.done)
        at = at.before
    return tuple(done[::-1])
