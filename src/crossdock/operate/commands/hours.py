"""Hours of service of the own drivers when their load leaves later, or drives on longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    RESTING,
    Limit,
    Measure,
    Segment,
    Since,
    Timeline,
    Violation,
    audit,
    clocks,
)
from crossdock.model.errors import InvalidValueError
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.operate.commands.outlook import Outlook
from crossdock.operate.commands.verdict import Findings
from crossdock.operate.duty_logs import Terms, known_logs, rested_until, terms_of
from crossdock.plan.duties import INVENTED_USD_H

OWN_KINDS = ("loaded", "empty", "bobtail")
"""Loads (`LOADS`) that own equipment and own drivers move."""


@dataclass(frozen=True)
class _Driver:
    """A driver.

    Attributes
    ----------
    past
        The log up to now; empty: nothing is known.
    """

    driver_id: str
    home: str
    terms: Terms
    usd_h: float
    past: Sequence[Segment]


def hold_drivers(
    outlook: Outlook, load: Mapping[str, Any], departs_s: int, waits_s: int, found: Findings
) -> None:
    """Audit the duties of a load that leaves at ``departs_s``, later than its plan.

    A driver who is on duty at the planned departure waits on duty at the dock; what follows is
    later by as much. A driver whose duty begins after it (of a relay) begins later. Paid are
    ``waits_s``: what the command adds to the wait.
    """
    planned_s = int(load["departs_at"].timestamp())
    more = _More(ON_DUTY, planned_s, departs_s - planned_s)
    for driver in _audited(outlook, load, more, found):
        found.cost_usd += waits_s / SECONDS_PER_HOUR * driver.usd_h


def longer_drive(outlook: Outlook, load: Mapping[str, Any], longer_s: int, found: Findings) -> None:
    """Audit the duties of a load that drives ``longer_s`` seconds more than its plan."""
    _audited(outlook, load, _More(DRIVING, int(load["arrives_at"].timestamp()), longer_s), found)


@dataclass(frozen=True)
class _More:
    """What a duty has more than its plan, from an instant on; what follows is later by as much."""

    activity: str
    at_s: int
    duration_s: int

    def added_to(self, segments: Sequence[Segment]) -> list[Segment]:
        """The duty with it; one that begins later anyway is moved as a whole."""
        found: list[Segment] = []
        for activity, start_s, end_s in segments:
            if start_s < self.at_s:
                found.append(Segment(activity, start_s, min(end_s, self.at_s)))
            if end_s > self.at_s:
                begins_s = max(start_s, self.at_s) + self.duration_s
                found.append(Segment(activity, begins_s, end_s + self.duration_s))
        place = sum(each.start_s < self.at_s for each in found)
        if not self.concerns(segments):
            return found
        more = Segment(self.activity, self.at_s, self.at_s + self.duration_s)
        return [*found[:place], more, *found[place:]]

    def concerns(self, segments: Sequence[Segment]) -> bool:
        """Whether it falls into the duty."""
        return segments[0].start_s <= self.at_s <= segments[-1].end_s


def _audited(
    outlook: Outlook, load: Mapping[str, Any], more: _More, found: Findings
) -> list[_Driver]:
    """Drivers of a load into whose duty ``more`` falls, after a look at the duties of all.

    Each driver's whole log is judged: the one that is known up to now (`known_logs`), this duty,
    and the planned ones before and after it.
    """
    duties = outlook.scene.plan.duties
    concerned = duties.filter(pl.col("load_id") == load["load_id"])["duty_id"].unique()
    of_load = pl.col("duty_id").is_in(concerned.implode())
    drivers = duties.filter(of_load)["driver_id"].drop_nulls().unique().sort()
    if drivers.is_empty():
        found.note("no duty is planned for it: hours of service are not checked")
    present: list[_Driver] = []
    for driver_id in drivers:
        driver = _driver(outlook, driver_id)
        own = duties.filter(pl.col("driver_id") == driver_id)
        duty, others = _segments(own.filter(of_load)), _segments(own.filter(~of_load))
        _judge(outlook, driver, duty, others, more, found)
        if more.concerns(duty):
            present.append(driver)
    return present


def _judge(
    outlook: Outlook,
    driver: _Driver,
    duty: Sequence[Segment],
    others: Sequence[Segment],
    more: _More,
    found: Findings,
) -> None:
    later = more.added_to(duty)
    before = [each for each in others if each.end_s <= duty[0].start_s]
    after = [each for each in others if each.end_s > duty[0].start_s]
    if after and after[0].start_s < later[-1].end_s:
        found.bar(
            f"driver {driver.driver_id} would be back at "
            f"{outlook.clock(driver.home, later[-1].end_s)}, after the next duty begins at "
            f"{outlook.clock(driver.home, after[0].start_s)}"
        )
        return
    # Of whom nothing is known, works as planned.
    past = driver.past or _until(outlook.at_s, [*before, *duty])
    before, duty, later, after = (
        _from(outlook.at_s, each) for each in (before, duty, later, after)
    )
    try:
        broken = _violations(driver, [*past, *before, *later, *after])
        # What is not legal as planned is no fault of the command.
        planned = _violations(driver, [*past, *before, *duty, *after])
    except InvalidValueError:
        found.note(f"the duties of driver {driver.driver_id} overlap: hours are not checked")
        return
    worse = sum(each.end_s - each.start_s for each in broken) > sum(
        each.end_s - each.start_s for each in planned
    )
    then_s = more.at_s + more.duration_s
    _tell(driver, [*past, *before, *later], then_s, broken if worse else [], found)


def _violations(driver: _Driver, segments: Sequence[Segment]) -> list[Violation]:
    """Driving of a duty that is against the law."""
    log = Timeline.of(segments, timezone=driver.terms.timezone, gaps_are_rest=True)
    return audit(log, driver.terms.rules)


def _until(at_s: int, segments: Sequence[Segment]) -> list[Segment]:
    """What of them is over."""
    return [
        Segment(activity, start_s, min(end_s, at_s))
        for activity, start_s, end_s in segments
        if start_s < at_s
    ]


def _from(at_s: int, segments: Sequence[Segment]) -> list[Segment]:
    """What of them is to come."""
    return [
        Segment(activity, max(start_s, at_s), end_s)
        for activity, start_s, end_s in segments
        if end_s > at_s
    ]


def _tell(
    driver: _Driver,
    segments: Sequence[Segment],
    from_s: int,
    broken: Sequence[Violation],
    found: Findings,
) -> None:
    rules, zone = driver.terms
    first_s = min(segments[0].start_s, from_s) - 1  # who has no log yet is rested
    told = [Segment(OFF_DUTY, first_s, first_s + 1), *segments]
    whole = Timeline.of(told, timezone=zone, gaps_are_rest=True)
    log = rested_until(whole.cut(from_s), from_s)
    limits = {limit.rule: limit for limit in rules.limits}
    left = [(limits[rule], left_s) for rule, left_s in clocks(log, from_s, rules).left]
    about = [each for each in left if broken and each[0].rule == broken[0].rule]
    # Of a wait, what it takes from: the window or the cycle, whichever leaves less.
    about = about or [each for each in left if each[0].measure is not Measure.DRIVING] or left
    limit, left_s = min(about, key=lambda each: each[1])
    said = f"driver {driver.driver_id} has {_h(left_s)} h left of {_amount(limit)} then"
    if not broken:
        found.note(said)
        return
    citations = ", ".join(dict.fromkeys(each.citation for each in broken))
    needed_s = _until_rest_s(whole.segments, from_s, limit)
    if needed_s > left_s:
        found.bar(f"{said} and needs {_h(needed_s)} h to the next rest ({citations})")
        return
    over_s = sum(each.end_s - each.start_s for each in broken)
    found.bar(
        f"driver {driver.driver_id} would drive {_h(over_s)} h beyond {_amount(limit)} after a "
        f"rest on the way ({citations})"
    )


def _h(seconds: float) -> str:
    return f"{seconds / SECONDS_PER_HOUR:.1f}"


def _amount(limit: Limit) -> str:
    """Of a limit: ``14``, ``11 of driving``, ``70 in 8 days``, ``8 without a pause``."""
    hours = f"{limit.limit_s / SECONDS_PER_HOUR:g}"
    if limit.since is Since.PAUSE:
        return f"{hours} without a pause"
    if limit.since is Since.DAY and limit.days > 1:
        return f"{hours} in {limit.days} days"
    return f"{hours} of driving" if limit.measure is Measure.DRIVING else hours


def _until_rest_s(segments: Sequence[Segment], from_s: int, limit: Limit) -> int:
    """What a limit adds up from a departure to the last driving before a rest that resets it."""
    rest_s = 10 * SECONDS_PER_HOUR if limit.since is Since.DAY else limit.reset_s
    needed_s = counted_s = 0
    for activity, start_s, end_s in segments:
        if end_s <= from_s:
            continue
        idle = activity != DRIVING if limit.since is Since.PAUSE else activity in RESTING
        if idle and end_s - start_s >= rest_s and needed_s:
            break
        if _counts(activity, limit):
            counted_s += end_s - max(start_s, from_s)
        if activity == DRIVING:
            needed_s = counted_s
    return needed_s


def _counts(activity: str, limit: Limit) -> bool:
    if limit.measure is Measure.ELAPSED:
        return True
    return activity == DRIVING if limit.measure is Measure.DRIVING else activity not in RESTING


def _segments(rows: pl.DataFrame) -> list[Segment]:
    ordered = rows.sort("starts_at", "ends_at").select(
        "activity", pl.col("starts_at").dt.epoch("s"), pl.col("ends_at").dt.epoch("s")
    )
    return [Segment(*row) for row in ordered.iter_rows()]


def _driver(outlook: Outlook, driver_id: str) -> _Driver:
    scene = outlook.scene
    network = scene.means.network
    rows = network["drivers"].filter(pl.col("driver_id") == driver_id).head(1).to_dicts()
    row = rows[0] if rows else {}
    usd_h = row.get("cost_usd_h")
    known = known_logs(scene.present, scene.plan, network, [driver_id], outlook.at)[driver_id]
    return _Driver(
        driver_id,
        row.get("domicile_facility_id") or "",
        terms_of(network, scene.plan, [driver_id])[driver_id],
        INVENTED_USD_H if usd_h is None else usd_h,
        [Segment(*each[:3]) for each in known.past],
    )
