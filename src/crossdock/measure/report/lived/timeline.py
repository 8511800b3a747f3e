"""The days hour by hour: the waves in which a network works."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from crossdock.measure.report import figures
from crossdock.measure.report.lived.days import Days, word

MOST_ENDED = 0.99
"""The hours end when this share of parcels has; what came later is counted in the small print."""
LONGEST_H = 24 * 21
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class _Clock:
    """Hours from the first to the last that is shown, in one zone."""

    first: dt.datetime
    hours: int
    zone: ZoneInfo

    def place(self, instant: dt.datetime) -> int:
        return int((instant - self.first) // HOUR)

    def at(self, hour: int) -> dt.datetime:
        return (self.first + hour * HOUR).astimezone(self.zone)

    def text(self, hour: int) -> str:
        return figures.clock(self.first + hour * HOUR, self.zone.key)

    def counts(self, instants: pl.Series) -> list[float]:
        """How many fall in each hour; what is later is left out."""
        first = int(self.first.timestamp())
        places = ((instants.drop_nulls().dt.epoch("s") - first) // 3600).value_counts()
        found = dict(zip(places[places.columns[0]], places[places.columns[1]], strict=True))
        return [float(found.get(hour, 0)) for hour in range(self.hours)]


def timeline_content(days: Days) -> dict[str, Any]:
    """Rows of hourly figures on one axis, and each local day's sums."""
    clock = _clock(days)
    if clock is None:
        return {"rows": [], "days": [], "zone": "", "after": 0, "table": []}
    picked = clock.counts(days.table("journeys")["picked_up_at"])
    sorted_ = _sorted(days, clock)
    road = _on_the_road(days, clock)
    left = clock.counts(days.table("loads")["actual_departs_at"])
    out = days.told("out_for_delivery").join(days.table("parcels"), on="parcel_id", how="semi")
    delivered = days.table("parcels").filter(pl.col("final_state") == "delivered")["final_at"]
    opened = days.table("exceptions")["opened_at"]
    rows = [
        _row("Picked up", "parcels", picked, clock),
        _row("Sorted", "sorts", sorted_, clock, note="spread evenly over each wave"),
        _row("Loads departed", "loads", left, clock, tone="load"),
        _row("On the road between facilities", "parcels", road, clock, level=True, tone="road"),
        _row("Out for delivery", "parcels", clock.counts(out["occurred_at"]), clock, tone="door"),
        _row("Delivered", "parcels", clock.counts(delivered), clock, tone="door"),
        _row("Exceptions opened", "exceptions", clock.counts(opened), clock, tone="trouble"),
    ]
    ended = days.table("parcels")["final_at"]
    end = clock.first + clock.hours * HOUR
    return {
        "rows": rows,
        "hours": clock.hours,
        "days": _day_bands(clock),
        "labels": [clock.text(hour) for hour in range(clock.hours)],
        "zone": str(clock.zone).split("/")[-1].replace("_", " "),
        "abbreviation": f"{clock.at(0):%Z}",
        "after": int((ended >= end).sum()) + ended.null_count(),
        "ends": clock.text(clock.hours),
        "table": _by_day(rows, clock),
    }  # fmt: skip


