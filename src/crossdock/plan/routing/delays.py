"""How much later a route may start where legs take their time by the hour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crossdock.plan.routing.jobs import ANY_TIME
from crossdock.plan.routing.problem import Problem
from crossdock.plan.routing.schedule import route_legs
from crossdock.plan.routing.solution import Route
from crossdock.plan.routing.speeds import Speeds
from crossdock.plan.routing.vehicles import VehicleType

_STEPS, _STEP_S, _WIDEST_S = 500, 60.0, 48 * 3600.0
"""Starts at which durations and hours are looked at, before the first that breaks them is found."""
_HAIR = 1e-6


@dataclass(frozen=True, slots=True)
class _Call:
    """A call as it was timed: what does not depend on when the route starts."""

    usual: float
    pause: float
    parking: float
    opens: float
    service: float
    breaks: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Delays:
    """A route that was timed, for starts after its own; each stop stays in its window."""

    speeds: Speeds
    starts: float
    calls: tuple[_Call, ...]

    @classmethod
    def of(cls, problem: Problem, kind: VehicleType, nodes: Sequence[int], route: Route) -> Delays:
        """The calls of ``route``, which the arbiter timed along ``nodes``."""
        assert problem.speeds is not None
        places = route_legs(problem, kind, nodes)
        usual: list[float] = problem.metric.times(places[:-1], places[1:]).tolist()
        parking = [
            float(problem.nodes.parking[node]) if node >= 0 and places[at] != places[at + 1] else 0
            for at, node in enumerate(nodes)
        ]
        loading = 0.0
        if kind.start_depot is not None:
            loading = problem.depots[problem.depot_index[kind.start_depot]].loading
        calls = [_Call(0.0, 0.0, 0.0, route.starts, loading, ())]
        left = route.starts + loading
        for visit, leg, park in zip(route.visits, usual, parking, strict=False):
            off = _off(route, left, visit.arrives)
            waits = visit.begins > visit.arrives + park + _HAIR
            opens = visit.begins if waits else -ANY_TIME
            lasts = visit.departs - visit.begins
            calls.append(_Call(leg, sum(s for _, s in off), park, opens, lasts, off))
            left = visit.departs
        if len(usual) > len(nodes):
            off = _off(route, left, route.ends)
            calls.append(_Call(usual[-1], sum(s for _, s in off), 0.0, -ANY_TIME, 0.0, off))
        return cls(problem.speeds, route.starts, tuple(calls))

    def latest_start(self, call: int, begins_by: float) -> float:
        """The latest start with which service at a call begins by then; of its end beyond all."""
        latest = begins_by
        if call >= len(self.calls):  # an open route ends with its last service
            call = len(self.calls) - 1
            latest -= self.calls[call].service
        for at in range(call, 0, -1):
            own, before = self.calls[at], self.calls[at - 1]
            leaves = self.speeds.leaves(latest - own.parking, own.usual) - own.pause
            latest = leaves - before.service
        return latest

    def others(self, kind: VehicleType, most: float) -> Iterator[tuple[str, float]]:
        """How much later it may start for its duration and its hours, where that is below ``most``.

        The first delay that breaks one of them, looked for in steps and then between two of them.
        """
        bounded = kind.max_duration < ANY_TIME
        if not bounded and not kind.hos_rules:
            return
        width = min(most, _WIDEST_S)
        for limit, there in (("max_duration", bounded), ("hos_rules", bool(kind.hos_rules))):
            if there and width > 0:
                found = self._first(kind, limit, width)
                if found is not None:
                    yield limit, found

    def _first(self, kind: VehicleType, limit: str, width: float) -> float | None:
        good, steps = 0.0, max(1, min(_STEPS, int(width // _STEP_S) + 1))
        for step in range(1, steps + 1):
            bad = width * step / steps
            if self._keeps(kind, limit, bad):
                good = bad
                continue
            while bad - good > 1e-3:
                middle = (good + bad) / 2
                if self._keeps(kind, limit, middle):
                    good = middle
                else:
                    bad = middle
            return good
        return None

    def _keeps(self, kind: VehicleType, limit: str, delay: float) -> bool:
        from crossdock.plan.routing import placing  # noqa: PLC0415 compiled: slow to import

        starts = self.starts + delay
        clock, log = starts + self.calls[0].service, list[placing.Stretch]()
        for call in self.calls[1:]:
            for name, lasts in call.breaks:
                log.append(placing.Stretch(name, clock, clock + lasts))
                clock += lasts
            arrives = self.speeds.arrives(clock, call.usual)
            log.append(placing.driven(clock, arrives))
            begins = max(arrives + call.parking, call.opens)
            clock = begins + call.service
        if limit == "max_duration":
            return clock - starts <= kind.max_duration + _HAIR
        last = self.calls[-1].service
        log.append(placing.Stretch(placing.ON_DUTY, clock - last, clock))
        return not placing.broken_hours(kind, starts, log)


def _off(route: Route, left: float, arrives: float) -> tuple[tuple[str, float], ...]:
    """Breaks between leaving one call and reaching the next, with their lengths."""
    return tuple(
        (each.kind, each.ends - each.starts)
        for each in route.breaks
        if left - _HAIR <= each.starts and each.ends <= arrives + _HAIR
    )
