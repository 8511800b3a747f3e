"""From the labels of the best way to what is done when, with a reason for all that is not work."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.comply.hos.planning.answer import PlanSegment
from crossdock.comply.hos.planning.labels import Label
from crossdock.comply.hos.planning.question import PlanLimits
from crossdock.model.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

_NEW_TOUR = {"begin", "relay", "rest", "split"}


def schedule(end: Label, limits: PlanLimits) -> tuple[PlanSegment, ...]:
    """Segments from 0 to the end of the way that leads to ``end``."""
    clock = _Clock(limits)
    way = _way(end)
    begins = [place for place, label in enumerate(way) if label.step.kind in _NEW_TOUR]
    for first, after in zip(begins, [*begins[1:], len(way)], strict=True):
        clock.tour(way[first:after])
    return clock.whole()


class _Clock:
    """Segments as they are filled in, from tour to tour."""

    def __init__(self, limits: PlanLimits) -> None:
        self.limits = limits
        self.segments: list[PlanSegment] = []
        self.driver = 0
        self.now_s = 0

    def tour(self, labels: Sequence[Label]) -> None:
        """What is done from one rest to the next: begun as late as is no delay."""
        first, last = labels[0], labels[-1]
        rest = first.step
        if rest.kind == "relay":
            self.driver += 1
            self.until("wait", rest.stop, first.present_s, "the next driver is ready then")
        rested_s = self.now_s + (rest.length_s if rest.kind in {"rest", "split"} else 0)
        starts_s = last.earliest_s + first.elapsed_s
        resting = rest.kind if rested_s > self.now_s else "wait"
        why = _why_rest(rest.kind, rest.reason, self.limits)
        for number, label in enumerate(labels[1:], 1):
            if label.step.kind == "pause" and label.idle:
                self.step(label, self.now_s + label.step.length_s)
                continue
            if label.step.kind == "service" and label.idle:  # in the middle of a rest
                self.until(resting, label.step.stop, label.present_s, why)
                self.until("service", label.step.stop, self.now_s, "")
                continue
            self._rest_until(rested_s, starts_s, label, resting, why)
            for worked in labels[number:]:
                self.step(worked, last.earliest_s)
            return
        if not last.idle:
            self._rest_until(rested_s, starts_s, last, resting, why)

    def _rest_until(
        self, rested_s: int, starts_s: int, label: Label, resting: str, why: str
    ) -> None:
        self.until(resting, label.step.stop, rested_s, why)
        self.until("wait", label.step.stop, starts_s, _LATER)

    def step(self, label: Label, starts_s: int) -> None:
        """One step of a tour that starts at ``starts_s``."""
        kind, stop, length_s, opens_s, reason = label.step
        if kind == "drive":
            self.until("drive", stop, self.now_s + length_s, "")
        elif kind == "service":
            self.until("wait", stop, opens_s, "the window of the stop opens then")
            self.until("service", stop, self.now_s + length_s, "")
        elif kind == "pause":
            minutes = self.limits.pause_s // SECONDS_PER_MINUTE
            why = f"{minutes} minutes without driving, {reason or 'before the first drive'}"
            self.until("break", stop, starts_s + label.elapsed_s, why)
        elif kind == "wait":
            self.until("wait", stop, opens_s, "a day drops out of the hours of the cycle")

    def until(self, kind: str, stop: int, until_s: int, reason: str) -> None:
        """Do something until an instant; nothing if it is past, but for a service of no length."""
        if until_s > self.now_s or kind == "service":
            segment = PlanSegment(kind, stop, self.now_s, until_s, reason, self.driver)
            self.segments.append(segment)
            self.now_s = until_s

    def whole(self) -> tuple[PlanSegment, ...]:
        """The segments; a rest that the end of the plan cuts short is a wait."""
        tail = len(self.segments)
        while tail and not _is_work(self.segments[tail - 1]):
            tail -= 1
        last = self.segments[tail:]
        if last and last[-1].end_s - last[0].start_s < self.limits.reset_s:
            last = [_as_wait(segment) for segment in last]
        return (*self.segments[:tail], *last)


_LATER = "started later: earlier would gain nothing and use up the window"


def _way(end: Label) -> list[Label]:
    way: list[Label] = []
    label: Label | None = end
    while label is not None:
        way.append(label)
        label = label.before
    return way[::-1]


def _is_work(segment: PlanSegment) -> bool:
    return segment.kind in {"drive", "service"} and segment.end_s > segment.start_s


def _as_wait(segment: PlanSegment) -> PlanSegment:
    return segment._replace(kind="wait") if segment.kind == "rest" else segment


def _why_rest(kind: str, reason: str, limits: PlanLimits) -> str:
    hours = {
        "driving": f"{limits.driving_s / SECONDS_PER_HOUR:g} h are driven",
        "window": f"{limits.window_s / SECONDS_PER_HOUR:g} h have passed since the tour began",
        "break": f"{limits.drive_before_pause_s / SECONDS_PER_HOUR:g} h are driven without a pause "
        "and the rest gains more than one",
        "cycle": "the hours of the cycle are used up",
        "restart": f"{limits.restart_s / SECONDS_PER_HOUR:g} h off duty empty the cycle",
        "stop": "rested here, the clocks last for what follows",
    }
    why = hours.get(reason, reason)
    return f"{why}; one of two sleeper-berth rests" if kind == "split" else why
