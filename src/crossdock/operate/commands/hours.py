"""Hours of service of the own drivers when their load leaves later, or drives on longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    RESTING,
    DutyLog,
    RuleSet,
    Segment,
    Timeline,
    Violation,
    audit,
    planning_ruleset,
)
from crossdock.model.errors import InvalidValueError
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.operate.commands.outlook import Outlook
from crossdock.operate.commands.verdict import Findings
from crossdock.operate.tracking import duty_segments
from crossdock.plan.duties import INVENTED_USD_H

OWN_KINDS = ("loaded", "empty", "bobtail")
"""Loads (`LOADS`) that own equipment and own drivers move."""


@dataclass(frozen=True)
class _Driver:
    """A driver.

    Attributes
    ----------
    logged
        The duty log of the network.
    told
        What was told of the day, up to now; of the time that is over it counts, not the plan.
    """

    driver_id: str
    home: str
    rules: RuleSet
    timezone: str
    usd_h: float
    logged: Sequence[Segment]
    told: Sequence[Segment]


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

    Each driver's whole log is judged: the duty log of the network, what was told of the day, this
    duty, and the planned ones before and after it.
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
    began_s = driver.told[0].start_s if driver.told else duty[0].start_s
    past = [*(each for each in before if each.end_s <= began_s), *driver.told]
    if driver.told:
        before, duty, later, after = (
            _from(outlook.at_s, each) for each in (before, duty, later, after)
        )
    else:
        before = []
    first_s = min(each.start_s for each in (*past, *before, *later))
    past = [*(each for each in driver.logged if each.end_s <= first_s), *past]
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
    today = [*driver.told, *later]
    _tell(driver, today, more.at_s + more.duration_s, broken if worse else [], found)


def _violations(driver: _Driver, segments: Sequence[Segment]) -> list[Violation]:
    """Driving of a duty that is against the law."""
    log = Timeline.of(segments, timezone=driver.timezone, gaps_are_rest=True)
    return audit(log, driver.rules)


def _from(at_s: int, segments: Sequence[Segment]) -> list[Segment]:
    """What of them is to come."""
    return [
        Segment(activity, max(start_s, at_s), end_s)
        for activity, start_s, end_s in segments
        if end_s > at_s
    ]


def _tell(
    driver: _Driver,
    today: Sequence[Segment],
    from_s: int,
    broken: Sequence[Violation],
    found: Findings,
) -> None:
    log = DutyLog(today[0].start_s, driver.rules)
    for activity, start_s, end_s in today:
        if start_s >= from_s:
            break
        if start_s > log.now_s:
            log.add(OFF_DUTY, start_s - log.now_s)
        log.add(activity, min(end_s, from_s) - start_s)
    opened_s = log.now_s if log.window_opened_s is None else log.window_opened_s
    left_h = max(0, opened_s + driver.rules.window_s - log.now_s) / SECONDS_PER_HOUR
    window_h = driver.rules.window_s / SECONDS_PER_HOUR
    if not broken:
        found.note(f"driver {driver.driver_id} has {left_h:.1f} h left of {window_h:.0f} then")
        return
    needed_h = _until_rest_s(today, from_s) / SECONDS_PER_HOUR
    rules = ", ".join(dict.fromkeys(each.citation for each in broken))
    found.bar(
        f"driver {driver.driver_id} has {left_h:.1f} h left of {window_h:.0f} then and "
        f"needs {needed_h:.1f} h to the next rest ({rules})"
    )


def _until_rest_s(segments: Sequence[Segment], from_s: int) -> int:
    """From a departure to the end of the last driving before a rest that resets the clocks."""
    last_s = from_s
    for activity, start_s, end_s in segments:
        if end_s <= from_s:
            continue
        if activity in RESTING and end_s - start_s >= 10 * SECONDS_PER_HOUR:
            break
        if activity == DRIVING:
            last_s = end_s
    return last_s - from_s


def _segments(rows: pl.DataFrame) -> list[Segment]:
    ordered = rows.sort("starts_at", "ends_at").select(
        "activity", pl.col("starts_at").dt.epoch("s"), pl.col("ends_at").dt.epoch("s")
    )
    return [Segment(*row) for row in ordered.iter_rows()]


def _driver(outlook: Outlook, driver_id: str) -> _Driver:
    network = outlook.scene.means.network
    rows = network["drivers"].filter(pl.col("driver_id") == driver_id).head(1).to_dicts()
    row = rows[0] if rows else {}
    usd_h = row.get("cost_usd_h")
    home: str = row.get("domicile_facility_id") or ""
    return _Driver(
        driver_id,
        home,
        planning_ruleset(row.get("hos_ruleset")),
        network.timezones.get(home, "UTC"),
        INVENTED_USD_H if usd_h is None else usd_h,
        _logged(network["duty_log"].filter(pl.col("driver_id") == driver_id)),
        _told(outlook, driver_id),
    )


def _told(outlook: Outlook, driver_id: str) -> list[Segment]:
    tracking = outlook.scene.present.folded.tracking
    duties = tracking.duties.of("driver_id", pl.Series([driver_id]))
    rows = duty_segments(replace(tracking, duties=duties), outlook.at)
    return _segments(rows.with_columns(pl.col("ends_at").fill_null(outlook.at)))


def _logged(rows: pl.DataFrame) -> list[Segment]:
    """The driver's log; where two entries overlap, the earlier one keeps the time."""
    found: list[Segment] = []
    ordered = rows.sort("from", "to").select(
        "status", pl.col("from").dt.epoch("s"), pl.col("to").dt.epoch("s")
    )
    for status, from_s, to_s in ordered.iter_rows():
        start_s = max(from_s, found[-1].end_s) if found else from_s
        if to_s > start_s:
            found.append(Segment(status, start_s, to_s))
    return found
