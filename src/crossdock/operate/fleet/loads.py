"""A load as a trip that a driver may be asked to take."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from crossdock.comply.hos import RESTING, STATUSES, Segment
from crossdock.model.errors import NotFoundError
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.operate.fleet.trips import Trip, trip_of
from crossdock.operate.loads_now import loads_now
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView

ROAD_MPH = 50.0  # †
"""Speed on the road where no duty says how long a load is driven."""


@dataclass(frozen=True)
class LoadTrip:
    """A load that somebody may take.

    Attributes
    ----------
    state
        Of `LOADS_NOW`: one that ``departed``, ``arrived`` or is ``cancelled`` cannot be taken.
    begins_s
        When its first work begins, as it looks now; None: nobody knows when it leaves.
    assumption
        What was assumed of its driving; None: a duty is planned for it.
    """

    trip: Trip
    state: str
    begins_s: int | None
    assumption: str | None


def load_trip(
    present: Present, plan: PlanView, at: dt.datetime, load_id: str, driver_id: str
) -> LoadTrip:
    """The trip of a load for a driver: the driver's own part, else that of who begins first.

    Raises
    ------
    NotFoundError
        Neither the plan nor an event names it.
    """
    rows = loads_now(present, plan, at, load_ids=pl.Series([load_id])).filter(
        pl.col("load_id") == load_id
    )
    if rows.is_empty():
        raise NotFoundError(f"there is no load {load_id!r}", remedy="name a load of the day")
    load = rows.row(0, named=True)
    leaves = load["expected_departs_at"]
    seat = _seat(plan, load_id, driver_id)
    if seat:
        trip = trip_of(seat, load_id=load_id, vehicle_type=load["vehicle_type"])
        planned = load["departs_at"]
        later_s = 0 if leaves is None or planned is None else (leaves - planned).total_seconds()
        begins_s = _first_work_s(seat) + int(later_s)
        return LoadTrip(trip, load["state"], begins_s, None)
    drive_s, assumption = _driving(load["miles"], load["departs_at"], load["arrives_at"])
    trip = Trip(drive_s, 0, (), load_id, load["vehicle_type"])
    begins_s = None if leaves is None else int(leaves.timestamp())
    return LoadTrip(trip, load["state"], begins_s, assumption)


def _seat(plan: PlanView, load_id: str, driver_id: str) -> list[Segment]:
    """What one driver of the load does for it, as planned."""
    rows = plan.duties.filter(
        (pl.col("load_id") == load_id)
        & pl.col("activity").is_in(list(STATUSES))
        & pl.col("starts_at").is_not_null()
        & (pl.col("ends_at") > pl.col("starts_at"))
    )
    if rows.is_empty():
        return []
    own = (pl.col("driver_id") == driver_id).fill_null(value=False)
    first = rows.sort(own, "starts_at", "duty_id", descending=[True, False, False])
    seat = first["driver_id"][0]
    chosen = rows.filter(pl.col("driver_id").eq_missing(seat)).sort("starts_at", "ends_at")
    return [
        Segment(*each)
        for each in chosen.unique("starts_at", keep="first", maintain_order=True)
        .select("activity", pl.col("starts_at").dt.epoch("s"), pl.col("ends_at").dt.epoch("s"))
        .iter_rows()
    ]


def _first_work_s(seat: list[Segment]) -> int:
    return next((each.start_s for each in seat if each.activity not in RESTING), seat[0].start_s)


def _driving(
    miles: float | None, departs: dt.datetime | None, arrives: dt.datetime | None
) -> tuple[int, str]:
    """Driving of a load for which no duty is planned, and how that was come to."""
    if miles is not None:
        said = f"{miles:,.0f} miles at {ROAD_MPH:.0f} mph"
        return round(miles / ROAD_MPH * SECONDS_PER_HOUR), said
    if departs is not None and arrives is not None:
        return max(0, int((arrives - departs).total_seconds())), "all of its time on the road"
    return 0, "nothing says how long it is driven"
