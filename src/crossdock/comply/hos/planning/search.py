"""Forward labelling of one driver's stops: every way that could be the earliest, with its steps.

Goel and Kok (2012), "Truck driver scheduling in the United States", Transportation Science 46(3).
`crossdock.comply.hos.planning.route_labels` says why few places for rests and pauses suffice.
Splits are tried at the same places as rests, in the lengths 7/3 and 8/2, and of many ways with them
the earliest and the freshest go on: their plans are legal and no later than without them, but a
split at another place might be earlier still.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crossdock.comply.hos.planning.cycle import CycleClock, cycle_of
from crossdock.comply.hos.planning.labels import Label, Step, add, few, kept
from crossdock.comply.hos.planning.question import (
    BERTH_SPLITS_S,
    FAR_S,
    PlanClocks,
    PlanLimits,
    PlanOptions,
    PlanStop,
    Relay,
    limits_of,
)


@dataclass(frozen=True)
class Found:
    """The best way to the end of the stops, or where there is none.

    Attributes
    ----------
    label
        None where a stop cannot be served.
    failed_stop
        Place of the first such stop.
    arrives_s
        Earliest instant of being at it; None where it cannot be reached at all.
    """

    label: Label | None
    failed_stop: int | None = None
    arrives_s: int | None = None


def search(
    stops: Sequence[PlanStop],
    clocks: PlanClocks,
    options: PlanOptions,
    *,
    limits: PlanLimits | None = None,
    not_before_s: int = 0,
) -> Found:
    """The earliest legal end of the stops in their order."""
    driver = _Driver(limits or limits_of(options.rules, options.buffer_s), options, clocks)
    relays = {relay.after_stop: relay for relay in options.relays}
    labels = driver.first_labels(not_before_s, Step("begin", 0), None)
    for place, stop in enumerate(stops):
        arrived = driver.drive(labels, stop, place)
        for label in list(arrived):
            for rested in driver.rests(label, place, "stop"):
                add(arrived, rested)
        arrived = few(arrived)
        labels = driver.serve(arrived, stop, place)
        labels = few(labels)
        last = place == len(stops) - 1
        if last:
            labels = [label for label in labels if not label.split_owed]
        if not labels:
            return Found(None, place, min((label.present_s for label in arrived), default=None))
        if place in relays:
            relay = relays[place]
            ends = min(labels, key=lambda label: label.present_s)
            driver = _Driver(driver.limits, options, relay.clocks)
            labels = driver.relieve(ends, relay, place + 1)
    return Found(min(labels, key=lambda label: label.present_s))


class _Driver:
    """What one driver can do next."""

    def __init__(self, limits: PlanLimits, options: PlanOptions, clocks: PlanClocks) -> None:
        self.limits = limits
        self.splits_s = BERTH_SPLITS_S if options.splits and options.rules.split else ()
        self.split = options.rules.split
        self.clocks = clocks
        self.cycle: CycleClock | None = cycle_of(clocks, limits)
        self.clock_from_s = 0

    def first_labels(self, starts_s: int, step: Step, before: Label | None) -> list[Label]:
        """Where a driver stands who may work from ``starts_s`` on, resting until then."""
        clocks, limits = self.clocks, self.limits
        passed_s = starts_s - self.clock_from_s
        resting_s = clocks.resting_s + passed_s
        idle_s = max(clocks.not_driving_s, clocks.resting_s) + passed_s
        broken_s = 0 if idle_s >= limits.pause_s else clocks.since_break_s
        begun = Label(starts_s, run_earliest_s=starts_s, before=before, step=step)
        ready_s = starts_s + max(0, limits.reset_s - resting_s)
        labels: list[Label] = []
        if resting_s >= limits.reset_s:
            labels.append(begun)
        else:
            labels.append(
                begun.then(
                    Step("rest", step.stop, ready_s - starts_s, reason="before the first work"),
                    earliest_s=ready_s,
                )
            )
            labels += self._unrested(begun, idle_s, broken_s)
        if self.cycle is not None and self.cycle.restart_s:
            ready_s = starts_s + max(0, self.cycle.restart_s - resting_s)
            restart = Step("rest", step.stop, ready_s - starts_s, reason="restart")
            labels.append(begun.then(restart, earliest_s=ready_s, restarted=True))
        return kept(labels)

    def _unrested(self, begun: Label, idle_s: int, broken_s: int) -> list[Label]:
        clocks, limits, starts_s = self.clocks, self.limits, begun.earliest_s
        if not clocks.window_s and clocks.driving_s == 0:
            # The window begins with the first work: a pause before it costs nothing of it.
            wait_s = max(0, limits.pause_s - idle_s)
            return [
                begun.then(Step("pause", begun.step.stop, wait_s), earliest_s=starts_s + wait_s),
                begun._replace(since_break_s=broken_s, run_elapsed_s=-idle_s),
            ]
        window_s = clocks.driving_s if clocks.window_s is None else clocks.window_s
        used_s = window_s + starts_s - self.clock_from_s
        began_s = starts_s - used_s
        return [
            begun._replace(
                earliest_s=began_s,
                latest_s=began_s,
                elapsed_s=used_s,
                driven_s=clocks.driving_s,
                since_break_s=broken_s,
                run_elapsed_s=used_s - idle_s,
                run_earliest_s=began_s,
            )
        ]

    def relieve(self, ends: Label, relay: Relay, stop: int) -> list[Label]:
        """Labels of this driver, taking the vehicle over."""
        self.clock_from_s = relay.ready_s
        step = Step("relay", stop, reason="another driver takes over")
        return self.first_labels(max(ends.present_s, relay.ready_s), step, ends)

    def drive(self, labels: Sequence[Label], stop: PlanStop, place: int) -> list[Label]:
        """Labels at the end of a leg."""
        if stop.drive_s == 0:
            return list(labels)
        arrived: list[Label] = []
        todo = [(way, stop.drive_s) for label in labels for way in self._leaving(label, place)]
        rested: dict[tuple[object, ...], list[tuple[int, Label]]] = {}
        while todo:
            label, left_s = todo.pop()
            step_s, barred = self._room(label, left_s)
            if step_s > 0:
                left_s -= step_s
                label = _driven(label, place, step_s)
            if left_s == 0:
                add(arrived, _arrived(label))
                continue
            todo += [
                (after, left_s)
                for after in self._stopped(label, place, barred)
                if _is_new(after, left_s, rested)
            ]
        return arrived

    def _leaving(self, label: Label, place: int) -> Iterator[Label]:
        """Ways to leave a stop: at once, after a pause, after a split."""
        yield label
        if label.since_break_s > 0:
            paused_s = label.run_elapsed_s + self.limits.pause_s
            yield label.then(
                Step("pause", place, reason="before the next leg"),
                earliest_s=max(
                    label.run_earliest_s, label.earliest_s - (paused_s - label.elapsed_s)
                ),
                elapsed_s=paused_s,
                since_break_s=0,
            )
        if not label.idle:
            yield from self._splits(label, place, "before the next leg")

    def _room(self, label: Label, left_s: int) -> tuple[int, str]:
        """Driving from here on without a stop, and what bars more."""
        limits = self.limits
        bars = [
            (limits.driving_s - label.driven_s, "driving"),
            (limits.window_s - label.elapsed_s, "window"),
            (limits.drive_before_pause_s - label.since_break_s, "break"),
        ]
        if self.cycle is not None:
            room_s = self.cycle.room_s(label.at_s, label.worked_s, restarted=label.restarted)
            bars.append((room_s, "cycle"))
        step_s, barred = min(bars, key=lambda bar: bar[0])
        return (left_s, "") if left_s <= step_s else (step_s, barred)

    def _stopped(self, label: Label, place: int, barred: str) -> Iterator[Label]:
        """What can be done where a limit stops the drive."""
        yield from self.rests(label, place, barred)
        limits = self.limits
        if barred == "break" and label.elapsed_s + limits.pause_s < limits.window_s:
            yield label.then(
                Step("pause", place, reason="on the road"),
                elapsed_s=label.elapsed_s + limits.pause_s,
                since_break_s=0,
            )
        if barred == "cycle" and self.cycle is not None and not label.restarted:
            opens_s = self.cycle.opens_s(label.at_s, label.worked_s)
            if opens_s is not None:
                yield self._postponed(label, place, opens_s)

    def _postponed(self, label: Label, place: int, opens_s: int) -> Label:
        """Going on after a midnight: started later if that will do, else after a wait."""
        starts_s = opens_s - label.elapsed_s
        waits_s = max(0, starts_s - label.latest_s)
        broken_s = 0 if waits_s >= self.limits.pause_s else label.since_break_s
        return label.then(
            Step("wait", place, opens_s=opens_s, reason="cycle"),
            earliest_s=max(label.earliest_s, min(starts_s, label.latest_s)),
            elapsed_s=label.elapsed_s + waits_s,
            since_break_s=broken_s,
        )

    def rests(self, label: Label, place: int, reason: str) -> Iterator[Label]:
        """The label after a rest of each length, where it is in a tour."""
        if label.idle and self.cycle is None:
            return
        if not label.idle:
            yield self._rested(label, place, self.limits.reset_s, reason)
            yield from self._splits(label, place, reason)
        if self.cycle is not None and self.cycle.restart_s:
            restarted = self._rested(label, place, self.cycle.restart_s, "restart")
            yield restarted._replace(worked_s=0, restarted=True)

    def _rested(self, label: Label, place: int, rest_s: int, reason: str) -> Label:
        return Label(
            label.present_s + rest_s,
            run_earliest_s=label.present_s,
            worked_s=label.worked_s,
            restarted=label.restarted,
            before=label,
            step=Step("rest", place, rest_s, reason=reason),
        )

    def _splits(self, label: Label, place: int, reason: str) -> Iterator[Label]:
        split = self.split
        for rest_s in self.splits_s:
            assert split is not None
            pairs = (
                label.split_s > 0
                and rest_s + label.split_s >= split.together_s
                and max(rest_s, label.split_s) >= split.berth_s
            )
            if not pairs and label.split_owed:
                continue
            # Of a pair, what lies between its rests is all that stays used.
            elapsed_s = label.elapsed_s - (label.split_elapsed_s if pairs else 0)
            driven_s = label.driven_s - (label.split_driven_s if pairs else 0)
            starts_s = label.at_s + rest_s - elapsed_s
            yield label.then(
                Step("split", place, rest_s, reason=reason),
                earliest_s=starts_s,
                latest_s=FAR_S,
                elapsed_s=elapsed_s,
                driven_s=driven_s,
                since_break_s=0,
                run_elapsed_s=elapsed_s,
                run_earliest_s=starts_s,
                split_s=rest_s,
                split_owed=not pairs,
                split_elapsed_s=elapsed_s,
                split_driven_s=driven_s,
            )

    def serve(self, arrived: Sequence[Label], stop: PlanStop, place: int) -> list[Label]:
        """Labels at the end of a service."""
        served: list[Label] = []
        for label in arrived:
            for opens_s, closes_s in stop.windows:
                step = Step("service", place, stop.service_s, opens_s)
                if label.idle and stop.service_s == 0:
                    found = _present(label, step, closes_s)
                else:
                    found = _served(label, step, closes_s, self.limits.pause_s)
                if found is not None:
                    add(served, found)
        return served


def _driven(label: Label, place: int, step_s: int) -> Label:
    return label.then(
        Step("drive", place, step_s),
        elapsed_s=label.elapsed_s + step_s,
        driven_s=label.driven_s + step_s,
        since_break_s=label.since_break_s + step_s,
        worked_s=label.worked_s + step_s,
    )


def _arrived(label: Label) -> Label:
    return label._replace(run_elapsed_s=label.elapsed_s, run_earliest_s=label.earliest_s)


def _present(label: Label, step: Step, closes_s: int) -> Label | None:
    """Nothing to do: being here is enough, also in the middle of a rest."""
    present_s = max(label.run_earliest_s, step.opens_s)
    if present_s > closes_s:
        return None
    return label.then(step, earliest_s=max(label.earliest_s, present_s), run_earliest_s=present_s)


def _served(label: Label, step: Step, closes_s: int, pause_s: int) -> Label | None:
    earliest_s, latest_s, elapsed_s = label.earliest_s, label.latest_s, label.elapsed_s
    if closes_s - elapsed_s < earliest_s:
        return None
    if step.opens_s - elapsed_s > latest_s:  # no start is late enough not to wait
        elapsed_s = step.opens_s - latest_s
        earliest_s = latest_s
    else:
        earliest_s = max(earliest_s, step.opens_s - elapsed_s)
        latest_s = min(latest_s, closes_s - elapsed_s)
    elapsed_s += step.length_s
    paused = elapsed_s - label.run_elapsed_s >= pause_s
    return label.then(
        step,
        earliest_s=earliest_s,
        latest_s=latest_s,
        elapsed_s=elapsed_s,
        since_break_s=0 if paused else label.since_break_s,
        worked_s=label.worked_s + step.length_s,
    )


def _is_new(
    label: Label, left_s: int, rested: dict[tuple[object, ...], list[tuple[int, Label]]]
) -> bool:
    """Whether no rest on this leg was as early, as far and in as good a state."""
    if label.step.kind == "pause":
        return True
    key = (label.split_s, label.split_owed, label.restarted)
    known = rested.setdefault(key, [])
    if any(
        far_s <= left_s
        and other.at_s <= label.at_s
        and other.elapsed_s <= label.elapsed_s
        and other.driven_s <= label.driven_s
        and other.latest_s >= label.latest_s
        and other.worked_s + far_s <= label.worked_s + left_s
        and other.since_break_s <= label.since_break_s
        and other.elapsed_s - other.split_elapsed_s <= label.elapsed_s - label.split_elapsed_s
        and other.driven_s - other.split_driven_s <= label.driven_s - label.split_driven_s
        for far_s, other in known
    ):
        return False
    known.append((left_s, label))
    return True
