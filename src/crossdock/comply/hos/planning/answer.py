"""The answer of a plan: what each driver does when and why, or why no plan is legal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from crossdock.comply.hos.timeline import DRIVING, OFF_DUTY, ON_DUTY, SLEEPER, Segment

_STATUS = {
    "drive": DRIVING,
    "service": ON_DUTY,
    "break": OFF_DUTY,
    "wait": OFF_DUTY,
    "rest": SLEEPER,
    "split": SLEEPER,
    "berth": SLEEPER,
}


class PlanSegment(NamedTuple):
    """What the vehicle does over ``[start_s, end_s)``.

    Attributes
    ----------
    kind
        ``drive``, ``service``, ``break`` (30 minutes), ``wait``, ``rest`` (10 hours or more) or
        ``split`` (one of two sleeper-berth rests).
    stop
        Place of the stop that is served or comes next.
    reason
        Why, of a rest, break or wait.
    driver
        0 or 1: the one at work, of a team or relay.
    """

    kind: str
    stop: int
    start_s: int
    end_s: int
    reason: str = ""
    driver: int = 0


class ClocksLeft(NamedTuple):
    """Seconds left on each clock of the last driver when the plan ends; None: not judged."""

    driving_s: int
    window_s: int
    until_break_s: int
    cycle_s: int | None


@dataclass(frozen=True)
class HosPlan:
    """The earliest legal way through the stops, or why there is none.

    Attributes
    ----------
    completes_s
        End of the last service; None where no plan is legal.
    segments
        Contiguous from 0 to the end; empty without a plan.
    latest_departure_s
        The latest instant before which nobody needs to work and every stop is still served (for a
        team or with splits, the minute before it); None: there is no plan, or any will do.
    binding
        The limit without which the plan would end earliest, or without which there would be one:
        the rule's name, such as ``driving_11h``, or ``time_window``; None: nothing delays it.
    left
        Clocks at the end; None without a plan.
    failed_stop, why
        The first stop that cannot be served, and why, without a plan.
    """

    completes_s: int | None
    segments: tuple[PlanSegment, ...] = ()
    latest_departure_s: int | None = None
    binding: str | None = None
    left: ClocksLeft | None = None
    failed_stop: int | None = None
    why: str = ""
    drivers: int = field(default=1, repr=False)
    team: bool = field(default=False, repr=False)

    @property
    def feasible(self) -> bool:
        """Whether there is a legal plan."""
        return self.completes_s is not None

    def duty_log(self, driver: int = 0, *, start_s: int = 0) -> list[Segment]:
        """What a driver's log would show, with time 0 of the plan at UTC second ``start_s``.

        Of a team, who is not at work lies in the berth; of a relay, who is not aboard is off duty.
        """
        return [
            Segment(status, start_s + from_s, start_s + to_s)
            for status, from_s, to_s in self._statuses(driver)
            if to_s > from_s
        ]

    def _statuses(self, driver: int) -> Iterator[tuple[str, int, int]]:
        for segment in self.segments:
            status = _STATUS[segment.kind]
            if segment.driver != driver and status in {DRIVING, ON_DUTY}:
                status = SLEEPER if self.team else OFF_DUTY
            yield status, segment.start_s, segment.end_s