def _clock(days: Days) -> _Clock | None:
    """From the first pick-up (else scan) to the hour when nearly all have ended."""
    picked, ended = days.table("journeys")["picked_up_at"].min(), days.table("parcels")["final_at"]
    last = ended.drop_nulls().sort()
    if not isinstance(picked, dt.datetime) or last.is_empty():
        return None
    until = last[min(int(MOST_ENDED * last.len()), last.len() - 1)]
    first = picked.replace(minute=0, second=0, microsecond=0)
    hours = min(max(int((until - first) // HOUR) + 1, 1), LONGEST_H)
    return _Clock(first, hours, ZoneInfo(_zone(days)))


def _zone(days: Days) -> str:
    """The zone in which most parcels start."""
    counts = Counter[str]()
    for place, parcels in days.table("parcels").group_by("origin_facility_id").len().iter_rows():
        counts[days.zone(place)] += parcels
    return min(counts, key=lambda zone: (-counts[zone], zone), default="UTC")


def _sorted(days: Days, clock: _Clock) -> list[float]:
    """What each wave sorted, over its hours."""
    started = days.told("wave_started").select(
        "facility_id", word("payload", "wave"), "occurred_at", begins="occurred_at"
    )
    ended = days.told("wave_ended").select(
        "facility_id",
        word("payload", "wave"),
        word("payload", "sorted").cast(pl.Float64, strict=False),
        "occurred_at",
    )
    waves = ended.sort("occurred_at").join_asof(
        started.sort("occurred_at"), on="occurred_at", by=["facility_id", "wave"],
        check_sortedness=False,
    )  # fmt: skip
    hours = [0.0] * clock.hours
    for ends, begins, parcels in waves.select("occurred_at", "begins", "sorted").iter_rows():
        starts = begins or ends - HOUR
        lasts = max((ends - starts) / HOUR, 1e-9)
        for hour in range(max(clock.place(starts), 0), min(clock.place(ends) + 1, clock.hours)):
            opens = clock.first + hour * HOUR
            shared = (min(ends, opens + HOUR) - max(starts, opens)) / HOUR
            hours[hour] += (parcels or 0.0) * max(shared, 0.0) / lasts
    return hours


def _on_the_road(days: Days, clock: _Clock) -> list[float]:
    """Parcels on a load at the end of each hour."""
    legs = days.table("legs").select("actual_departs_at", "actual_arrives_at")
    others = days.lived.tables.get("reroutes")
    rides = (
        legs
        if others is None
        else pl.concat([legs, others.select("actual_departs_at", "actual_arrives_at")])
    ).filter(pl.col("actual_departs_at").is_not_null())
    came = rides["actual_arrives_at"]
    moved = zip(clock.counts(rides["actual_departs_at"]), clock.counts(came), strict=True)
    level, levels = 0.0, list[float]()
    for departed, arrived in moved:
        level += departed - arrived
        levels.append(level)
    return levels


def _row(
    name: str,
    unit: str,
    values: Sequence[float],
    clock: _Clock,
    *,
    level: bool = False,
    note: str = "",
    tone: str = "",
) -> dict[str, Any]:
    peak = max(values, default=0.0)
    top = peak or 1.0
    at = values.index(peak) if peak else 0
    bars = "".join(
        f"M{hour + 0.5:g},40V{40 - 38 * value / top:.1f}"
        for hour, value in enumerate(values)
        if value > 0
    )
    when = clock.at(at)
    return {
        "name": name,
        "unit": unit,
        "bars": bars,
        "values": [round(value) for value in values],
        "level": level,
        "total": sum(values),
        "peak": peak,
        "peak_at": f"{when:%a} {when.day} {when:%b %H:%M}",
        "note": note,
        "tone": tone,
    }


def _day_bands(clock: _Clock) -> list[dict[str, Any]]:
    """Where each local day lies on the axis, per cent."""
    dates = [clock.at(hour).date() for hour in range(clock.hours)]
    bands: list[dict[str, Any]] = []
    for date in dict.fromkeys(dates):
        hours = [hour for hour, each in enumerate(dates) if each == date]
        bands.append(
            {
                "name": figures.day(date),
                "short": f"{date:%a} {date.day}",
                "weekday": f"{date:%a}",
                "start": hours[0],
                "hours": len(hours),
                "left": 100 * hours[0] / clock.hours,
                "width": 100 * len(hours) / clock.hours,
            }
        )
    return bands


def _by_day(rows: Sequence[dict[str, Any]], clock: _Clock) -> list[dict[str, Any]]:
    """Sums of each local day; of a level, its highest."""
    return [
        {
            "name": band["name"],
            "cells": [
                (max if row["level"] else sum)(
                    row["values"][band["start"] : band["start"] + band["hours"]]
                )
                for row in rows
            ],
        }
        for band in _day_bands(clock)
    ]
