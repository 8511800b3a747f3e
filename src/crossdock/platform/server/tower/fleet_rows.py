"""Drivers as the API shows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from crossdock.comply.hos import (
    RESTING,
    Clocks,
    Limit,
    RuleSet,
    Segment,
    SplitClocks,
    Violation,
    audit,
)
from crossdock.operate.fleet import (
    DriverHours,
    PlannedDuty,
    WhatIf,
    is_cycle_whole,
    limit_in_words,
    log_days,
    planned_duties,
    reasons,
)
from crossdock.operate.fleet import Piece as LogPiece

DAYS = 8


def driver_row(hours: DriverHours) -> dict[str, Any]:
    """A driver of the list."""
    driver, now, coming = hours.driver, hours.now, hours.next_duty
    return {
        "driver_id": driver.driver_id,
        "kind": driver.kind,
        "carrier_id": driver.carrier_id,
        "facility_id": driver.facility_id,
        "team_with": driver.team_with,
        "timezone": driver.timezone,
        "ruleset": driver.rules.name,
        "regulated": driver.coverage.regulated,
        "standing": hours.standing,
        "activity": now and now.activity,
        "since": instant(hours.since_s),
        "source": now and now.source,
        "told_at": instant(hours.log.told_s),
        "load_id": now and now.load_id,
        "route_id": now and now.route_id,
        "clocks": _clocks(hours.clocks, driver.rules, hours.counted_from_s),
        "drives_until": instant(hours.drives_until_s),
        "legal_again_at": instant(hours.legal_again_s),
        "next_duty_at": instant(coming and coming.start_s),
        "next_load_id": coming and coming.load_id,
    }


def driver_detail(hours: DriverHours, began: Mapping[LogPiece, str]) -> dict[str, Any]:
    """Everything of a driver.

    Parameters
    ----------
    began
        Where pieces of the log began.
    """
    driver, at_s = hours.driver, hours.at_s
    days = log_days(hours.log.past, driver.timezone, at_s, DAYS)
    from_s = days[-1].starts_s
    past = [each for each in hours.log.past if each.end_s > from_s]
    limits = {limit.rule: limit for limit in driver.rules.limits}
    found = hours.clocks
    return {
        **driver_row(hours),
        "at": instant(at_s),
        "coverage": driver.coverage.reason,
        "coverage_citation": driver.coverage.citation,
        "counted_from": instant(hours.counted_from_s),
        "limits": [_limit(limits[rule], left_s) for rule, left_s in found.left] if found else [],
        "if_split": _split(found.if_split, driver.rules) if found and found.if_split else None,
        "changes": [
            {
                "what": each.what,
                "at": instant(each.at_s),
                "rule": each.rule,
                "text": limit_in_words(limits[each.rule]),
                "gains_s": each.gains_s,
                "in_berth": each.in_berth,
                "citation": limits[each.rule].citation,
            }
            for each in (found.changes if found else ())
            if each.gains_s > 0 and each.at_s > at_s
        ],
        "findings": _past_findings(hours, from_s),
        "segments": [_piece(each, began.get(each)) for each in past],
        "planned": [_piece(each, began.get(each)) for each in hours.log.planned],
        "days": [
            {
                "date": day.date,
                "starts_at": instant(day.starts_s),
                "ends_at": instant(day.ends_s),
                **{f"{line.lower()}_s": seconds for line, seconds in day.totals_s.items()},
            }
            for day in days
        ],
        "duties": [_duty(each, driver.rules) for each in planned_duties(hours)],
    }


def what_if_answer(hours: DriverHours, found: WhatIf, late_s: int | None) -> dict[str, Any]:
    """The answer to "can she still take that"."""
    rules, trip = hours.driver.rules, found.trip
    counted_from_s, clash = hours.counted_from_s, next(iter(found.clashes), None)
    return {
        "at": instant(hours.at_s),
        "driver_id": hours.driver.driver_id,
        "load_id": trip.load_id,
        "allowed": found.allowed,
        "regulated": found.coverage.regulated,
        "starts_at": instant(found.starts_s),
        "ends_at": instant(found.ends_s),
        "late_s": late_s,
        "drive_s": trip.drive_s,
        "work_s": trip.work_s,
        "binding": found.binding
        and {
            "rule": found.binding.limit.rule,
            "text": limit_in_words(found.binding.limit),
            "citation": found.binding.limit.citation,
            "left_s": found.binding.left_s,
            "at": instant(found.binding.at_s),
        },
        "before": _clocks(found.before, rules, counted_from_s),
        "after": _clocks(found.after, rules, counted_from_s),
        "legal_from": instant(found.legal_from_s),
        "completes_at": instant(found.completes_s),
        "clash_at": instant(clash and clash.start_s),
        "clash_load_id": clash and clash.load_id,
        "spoils": _findings(found.spoiled, rules),
        "findings": _findings(found.broken, rules),
        "segments": [_planned(each, trip.load_id) for each in found.segments],
        "reasons": [each._asdict() for each in reasons(hours, found)],
    }


def instant(at_s: int | None) -> dt.datetime | None:
    """UTC seconds as an instant."""
    return None if at_s is None else dt.datetime.fromtimestamp(at_s, dt.UTC)


def _clocks(
    found: Clocks | None, rules: RuleSet, counted_from_s: int | None
) -> dict[str, Any] | None:
    if found is None:
        return None
    cycle = rules.cycle
    no_pause = found.until_break_s is None
    return {
        "drive_now_s": found.drive_now_s,
        "driving_s": found.driving_s,
        "driving_most_s": rules.driving_s,
        "window_s": found.window_s,
        "window_most_s": rules.window_s,
        "until_break_s": found.until_break_s,
        "until_break_most_s": None if no_pause else rules.drive_before_interruption_s,
        "cycle_s": found.cycle_s,
        "cycle_most_s": cycle.limit_s,
        "cycle_days": cycle.days,
        "cycle_whole": counted_from_s is not None
        and is_cycle_whole(rules, counted_from_s, found.at_s),
    }


def _limit(limit: Limit, left_s: int) -> dict[str, Any]:
    return {
        "rule": limit.rule,
        "text": limit_in_words(limit),
        "limit_s": limit.limit_s,
        "left_s": left_s,
        "citation": limit.citation,
    }


def _split(found: SplitClocks, rules: RuleSet) -> dict[str, Any]:
    return {
        "driving_s": found.driving_s,
        "window_s": found.window_s,
        "drive_now_s": found.drive_now_s,
        "rested_from": instant(found.rest.start_s),
        "rested_to": instant(found.rest.end_s),
        "owed_s": found.owed_s,
        "in_berth": found.in_berth,
        "by": instant(found.by_s),
        "citation": rules.split and rules.split.citation,
    }


def _past_findings(hours: DriverHours, from_s: int) -> list[dict[str, Any]]:
    if hours.clocks is None:
        return []
    driver = hours.driver
    broken = audit(hours.log.timeline(driver.timezone), driver.rules)
    return _findings((each for each in broken if each.end_s > from_s), driver.rules)[::-1]


def _findings(broken: Iterable[Violation], rules: RuleSet) -> list[dict[str, Any]]:
    limits = {limit.rule: limit for limit in rules.limits}
    return [
        {
            "rule": each.rule,
            "text": limit_in_words(limits[each.rule]) if each.rule in limits else each.rule,
            "starts_at": instant(each.start_s),
            "ends_at": instant(each.end_s),
            "seconds": each.end_s - each.start_s,
            "severity": each.severity,
            "citation": each.citation,
        }
        for each in broken
    ]


def _duty(duty: PlannedDuty, rules: RuleSet) -> dict[str, Any]:
    return {
        "duty_id": duty.duty_id,
        "starts_at": instant(duty.starts_s),
        "ends_at": instant(duty.ends_s),
        "load_ids": list(duty.load_ids),
        "drive_s": duty.drive_s,
        "legal": None if duty.broken is None else not duty.broken,
        "findings": _findings(duty.broken or (), rules),
    }


def _piece(piece: LogPiece, place: str | None) -> dict[str, Any]:
    return {
        "activity": piece.activity,
        "starts_at": instant(piece.start_s),
        "ends_at": instant(piece.end_s),
        "source": piece.source,
        "load_id": piece.load_id,
        "route_id": piece.route_id,
        "place": place,
    }


def _planned(segment: Segment, load_id: str | None) -> dict[str, Any]:
    activity, start_s, end_s = segment
    own = load_id if activity not in RESTING else None
    return _piece(LogPiece(activity, start_s, end_s, "plan", own), None)
