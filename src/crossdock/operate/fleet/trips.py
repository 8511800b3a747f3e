"""What a trip asks of a driver: its driving and other work, with the pauses that the law adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    RESTING,
    PlanOptions,
    PlanStop,
    RuleSet,
    Segment,
    Timeline,
    clocks,
)
from crossdock.comply.hos.planning import clocks_of_log, completes_s, limits_of
from crossdock.model.errors import InvalidValueError
from crossdock.operate.fleet.resting import gone_on, legal_again_s

_MOST_STEPS = 200


@dataclass(frozen=True)
class Trip:
    """Work that somebody may be asked to do.

    Attributes
    ----------
    pattern
        As planned, from 0 on; empty: ``work_s`` on duty, then ``drive_s``, with the pauses that are
        due.
    load_id, vehicle_type
        Of the load that it is.
    """

    drive_s: int
    work_s: int
    pattern: tuple[Segment, ...] = ()
    load_id: str | None = None
    vehicle_type: str | None = None

    def after(self, log: Timeline, rules: RuleSet) -> list[Segment]:
        """Its segments if it begins where a log ends: with pauses, without a rest beyond the plan.

        It may be illegal.
        """
        if self.pattern:
            return [
                Segment(activity, log.ends_s + start_s, log.ends_s + end_s)
                for activity, start_s, end_s in self.pattern
            ]
        return _driven(log, self.work_s, self.drive_s, rules)

    @property
    def stops(self) -> list[PlanStop]:
        """Its driving and work in their order, without its rests."""
        if not self.pattern:
            parts = [PlanStop(0, self.work_s), PlanStop(self.drive_s, 0)]
            return [each for each in parts if each.drive_s or each.service_s]
        found: list[PlanStop] = []
        drive_s = 0
        for activity, start_s, end_s in self.pattern:
            if activity == DRIVING:
                drive_s += end_s - start_s
            elif activity not in RESTING:
                found.append(PlanStop(drive_s, end_s - start_s))
                drive_s = 0
        return [*found, PlanStop(drive_s, 0)] if drive_s else found

    def completes_s(self, log: Timeline, rules: RuleSet) -> int | None:
        """The earliest legal end after a log, with every rest that the law asks for.

        None: it cannot be done in the days that a cycle counts.
        """
        stops = self.stops
        late = with_late_rests(log, stops, rules)
        ends = [] if late is None else [late[-1].end_s if late else log.ends_s]
        if stops and _is_planned(rules):
            # After half of a split, or near the end of a cycle, the plan may be the later one.
            end_s = completes_s(stops, clocks_of_log(log, rules=rules), PlanOptions(rules=rules))
            ends += [] if end_s is None else [log.ends_s + end_s]
        return min(ends, default=None)


def _is_planned(rules: RuleSet) -> bool:
    """Whether plans can be made for a rule set."""
    try:
        limits_of(rules)
    except InvalidValueError:
        return False
    return True


def with_late_rests(
    log: Timeline, stops: Sequence[PlanStop], rules: RuleSet
) -> list[Segment] | None:
    """Stops after a log, legally, with each rest as late as it may be; whatever the rule set.

    None: they cannot be served in the days that a cycle counts. The windows of stops are not read.
    """
    done: list[Segment] = []
    for stop in stops:
        driven = _with_rests(gone_on(log, done), stop.drive_s, rules)
        if driven is None:
            return None
        done += driven
        if stop.service_s:
            now_s = done[-1].end_s if done else log.ends_s
            done.append(Segment(ON_DUTY, now_s, now_s + stop.service_s))
    return done


def _with_rests(log: Timeline, drive_s: int, rules: RuleSet) -> list[Segment] | None:
    done: list[Segment] = []
    left_s = drive_s
    for _ in range(_MOST_STEPS):
        if left_s <= 0:
            return done
        whole = gone_on(log, done)
        found = clocks(whole, whole.ends_s, rules)
        if found.drive_now_s:
            end_s = whole.ends_s + min(left_s, found.drive_now_s)
            done.append(Segment(DRIVING, whole.ends_s, end_s))
            left_s -= end_s - whole.ends_s
            continue
        again_s = legal_again_s(whole, found, rules)
        if again_s is None:
            return None
        done.append(Segment(OFF_DUTY, whole.ends_s, again_s))
    return None


def trip_of(
    pattern: Sequence[Segment], load_id: str | None = None, vehicle_type: str | None = None
) -> Trip:
    """A trip as it is planned; rest before its first work and after its last is not part of it."""
    working = [place for place, each in enumerate(pattern) if each.activity not in RESTING]
    if not working:
        return Trip(0, 0, (), load_id, vehicle_type)
    begins_s = pattern[working[0]].start_s
    whole = Timeline.of(pattern[working[0] : working[-1] + 1], gaps_are_rest=True)
    moved = tuple(
        Segment(activity, start_s - begins_s, end_s - begins_s)
        for activity, start_s, end_s in whole.segments
    )
    drive_s = sum(end_s - start_s for activity, start_s, end_s in moved if activity == DRIVING)
    work_s = sum(end_s - start_s for activity, start_s, end_s in moved if activity not in RESTING)
    return Trip(drive_s, work_s - drive_s, moved, load_id, vehicle_type)


def _driven(log: Timeline, work_s: int, drive_s: int, rules: RuleSet) -> list[Segment]:
    done = _worked(log, work_s)
    left_s = drive_s
    while left_s > 0:
        whole = gone_on(log, done)
        until_s = clocks(whole, whole.ends_s, rules).until_break_s
        if until_s == 0:
            done.append(Segment(OFF_DUTY, whole.ends_s, whole.ends_s + rules.interruption_s))
            continue
        end_s = whole.ends_s + (left_s if until_s is None else min(left_s, until_s))
        done.append(Segment(DRIVING, whole.ends_s, end_s))
        left_s -= end_s - whole.ends_s
    return done


def _worked(log: Timeline, work_s: int) -> list[Segment]:
    return [Segment(ON_DUTY, log.ends_s, log.ends_s + work_s)] if work_s else []
