"""What a trip asks of a driver: its driving and other work, with the pauses that the law adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    RESTING,
    RuleSet,
    Segment,
    Timeline,
    clocks,
)
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

    def with_rests(self, log: Timeline, rules: RuleSet) -> list[Segment] | None:
        """Its segments with every rest that the law asks for, each as late as it may be.

        None: it cannot be done in the days that a cycle counts.
        """
        done = _worked(log, self.work_s)
        left_s = self.drive_s
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
