"""Stop sequences as JSON cases: read, planned, and told minute by minute."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast
from zoneinfo import ZoneInfo

from crossdock.comply.hos import RULE_SETS, Timeline
from crossdock.comply.hos.planning import (
    FRESH,
    HosPlan,
    PlanClocks,
    PlanOptions,
    PlanSegment,
    PlanStop,
    plan,
)
from crossdock.model.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE
from crossdock.platform.compliance.case_file import Answered, answer_cases
from crossdock.platform.compliance.fields import FieldError, Fields

MOST_MINUTES = 366 * 24 * 60
MOST_STOPS = 1_000

CLOCKS = {
    "since_break_s": ("break", "interruption", "pause"),
    "not_driving_s": ("not_driving",),
    "window_s": ("window", "elapsed", "shift"),
    "driving_s": ("driv",),
    "resting_s": ("rest", "off"),
}
"""Words that name a field of ``initial_clocks``: ``driving_min`` or ``driving_used_min``."""
_DEFAULT_RULES = "US_70_8"


def plan_cases(cases: Mapping[str, Any]) -> Answered:
    """Plan every case of ``hos plan``; see `answer_cases`."""
    return answer_cases(
        cases, lambda case: _told(plan(_stops(case), _clocks(case), _options(case))), field="stops"
    )


def _stops(case: Fields) -> list[PlanStop]:
    stops = case.objects("stops")
    if not 0 < len(stops) <= MOST_STOPS:
        raise FieldError("stops", f"there are {len(stops)}", f"give 1 to {MOST_STOPS:,} stops")
    return [
        PlanStop(_seconds(stop, "drive_min"), _seconds(stop, "service_min"), _windows(stop))
        for stop in stops
    ]


def _windows(stop: Fields) -> tuple[tuple[int, int], ...]:
    """``windows`` of a stop, or its ``open_min`` and ``close_min``; those that meet are one."""
    told = [stop]
    if "windows" in stop.values:
        told = stop.objects("windows")
        if not told:
            raise FieldError(f"{stop.path}windows", "it is empty", "give a window, or leave it out")
    windows: list[tuple[int, int]] = []
    for window in sorted(_window(each) for each in told):
        if windows and window[0] <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(windows[-1][1], window[1]))
        else:
            windows.append(window)
    return tuple(windows)


def _window(told: Fields) -> tuple[int, int]:
    opens_s, closes_s = _seconds(told, "open_min"), _seconds(told, "close_min")
    if closes_s < opens_s:
        raise FieldError(
            f"{told.path}close_min",
            f"{closes_s // SECONDS_PER_MINUTE} is before open_min",
            "give the last minute in which the service may start",
        )
    return opens_s, closes_s


def _clocks(case: Fields) -> PlanClocks:
    listed = case.values.get("initial_clocks")
    if listed is not None and not isinstance(listed, dict):
        raise FieldError("initial_clocks", "it is no object", 'give {"driving_min": ...}')
    told = Fields(cast("dict[str, Any]", listed or {}), "initial_clocks.")
    used = {
        _clock(told, name): _seconds(told, name)
        for name, value in told.values.items()
        if value is not None
    }
    clocks = replace(FRESH, **used)
    if case.values.get("on_duty_by_day_hours") is None:
        return clocks
    return _with_cycle(clocks, case)


def _clock(told: Fields, name: str) -> str:
    left = any(word in name for word in ("left", "remaining", "until", "available"))
    for clock, words in CLOCKS.items():
        if not left and any(word in name for word in words):
            return clock
    raise FieldError(
        told.path + name,
        "it is no used time of a clock",
        "use: driving_min, window_min, since_break_min, resting_min, not_driving_min",
    )


def _with_cycle(clocks: PlanClocks, case: Fields) -> PlanClocks:
    listed: object = case.values["on_duty_by_day_hours"]
    if not isinstance(listed, list):
        raise FieldError("on_duty_by_day_hours", "it is no list", "give hours, oldest day first")
    hours = Fields(
        {f"[{at}]": each for at, each in enumerate(cast("list[Any]", listed))},
        "on_duty_by_day_hours",
    )
    timezone: object = case.values.get("timezone", "UTC")
    if not isinstance(timezone, str):
        raise FieldError("timezone", f"{timezone!r} is no text", "give an IANA name")
    zone = Timeline.of((), timezone=timezone).zone
    return replace(
        clocks,
        on_duty_by_day_s=tuple(
            round(hours.number(name, at_most=25) * SECONDS_PER_HOUR) for name in hours.values
        ),
        at_s=_instant(case, zone),
        timezone=timezone,
    )


def _instant(case: Fields, zone: ZoneInfo) -> int:
    value = case.values.get("start")
    try:
        at = dt.datetime.fromisoformat(cast("str", value))
    except (TypeError, ValueError):
        raise FieldError(
            "start", f"{value!r} is no time", "write minute 0 as 2026-03-02T06:00:00"
        ) from None
    return int((at if at.tzinfo else at.replace(tzinfo=zone)).timestamp())


def _options(case: Fields) -> PlanOptions:
    name = _DEFAULT_RULES
    if case.values.get("cycle") is not None:
        name = case.choice("cycle", list(RULE_SETS))
    return PlanOptions(
        rules=RULE_SETS[name],
        splits="splits" in case.values and case.flag("splits"),
        buffer_s=_seconds(case, "buffer_min") if "buffer_min" in case.values else 0,
        partner=FRESH if "team" in case.values and case.flag("team") else None,
    )


def _seconds(told: Fields, name: str) -> int:
    minutes = told.number(name, at_most=MOST_MINUTES)
    if minutes != int(minutes):
        raise FieldError(told.path + name, f"{minutes} is not whole", "give whole minutes")
    return int(minutes) * SECONDS_PER_MINUTE


def _told(found: HosPlan) -> dict[str, Any]:
    left = found.left
    return {
        "feasible": found.feasible,
        "earliest_completion_min": _minutes(found.completes_s),
        "schedule": [_segment(segment, found.drivers) for segment in found.segments],
        "binding": found.binding,
        "latest_departure_min": _minutes(found.latest_departure_s),
        "left": left
        and {
            "driving_min": _minutes(left.driving_s),
            "window_min": _minutes(left.window_s),
            "until_break_min": _minutes(left.until_break_s),
            "cycle_min": _minutes(left.cycle_s),
        },
        "failed_stop": found.failed_stop,
        "why": found.why,
    }


def _segment(segment: PlanSegment, drivers: int) -> dict[str, Any]:
    told = {
        "kind": segment.kind,
        "stop": segment.stop,
        "start_min": _minutes(segment.start_s),
        "end_min": _minutes(segment.end_s),
        "reason": segment.reason,
    }
    return told | {"driver": segment.driver} if drivers > 1 else told


def _minutes(seconds: int | None) -> int | None:
    return None if seconds is None else seconds // SECONDS_PER_MINUTE
