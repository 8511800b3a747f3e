"""Where a vehicle of a plan is at an instant, if it keeps to the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.platform.routing.documents.plan_shape import PlanRoute, PlanSpot, PlanStop


@dataclass(frozen=True)
class OnTheWay:
    """A position between two places: ``share`` of the leg is behind the vehicle."""

    leaves: PlanSpot
    reaches: PlanSpot
    share: float

    @property
    def lat(self) -> float | None:
        """Degrees; None where the places have none."""
        return _between(self.leaves.lat, self.reaches.lat, self.share)

    @property
    def lon(self) -> float | None:
        """See ``lat``."""
        return _between(self.leaves.lon, self.reaches.lon, self.share)


@dataclass(frozen=True)
class Progress:
    """How far a route is.

    Attributes
    ----------
    left
        Whether it has left: its first tour is on board, or being loaded.
    done
        Stops that are served, with the one that is being served.
    ahead
        The others.
    free_at
        When it can go on: now, or when it has loaded or served.
    where
        Where it then is.
    driven_s, driven_m
        Of driving so far.
    """

    left: bool
    done: tuple[PlanStop, ...]
    ahead: tuple[PlanStop, ...]
    free_at: dt.datetime
    where: OnTheWay
    driven_s: float = 0.0
    driven_m: float = 0.0

    @property
    def between_stops(self) -> bool:
        """Whether it drives."""
        return 0 < self.where.share < 1


def progress_of(route: PlanRoute, now: dt.datetime, loading_s: float) -> Progress:
    """How far ``route`` is.

    Parameters
    ----------
    loading_s
        Of its first tour.
    """
    stops = route.stops
    loaded = route.starts_at + dt.timedelta(seconds=loading_s)
    begin = OnTheWay(route.start, route.start, 0.0)
    if now < route.starts_at:
        return Progress(False, (), tuple(stops), now, begin)
    arrived = sum(stop.arrives_at <= now for stop in stops)
    done, ahead = tuple(stops[:arrived]), tuple(stops[arrived:])
    leaves_at = done[-1].departs_at if done else loaded
    here = _spot(done[-1]) if done else route.start
    driven_s = sum(_leg_s(route, at, loaded) for at in range(arrived))
    driven_m = sum(stop.distance_m for stop in done)
    if now <= leaves_at:
        at_stop = OnTheWay(here, here, 0.0)
        return Progress(True, done, ahead, leaves_at, at_stop, driven_s, driven_m)
    share, leg_s, leg_m = _on_leg(route, ahead, now, leaves_at)
    there = _spot(ahead[0]) if ahead else (route.end or here)
    return Progress(
        True, done, ahead, now, OnTheWay(here, there, share),
        driven_s + share * leg_s, driven_m + share * leg_m,
    )  # fmt: skip


def _on_leg(
    route: PlanRoute, ahead: Sequence[PlanStop], now: dt.datetime, leaves_at: dt.datetime
) -> tuple[float, float, float]:
    """Share of the leg that is behind it, and duration and length of the leg."""
    if ahead:
        reaches_at, leg_m = ahead[0].arrives_at, ahead[0].distance_m
    else:
        reaches_at = route.ends_at
        leg_m = route.distance_m - sum(stop.distance_m for stop in route.stops)
    rests_s = _breaks_s(route, leaves_at, reaches_at)
    leg_s = max((reaches_at - leaves_at).total_seconds() - rests_s, 0.0)
    driven_s = (now - leaves_at).total_seconds() - _breaks_s(route, leaves_at, now)
    share = min(max(driven_s / leg_s, 0.0), 1.0) if leg_s > 0 else 1.0
    return share, leg_s, leg_m


def _leg_s(route: PlanRoute, at: int, loaded: dt.datetime) -> float:
    """Driving to a stop, without breaks."""
    before = route.stops[at - 1].departs_at if at else loaded
    after = route.stops[at].arrives_at
    return max((after - before).total_seconds() - _breaks_s(route, before, after), 0.0)


def _breaks_s(route: PlanRoute, first: dt.datetime, last: dt.datetime) -> float:
    """Time off between two instants."""
    return sum(
        max((min(each.ends_at, last) - max(each.starts_at, first)).total_seconds(), 0.0)
        for each in route.breaks
    )


def _spot(stop: PlanStop) -> PlanSpot:
    return PlanSpot(place=stop.place, lat=stop.lat, lon=stop.lon)


def _between(one: float | None, other: float | None, share: float) -> float | None:
    return None if one is None or other is None else one + share * (other - one)
