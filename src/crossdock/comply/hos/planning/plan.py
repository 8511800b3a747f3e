"""The earliest legal end of a stop sequence, its schedule, and what would have to give."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from crossdock.comply.hos.planning.answer import ClocksLeft, HosPlan
from crossdock.comply.hos.planning.cycle import cycle_of
from crossdock.comply.hos.planning.labels import Label
from crossdock.comply.hos.planning.question import (
    FAR_S,
    FRESH,
    PlanClocks,
    PlanLimits,
    PlanOptions,
    PlanStop,
    check_relays,
    limits_of,
)
from crossdock.comply.hos.planning.route_check import check_route
from crossdock.comply.hos.planning.schedule import schedule
from crossdock.comply.hos.planning.search import search
from crossdock.comply.hos.planning.team import search_team
from crossdock.comply.hos.rules import Measure, Since
from crossdock.model.errors import InvalidValueError
from crossdock.model.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

_DEFAULTS = PlanOptions()


def plan(
    stops: Sequence[PlanStop], clocks: PlanClocks = FRESH, options: PlanOptions = _DEFAULTS
) -> HosPlan:
    """Serve the stops in their order, legally and as early as can be.

    One driver without splits: no legal schedule ends earlier. With the 60 or 70 hours, splits or a
    team the plan is legal, and an earlier one might exist (see the modules `cycle`, `search` and
    `team` of `crossdock.comply.hos.planning`).

    Parameters
    ----------
    clocks
        Of the driver at time 0; of a team, of the one who may drive first.

    Raises
    ------
    InvalidValueError
        No stop, a relay at none, or a rule set of another form.
    """
    question = _question(stops, clocks, options)
    if options.partner is not None:
        return _team_plan(question)
    found = search(stops, clocks, options, limits=question.limits)
    if found.label is None:
        place = found.failed_stop or 0
        return _no_plan(question, place, found.arrives_s)
    return HosPlan(
        completes_s=found.label.present_s,
        segments=schedule(found.label, question.limits),
        latest_departure_s=_latest_departure_s(question),
        binding=_binding(question, found.label.present_s),
        left=_left(found.label, question),
        drivers=1 + len(options.relays),
    )


def completes_s(
    stops: Sequence[PlanStop], clocks: PlanClocks = FRESH, options: PlanOptions = _DEFAULTS
) -> int | None:
    """The end of `plan` alone, at a fraction of its cost; None: no plan is legal.

    Raises
    ------
    InvalidValueError
        As `plan`.
    """
    return _question(stops, clocks, options).end_s()


def _question(stops: Sequence[PlanStop], clocks: PlanClocks, options: PlanOptions) -> _Question:
    if not stops:
        raise InvalidValueError("there is no stop to plan", remedy="give at least one stop")
    check_relays(stops, options.relays)
    return _Question(tuple(stops), clocks, options, limits_of(options.rules, options.buffer_s))


@dataclass(frozen=True)
class _Question:
    stops: tuple[PlanStop, ...]
    clocks: PlanClocks
    options: PlanOptions
    limits: PlanLimits

    @property
    def step_s(self) -> int:
        """How exactly the latest departure is told: to the second where asking is cheap."""
        return SECONDS_PER_MINUTE if self.options.splits or self.options.partner else 1

    def end_s(self, not_before_s: int = 0) -> int | None:
        """Earliest end if nobody works before; None: there is no legal plan."""
        options, limits = self.options, self.limits
        if options.partner is not None:
            return search_team(
                self.stops, (self.clocks, options.partner), limits, not_before_s=not_before_s
            ).completes_s
        if options.splits or options.relays or self.clocks.on_duty_by_day_s is not None:
            found = search(
                self.stops, self.clocks, options, limits=limits, not_before_s=not_before_s
            )
            return found.label.present_s if found.label else None
        end_s = check_route(self.stops, limits, self.clocks, not_before_s=not_before_s)
        return end_s if end_s >= 0 else None

    def without(self) -> Iterator[tuple[str, _Question]]:
        """The same question with one limit less, for each."""
        for limit in self.options.rules.limits:
            field = _LIMITS[limit.measure, limit.since]
            yield limit.rule, replace(self, limits=replace(self.limits, **{field: FAR_S}))
        yield (
            "time_window",
            replace(
                self, stops=tuple(PlanStop(stop.drive_s, stop.service_s) for stop in self.stops)
            ),
        )


_LIMITS = {
    (Measure.DRIVING, Since.REST): "driving_s",
    (Measure.ELAPSED, Since.REST): "window_s",
    (Measure.DRIVING, Since.PAUSE): "drive_before_pause_s",
    (Measure.ON_DUTY, Since.DAY): "cycle_s",
}


def _team_plan(question: _Question) -> HosPlan:
    partner = question.options.partner
    assert partner is not None
    found = search_team(question.stops, (question.clocks, partner), question.limits)
    if found.completes_s is None:
        return _no_plan(question, found.failed_stop or 0, found.arrives_s)
    return HosPlan(
        completes_s=found.completes_s,
        segments=found.segments,
        latest_departure_s=_latest_departure_s(question),
        binding=_binding(question, found.completes_s),
        left=found.left,
        drivers=2,
        team=True,
    )


def _latest_departure_s(question: _Question) -> int | None:
    """Last instant before which nobody needs to work; None: any will do."""
    if question.end_s(FAR_S) is not None:
        return None
    done_s, late_s = 0, FAR_S
    closes_s = question.stops[0].windows[-1][1]
    if closes_s < FAR_S:
        late_s = closes_s + 1
    while late_s - done_s > question.step_s:
        middle_s = (done_s + late_s) // 2
        if question.end_s(middle_s) is None:
            late_s = middle_s
        else:
            done_s = middle_s
    return done_s


def _binding(question: _Question, completes_s: int | None) -> str | None:
    """The limit that gains most when it is lifted; if none does alone, the last of several."""
    worst_s = FAR_S * 4
    end_s = worst_s if completes_s is None else completes_s
    ends = {name: less.end_s() for name, less in question.without()}
    gains = {name: end_s - (worst_s if to_s is None else to_s) for name, to_s in ends.items()}
    best = max(gains, key=lambda name: gains[name])
    if gains[best] > 0:
        return best
    lifted = question
    for name in gains:
        lifted = dict(lifted.without())[name]
        to_s = lifted.end_s()
        if to_s is not None and to_s < end_s:
            return name
    return None


def _left(label: Label, question: _Question) -> ClocksLeft:
    limits = question.limits
    clocks = question.options.relays[-1].clocks if question.options.relays else question.clocks
    cycle = cycle_of(clocks, limits)
    cycle_s = None
    if cycle is not None:
        carried_s = 0 if label.restarted else cycle.carried_at(label.present_s)
        cycle_s = max(0, limits.cycle_s - carried_s - label.worked_s)
    return ClocksLeft(
        driving_s=max(0, limits.driving_s - label.driven_s),
        window_s=max(0, limits.window_s - label.elapsed_s),
        until_break_s=max(0, limits.drive_before_pause_s - label.since_break_s),
        cycle_s=cycle_s,
    )


def _no_plan(question: _Question, place: int, arrives_s: int | None) -> HosPlan:
    binding = _binding(question, None)
    closes_s = question.stops[place].windows[-1][1]
    if arrives_s is None:
        why = f"stop {place} cannot be reached: the hours of the cycle are used up"
    else:
        why = (
            f"stop {place} can be reached {_said(arrives_s)} after the start at the earliest, and "
            f"its last window closes {_said(closes_s)} after it"
        )
    return HosPlan(None, binding=binding, failed_stop=place, why=why)


def _said(seconds: int) -> str:
    hours, rest_s = divmod(seconds, SECONDS_PER_HOUR)
    return f"{hours}:{rest_s // SECONDS_PER_MINUTE:02} h"
