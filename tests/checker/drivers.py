"""Line-haul drivers: one place at a time, legal hours, and the hours that their loads need.

49 CFR 395.3: 11 hours driving and a 14-hour window after 10 hours off, 30 minutes without driving
after 8 hours of it, 70 hours on duty in 8 days. 395.1(g): rest may be in the sleeper.
"""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import polars as pl

from checker.calendars import Calendars
from checker.faults import Faults
from checker.reading import Run
from checker.waves import Waves

HOUR = dt.timedelta(hours=1)
SLACK = dt.timedelta(seconds=1)
RESTING = ("OFF", "SB")
SOLO = ("solo_turn", "solo_layover")
CYCLES = {"property_60_7": (60, 7)}
DEFAULT_CYCLE = (70, 8)


def check(run: Run, calendars: Calendars, waves: Waves, faults: Faults) -> None:
    rules = _rule_sets(run)
    logged, on_road = _log(run), _on_road(run)
    duties = run["duties"].sort("driver_id", "starts_at", "ends_at")
    unknown = duties.filter(~pl.col("activity").is_in(["D", "ON", "OFF", "SB"]))
    faults.add_rows("duties", unknown, "{driver_id}: activity {activity}")
    for (driver_id,), segments in duties.group_by("driver_id", maintain_order=True):
        day = segments.to_dicts()
        _one_place(driver_id, on_road.get(driver_id, []) + day, faults)
        _hours(driver_id, logged.get(driver_id, []) + day, faults)
        _cycle(driver_id, logged.get(driver_id, []) + day, rules.get(driver_id), faults)
    _loads_are_driven(run, faults)
    _own_drivers(run, faults)


def _rule_sets(run: Run) -> dict[str, str]:
    return {row["driver_id"]: row["hos_ruleset"] for row in run.network("drivers").to_dicts()}


def _log(run: Run) -> dict[str, list[dict]]:
    """What drivers did before the plan, as segments."""
    log: dict[str, list[dict]] = {}
    for row in run.network("duty_log").to_dicts():
        segment = {"activity": row["status"], "starts_at": row["from"], "ends_at": row["to"]}
        log.setdefault(row["driver_id"], []).append(segment | {"load_id": None})
    return {each: sorted(rows, key=lambda row: row["starts_at"]) for each, rows in log.items()}


def _on_road(run: Run) -> dict[str, list[dict]]:
    """Where the network's own drivers are when the run begins, one segment a load.

    Seats of carriers are no persons: every plan numbers them anew.
    """
    known = set(run.network("drivers").get_column("driver_id", default=pl.Series([])))
    found: dict[str, list[dict]] = {}
    for load in run.background("loads").sort("departs_at").to_dicts():
        segment = {
            "load_id": load["load_id"],
            "starts_at": load["departs_at"],
            "ends_at": load["arrives_at"],
        }
        for driver_id in (load["driver_ids"] or "").split(";"):
            if driver_id in known:
                found.setdefault(driver_id, []).append(segment)
    return found


def _one_place(driver_id: str, day: list[dict], faults: Faults) -> None:
    for before, after in pairwise(day):
        faults.expect(
            "one place at a time",
            before["ends_at"] <= after["starts_at"],
            f"{driver_id} is on {before['load_id']} until {before['ends_at']} and on "
            f"{after['load_id']} from {after['starts_at']}",
        )
    for segment in day:
        faults.expect(
            "duties",
            segment["starts_at"] <= segment["ends_at"],
            f"{driver_id} on {segment['load_id']}: a segment ends before it starts",
        )


