"""Duty logs as JSON cases: read, audited, and asked for the hours that are left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import ZoneInfo

from crossdock.comply.hos import (
    RELIEF_KINDS,
    RULE_SETS,
    STATUSES,
    US_70_8,
    Clocks,
    Relief,
    RuleSet,
    SplitClocks,
    Timeline,
    TripHours,
    Violation,
    audit,
    clocks,
    trip_hours,
)
from crossdock.model import CrossdockError, InputUnusableError
from crossdock.model.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from crossdock.platform.compliance.case_file import Answered, answer_cases
from crossdock.platform.compliance.fields import FieldError, Fields

MOST_SEGMENTS = 20_000
_LONGEST_DAY_H = 25.0


@dataclass(frozen=True)
class _Zone:
    """How instants are written: as the local time of the home terminal, or with an offset."""

    zone: ZoneInfo

    def second(self, case: Fields, name: str) -> int:
        """UTC second of a field."""
        value = case.values.get(name)
        return self.second_of(value, case.path + name)

    def second_of(self, value: object, field: str) -> int:
        """UTC second of a value."""
        try:
            at = dt.datetime.fromisoformat(cast("str", value))
        except (TypeError, ValueError):
            raise FieldError(
                field, f"{value!r} is no time", "write it as 2026-03-02T06:00:00"
            ) from None
        if at.microsecond:
            raise FieldError(field, f"{value} is no whole second", "round it to the second")
        if at.tzinfo is None:
            at = at.replace(tzinfo=self.zone)
        return int(at.timestamp())

    def text(self, at_s: int) -> str:
        """A second as the local time of the home terminal."""
        return dt.datetime.fromtimestamp(at_s, self.zone).replace(tzinfo=None).isoformat()


@dataclass(frozen=True)
class _Log:
    """A log of a case, and how it is to be judged."""

    log: Timeline
    rules: RuleSet
    reliefs: tuple[Relief, ...]
    zone: _Zone


def audit_cases(cases: Mapping[str, Any]) -> Answered:
    """Audit every case of ``hos audit``; see `answer_cases`."""
    return answer_cases(cases, _audited, field="segments")


def _audited(case: Fields) -> dict[str, Any]:
    read = _read(case, "segments")
    violations = audit(read.log, read.rules, reliefs=read.reliefs)
    left = [
        (text, clocks(read.log, at_s, read.rules, reliefs=read.reliefs))
        for text, at_s in _asked(case, read.zone)
    ]
    return {
        "violations": [_violation(each, read.zone) for each in violations],
        "available": [_available(text, each, read.zone) for text, each in left],
    }


def trip_hours_of(told: Mapping[str, Any], path: str) -> TripHours:
    """Hours of a trip from `log`, the duty log so far, and `planned`, the duty of the trip.

    Raises
    ------
    InputUnusableError
        A field cannot be used.
    """
    fields = Fields(told, f"{path}.")
    try:
        read = _read(fields, "log")
        duty = [_segment(each, read.zone) for each in _bounded(fields.objects("planned"))]
        return trip_hours(read.log, duty, read.rules, reliefs=read.reliefs)
    except FieldError as error:
        raise InputUnusableError(f"{error.field}: {error.reason}", remedy=error.remedy) from None
    except CrossdockError as error:
        raise InputUnusableError(f"{path}: {error.message}", remedy=error.remedy) from error


def _read(case: Fields, name: str) -> _Log:
    timezone = case.values.get("timezone") or "UTC"
    if not isinstance(timezone, str):
        raise FieldError("timezone", f"{timezone!r} is no text", "give an IANA name, or leave it")
    try:
        zone = _Zone(Timeline.of((), timezone=timezone).zone)
    except CrossdockError as error:
        raise FieldError("timezone", error.message, error.remedy) from None
    log = Timeline.of(
        [_segment(each, zone) for each in _bounded(case.objects(name))],
        timezone=timezone,
        prior_on_duty_s=_prior(case),
    )
    return _Log(log, _rules(case), _reliefs(case, zone), zone)


def _segment(told: Fields, zone: _Zone) -> tuple[str, int, int]:
    status = told.choice("status", list(STATUSES))
    return status, zone.second(told, "start"), zone.second(told, "end")


def _rules(case: Fields) -> RuleSet:
    """The rule set that `cycle` names, with those of its `rules` alone that are to be judged."""
    rules = US_70_8
    if case.values.get("cycle") is not None:
        rules = RULE_SETS[case.choice("cycle", list(RULE_SETS))]
    only = case.values.get("rules")
    return rules if only is None else _only(rules, only)


def _bounded(segments: list[Fields]) -> list[Fields]:
    if len(segments) > MOST_SEGMENTS:
        raise FieldError(
            "segments", f"there are more than {MOST_SEGMENTS:,}", "split the log into weeks"
        )
    return segments


def _only(rules: RuleSet, only: object) -> RuleSet:
    names = cast("list[Any]", only) if isinstance(only, list) else [only]
    known = [limit.rule for limit in rules.limits]
    for number, name in enumerate(names):
        if name not in known:
            raise FieldError(
                f"rules[{number}]", f"{name!r} is unknown", f"use some of: {', '.join(known)}"
            )
    return rules.without(*(rule for rule in known if rule not in names))


def _prior(case: Fields) -> list[int]:
    hours: object = case.values.get("prior_on_duty_hours") or []
    if not isinstance(hours, list):
        raise FieldError("prior_on_duty_hours", "it is no list", "give hours, oldest day first")
    listed = cast("list[Any]", hours)
    fields = Fields({f"[{at}]": each for at, each in enumerate(listed)}, "prior_on_duty_hours")
    return [
        round(fields.number(f"[{at}]", at_most=_LONGEST_DAY_H) * SECONDS_PER_HOUR)
        for at in range(len(listed))
    ]


def _reliefs(case: Fields, zone: _Zone) -> tuple[Relief, ...]:
    if not case.values.get("exceptions"):
        return ()
    return tuple(
        Relief(
            each.choice("type", list(RELIEF_KINDS)),
            zone.second(each, "tour_start") if each.values.get("tour_start") else None,
        )
        for each in case.objects("exceptions")
    )


def _asked(case: Fields, zone: _Zone) -> list[tuple[str, int]]:
    """The instants at which the clocks are asked for, as they were written."""
    if "query_at" in case.values:
        listed, field = case.values["query_at"], "query_at"
    else:
        expect = case.values.get("expect")
        told = cast("dict[str, Any]", expect) if isinstance(expect, dict) else {}
        listed = [
            cast("dict[str, Any]", each).get("at") if isinstance(each, dict) else each
            for each in told.get("available") or ()
        ]
        field = "expect.available"
    if not isinstance(listed, list):
        raise FieldError(field, "it is no list", "give a list of times")
    instants = cast("list[Any]", listed)
    return [
        (str(each), zone.second_of(each, f"{field}[{number}]"))
        for number, each in enumerate(instants)
    ]


def _violation(found: Violation, zone: _Zone) -> dict[str, Any]:
    return {
        "rule": found.rule,
        "from": zone.text(found.start_s),
        "to": zone.text(found.end_s),
        "citation": found.citation,
        "severity": found.severity,
        "pairing": [
            [{"from": zone.text(rest.start_s), "to": zone.text(rest.end_s)} for rest in pair]
            for pair in found.pairing
        ],
    }


def _available(at: str, now: Clocks, zone: _Zone) -> dict[str, Any]:
    return {
        "at": at,
        "driving_min": _minutes(now.driving_s),
        "window_min": _minutes(now.window_s),
        "until_break_min": None if now.until_break_s is None else _minutes(now.until_break_s),
        "cycle_min": _minutes(now.cycle_s),
        "drive_now_min": _minutes(now.drive_now_s),
        "if_split_completed": None if now.if_split is None else _split(now.if_split),
        "split_obligation": None if now.if_split is None else _obligation(now.if_split, zone),
        "changes": [
            {
                "what": change.what,
                "at": zone.text(change.at_s),
                "rule": change.rule,
                "gains_min": _minutes(change.gains_s),
            }
            for change in now.changes
        ],
    }


def _split(split: SplitClocks) -> dict[str, Any]:
    return {
        "driving_min": _minutes(split.driving_s),
        "window_min": _minutes(split.window_s),
        "drive_now_min": _minutes(split.drive_now_s),
    }


def _obligation(split: SplitClocks, zone: _Zone) -> str:
    where = "in the sleeper berth" if split.in_berth else "off duty or in the sleeper berth"
    hours = f"{split.owed_s / SECONDS_PER_HOUR:g} h"
    return f"needs {hours} {where} from {zone.text(split.by_s)} at the latest"


def _minutes(seconds: int) -> int:
    return seconds // SECONDS_PER_MINUTE