def _hours(driver_id: str, day: list[dict], faults: Faults) -> None:
    """Walk the day: what is not logged between two segments is off duty."""
    none = dt.timedelta(0)
    driven = since_break = rested = paused = none
    window_from: dt.datetime | None = None
    clock = day[0]["starts_at"]
    for segment in day:
        rested += max(segment["starts_at"] - clock, none)
        paused += max(segment["starts_at"] - clock, none)
        length = segment["ends_at"] - segment["starts_at"]
        clock = segment["ends_at"]
        if segment["activity"] in RESTING:
            rested, paused = rested + length, paused + length
            continue
        if rested >= 10 * HOUR:
            driven, window_from = none, None
        rested = none
        window_from = window_from or segment["starts_at"]
        if segment["activity"] == "ON":
            paused += length
            continue
        if paused >= HOUR / 2:
            since_break = none
        paused = none
        driven, since_break = driven + length, since_break + length
        told = f"{driver_id} on {segment['load_id']} by {clock}"
        faults.expect("11 hours", driven <= 11 * HOUR + SLACK, f"{told}: drove {driven}")
        over = clock - window_from
        faults.expect("14 hours", over <= 14 * HOUR + SLACK, f"{told}: drives {over} after start")
        text = f"{told}: {since_break} without 30 minutes' break"
        faults.expect("30 minutes", since_break <= 8 * HOUR + SLACK, text)


def _cycle(driver_id: str, day: list[dict], rule: str | None, faults: Faults) -> None:
    limit_h, days = CYCLES.get(rule or "", DEFAULT_CYCLE)
    work = [each for each in day if each["activity"] not in RESTING]
    for last in work:
        since = last["ends_at"] - dt.timedelta(days=days)
        done = sum(
            (
                each["ends_at"] - max(each["starts_at"], since)
                for each in work
                if since < each["ends_at"] <= last["ends_at"]
            ),
            dt.timedelta(0),
        )
        if done > limit_h * HOUR + SLACK:
            faults.add("cycle", f"{driver_id}: {done} on duty in {days} days by {last['ends_at']}")
            return


def _loads_are_driven(run: Run, faults: Faults) -> None:
    """Every named driver has a duty on the load, and somebody is at the wheel all the way."""
    by_load: dict[str, list[dict]] = {}
    for segment in run["duties"].to_dicts():
        by_load.setdefault(segment["load_id"], []).append(segment)
    for load in run["loads"].to_dicts():
        name, segments = load["load_id"], by_load.pop(load["load_id"], [])
        named = {each for each in (load["driver_ids"] or "").split(";") if each}
        seated = {each["driver_id"] for each in segments}
        text = f"{name}: drivers {sorted(named)}, duties of {sorted(seated)}"
        faults.expect("duties", named == seated, text)
        driving = [each for each in segments if each["activity"] == "D"]
        outside = [
            each
            for each in driving
            if each["starts_at"] < load["departs_at"] or each["ends_at"] > load["arrives_at"]
        ]
        faults.expect("duties", not outside, f"{name} is driven before it leaves or after it is in")
        driving.sort(key=lambda each: each["starts_at"])
        two = any(a["ends_at"] > b["starts_at"] for a, b in pairwise(driving))
        faults.expect("duties", not two, f"{name}: two at the wheel at once")
        lane = run.lanes.get((load["from"], load["to"]))
        if lane is None or lane["transit_h_p50"] is None:
            continue
        hours = (
            sum((each["ends_at"] - each["starts_at"]).total_seconds() for each in driving) / 3600
        )
        text = f"{name}: {hours:.2f} h driven, the lane takes {lane['transit_h_p50']}"
        faults.expect("duties", hours >= lane["transit_h_p50"] - 0.02, text)
    faults.add_each("duties", (f"a duty on {each}, which is no load" for each in by_load))


def _own_drivers(run: Run, faults: Faults) -> None:
    drivers = {row["driver_id"]: row for row in run.network("drivers").to_dicts()}
    own = {each for each, row in run.carriers.items() if row["kind"] == "own"}
    if not any(row["kind"] == "linehaul" for row in drivers.values()):
        return  # as many as needed
    for load in run["loads"].to_dicts():
        if load["carrier_id"] not in own:
            continue
        for driver_id in (load["driver_ids"] or "").split(";"):
            driver = drivers.get(driver_id)
            holds = (
                driver is not None
                and driver["carrier_id"] == load["carrier_id"]
                and driver["kind"] == "linehaul"
                and driver["domicile_facility_id"]
                in (load["from"], load["to"], load["relay_facility_id"])
            )
            text = f"{load['load_id']}: {driver_id} is no line-haul driver of this carrier and lane"
            faults.expect("own drivers", holds, text)
