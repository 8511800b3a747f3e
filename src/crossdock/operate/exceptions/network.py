"""What is wrong with a load, vehicle, facility, driver, carrier's code.

What closes each kind:

========================  ==========================================================
vehicle_breakdown         ``vehicle_up`` of the vehicle
missed_cutoff             load: the wave that took it in the end is over;
                          partner: the next window has begun
capacity_shortfall        load: the last parcel that stayed has moved; wave: the next
                          one left nothing; planned: the parcel's first departure
tender_rejected           a carrier accepted
weather                   the load came in or was cancelled
hos_risk                  rest, the end of the load, or the rest of the way fits again
unmapped_code             nothing: a mapping is a change of data
========================  ==========================================================
"""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import polars as pl

from crossdock.comply.hos import DRIVING, RESTING, US_70_8, DutyLog
from crossdock.operate.exceptions.scene import (
    EVENT,
    SPANS,
    Scene,
    iso,
    numbers,
    spans,
)
from crossdock.operate.tracking import DutyRow, Indices, by_driver, duty_segments

_NO_EVENTS = pl.lit([], dtype=pl.List(pl.String))


def network_spans(scene: Scene) -> list[pl.DataFrame]:
    """Spans of every kind whose subject is no parcel, and of planned shortfalls."""
    return [
        _breakdowns(scene),
        _missed_cutoffs(scene),
        _missed_windows(scene),
        _planned_shortfalls(scene),
        _left_behind(scene),
        _left_in_sort(scene),
        _rejected_tenders(scene),
        _weather_on_loads(scene),
        _hos_risks(scene),
        _unmapped_codes(scene),
    ]


def _paired(rows: pl.DataFrame, subject: str, opens: str) -> pl.DataFrame:
    """``rows`` in time order, as spans from the first ``opens`` to the next event that is not.

    Each row is an opener (kind ``opens``) or a closer of its ``subject``.
    """
    is_opener = pl.col("kind") == opens
    return (
        rows.with_columns(run=(~is_opener).cum_sum().over(subject))
        .with_columns(
            ends_at=pl.when(~is_opener).then("at").backward_fill().over(subject),
        )
        .filter(is_opener)
        .group_by(subject, "run", maintain_order=True)
        .agg(
            *(
                pl.col(name).drop_nulls().first()
                for name in (
                    "parcel_id",
                    "load_id",
                    "route_id",
                    "vehicle_id",
                    "facility_id",
                    "carrier_id",
                    "owner",
                )
                if name != subject
            ),
            pl.col("reason").drop_nulls().last(),
            pl.col("wave", "left").last(),
            opened_at=pl.col("at").first(),
            closed_at=pl.col("ends_at").first(),
            events=pl.col("event"),
        )
        .with_columns(
            subject=pl.col(subject),
            first_event=pl.col("events").list.first(),
            numbers=numbers("reason", "owner", "wave", "left"),
        )
    )


def _breakdowns(scene: Scene) -> pl.DataFrame:
    rows = scene.of_kind("vehicle_down", "vehicle_up").filter(pl.col("vehicle_id").is_not_null())
    return spans(_paired(rows, "vehicle_id", "vehicle_down"), "vehicle_breakdown")


def _rejected_tenders(scene: Scene) -> pl.DataFrame:
    rows = scene.of_kind("tender_rejected", "tender_accepted").filter(
        pl.col("load_id").is_not_null()
    )
    return spans(_paired(rows, "load_id", "tender_rejected"), "tender_rejected")


def _weather_on_loads(scene: Scene) -> pl.DataFrame:
    """Loads that are held up by weather; they close where the load comes in."""
    by_weather = (pl.col("owner") == "weather") | pl.col("reason").str.contains(
        "(?i)weather|storm|snow"
    )
    rows = (
        scene.of_kind("load_delayed")
        .filter(by_weather & pl.col("load_id").is_not_null())
        .group_by("load_id", maintain_order=True)
        .agg(
            pl.col("reason").drop_nulls().last(),
            pl.col("expected_at").drop_nulls().last().alias("said_at"),
            opened_at=pl.col("at").first(),
            events=pl.col("event"),
        )
        .join(scene.loads, on="load_id", how="left", maintain_order="left")
        .with_columns(
            subject="load_id",
            closed_at=pl.col("arrived_at"),
            facility_id="to",
            owner=pl.lit("weather"),
            first_event=pl.col("events").list.first(),
            expected=iso("said_at"),
        )
        .filter(~pl.col("cancelled").fill_null(value=False))
        .with_columns(numbers=numbers("reason", "expected"))
    )
    return spans(rows, "weather")


def _missed_cutoffs(scene: Scene) -> pl.DataFrame:
    """Loads with parcels that departed and were not in by the cut-off of the wave they meet."""
    plan = scene.plan
    cutoffs = plan.waves.select("inbound_cutoff_at", "ends_at", "wave", to="facility_id").sort(
        "inbound_cutoff_at"
    )
    carries = plan.legs["load_id"].unique()
    loads = (
        scene.loads.filter(
            pl.col("load_id").is_in(carries.implode())
            & pl.col("departed_at").is_not_null()
            & pl.col("arrives_at").is_not_null()
        )
        .sort("arrives_at")
        .join_asof(
            cutoffs,
            left_on="arrives_at",
            right_on="inbound_cutoff_at",
            by="to",
            strategy="forward",
            check_sortedness=False,
        )
        .filter(
            (pl.col("inbound_cutoff_at") <= scene.at)
            & (pl.col("arrived_at") > pl.col("inbound_cutoff_at")).fill_null(value=True)
        )
    )
    taken = (
        loads.filter(pl.col("arrived_at").is_not_null())
        .select("load_id", "to", "arrived_at")
        .sort("arrived_at")
    )
    planned = taken.join_asof(
        cutoffs.select("inbound_cutoff_at", "to", next_ends_at="ends_at"),
        left_on="arrived_at",
        right_on="inbound_cutoff_at",
        by="to",
        strategy="forward",
        check_sortedness=False,
    )
    ended = (
        scene.of_kind("wave_ended")
        .select("at", to="facility_id")
        .sort("at")
        .with_columns(wave_over_at="at")
    )
    closings = planned.join_asof(
        ended,
        left_on="arrived_at",
        right_on="at",
        by="to",
        strategy="forward",
        check_sortedness=False,
    ).select("load_id", closed_at=pl.coalesce("wave_over_at", "next_ends_at"))
    arrival = scene.tracking.load_events.whole.filter(
        (pl.col("kind") == "load_arrived") & (pl.col("at") <= scene.at)
    )
    arrival = (
        arrival.sort("at", "source", "source_event_id")
        .group_by("load_id", maintain_order=True)
        .agg(events=EVENT.first().implode())
    )
    rows = (
        loads.join(closings, on="load_id", how="left")
        .join(arrival, on="load_id", how="left")
        .with_columns(
            subject="load_id",
            opened_at="inbound_cutoff_at",
            facility_id="to",
            first_event=pl.lit("plan"),
            events=pl.col("events").fill_null(_NO_EVENTS),
            cutoff=iso("inbound_cutoff_at"),
            arrived=iso("arrived_at"),
            planned=iso("arrives_at"),
        )
        .with_columns(numbers=numbers("wave", "cutoff", "planned", "arrived"))
    )
    return spans(rows, "missed_cutoff")


def _missed_windows(scene: Scene) -> pl.DataFrame:
    """Appointments with a partner that were missed, until the next window."""
    rows = (
        scene.of_kind("handoff_missed")
        .filter(pl.col("facility_id").is_not_null())
        .with_columns(
            subject=pl.concat_str(
                "facility_id", pl.col("carrier_id").fill_null("partner"), separator="/"
            ),
            opened_at="at",
            closed_at="next_at",
            first_event="event",
            events=pl.concat_list("event"),
            next=iso("next_at"),
        )
        .with_columns(numbers=numbers("reason", "parcels", "next"))
    )
    return spans(rows, "missed_cutoff")


def _planned_shortfalls(scene: Scene) -> pl.DataFrame:
    """Parcels that the plan itself says nobody can take, until they leave the facility."""
    steps = scene.trail
    left = steps.first(
        steps.moved
        & steps.are("departed_facility", "handed_to_partner", "out_for_delivery", "delivered",
                    "returned", "lost", "destroyed", "cancelled")
    )  # fmt: skip
    gone = pl.DataFrame({"parcel_id": steps.parcel_ids, "closed_at": steps.column("at", left)})
    rows = (
        scene.plan.exceptions.filter(pl.col("kind") == "capacity_shortfall")
        .select("exception_id", "subject", "parcel_id", "facility_id", "opened_at", "evidence")
        .join(gone, on="parcel_id", how="left", maintain_order="left")
        .filter((pl.col("closed_at") > pl.col("opened_at")).fill_null(value=True))
        .with_columns(
            first_event=pl.format("plan/{}", "exception_id"),
            events=_NO_EVENTS,
            reason="evidence",
        )
        .with_columns(numbers=numbers("reason"))
    )
    return spans(rows, "capacity_shortfall")


def _left_behind(scene: Scene) -> pl.DataFrame:
    """Loads that departed while parcels of theirs stood at the dock and did not move."""
    grace = dt.timedelta(hours=scene.rules.left_grace_h)
    loads = scene.loads.filter(pl.col("departed_at") + grace <= scene.at).select(
        "load_id", "departed_at", "to"
    )
    steps = scene.trail
    came = np.flatnonzero(steps.moved & steps.are("arrived_facility", "picked_up"))
    stays = pl.DataFrame(
        {
            "parcel_id": steps.column("parcel_id", came),
            "from": steps.column("facility_id", came),
            "came_at": steps.column("at", came),
            "next_at": _next_move(scene, came),
        }
    )
    planned = scene.plan.legs.select("parcel_id", "from", "load_id").join(loads, on="load_id")
    rows = (
        planned.join(stays, on=["parcel_id", "from"])
        .filter(
            (pl.col("came_at") <= pl.col("departed_at"))
            & (pl.col("next_at") > pl.col("departed_at") + grace).fill_null(value=True)
        )
        .unique(["load_id", "parcel_id"], keep="any")
        .sort("load_id", "parcel_id")
        .group_by("load_id", maintain_order=True)
        .agg(
            pl.col("from").first(),
            opened_at=pl.col("departed_at").first() + grace,
            closed_at=pl.when(pl.col("next_at").is_not_null().all()).then(pl.col("next_at").max()),
            left=pl.len(),
            first_parcels=pl.col("parcel_id").head(10).str.join(";"),
            departed=iso("departed_at").first(),
        )
        .with_columns(
            subject="load_id", facility_id="from", first_event=pl.lit("plan"), events=_NO_EVENTS
        )
        .with_columns(numbers=numbers("left", "departed", "first_parcels"))
    )
    return spans(rows, "capacity_shortfall")


def _next_move(scene: Scene, places: Indices) -> pl.Series:
    """When the parcel of each event was heard of next."""
    steps = scene.trail
    following = np.minimum(places + 1, len(steps.parcel) - 1)
    same = (following > places) & (steps.parcel[following] == steps.parcel[places])
    return steps.column("at", np.where(same, following, -1))


def _left_in_sort(scene: Scene) -> pl.DataFrame:
    """Facilities whose wave left parcels unsorted, until a wave leaves none."""
    rows = scene.of_kind("wave_ended").filter(
        pl.col("facility_id").is_not_null() & pl.col("left").is_not_null()
    )
    rows = rows.with_columns(
        kind=pl.when(pl.col("left") > 0).then(pl.lit("short")).otherwise(pl.lit("clear"))
    )
    return spans(_paired(rows, "facility_id", "short"), "capacity_shortfall")


def _unmapped_codes(scene: Scene) -> pl.DataFrame:
    """Kinds that nobody published and codes without a mapping, each once, counted."""
    unknown = scene.evidence.filter(~pl.col("known") | (pl.col("kind") == "unknown"))
    rows = (
        unknown.with_columns(
            subject=pl.concat_str(
                "source",
                pl.when(pl.col("known"))
                .then(pl.coalesce("code", "reason", "kind"))
                .otherwise("kind"),
                separator="/",
            )
        )
        .group_by("subject", maintain_order=True)
        .agg(
            pl.col("parcel_id", "facility_id", "vehicle_id").drop_nulls().first(),
            pl.col("event").first().alias("first_event"),
            opened_at=pl.col("at").first(),
            times=pl.len(),
            events=pl.col("event").head(10),
        )
        .with_columns(numbers=numbers("times"))
    )
    return spans(rows, "unmapped_code")


def _hos_risks(scene: Scene) -> pl.DataFrame:
    """Drivers whose hours (11 and 14 h limits) are below the driving still to do in the duty.

    Still to do: the planned driving of the load that the driver is on, up to the next planned
    rest of 10 hours, without what was driven for it. While driving, both shrink alike; what eats
    the margin is waiting and work, so the instant at which it is used up is exact.
    """
    planned = _planned_driving(scene)
    found: list[dict[str, object]] = []
    if planned:
        for driver_id, segments in by_driver(duty_segments(scene.tracking, scene.at)):
            found += _driver_risks(driver_id, segments, planned, scene.at)
    return spans(pl.DataFrame(found, schema={**SPANS, "driver_id": pl.String}), "hos_risk")


def _planned_driving(scene: Scene) -> dict[tuple[str, str], list[int]]:
    """Driving seconds of each driver and load, one figure for each stretch between 10 h rests."""
    stretches: dict[tuple[str, str], list[int]] = {}
    duties = scene.plan.duties.filter(
        pl.col("driver_id").is_not_null() & pl.col("load_id").is_not_null()
    ).sort("driver_id", "load_id", "starts_at")
    resting_s = 0
    for driver_id, load_id, activity, starts_at, ends_at in duties.select(
        "driver_id", "load_id", "activity", "starts_at", "ends_at"
    ).iter_rows():
        drives = stretches.setdefault((driver_id, load_id), [0])
        seconds = int((ends_at - starts_at).total_seconds())
        if drives == [0]:
            resting_s = 0
        if activity in RESTING:
            resting_s += seconds
            if resting_s >= US_70_8.reset_s and drives[-1]:
                drives.append(0)
        else:
            resting_s = 0
            drives[-1] += seconds if activity == DRIVING else 0
    return stretches


def _driver_risks(
    driver_id: str,
    segments: list[DutyRow],
    planned: dict[tuple[str, str], list[int]],
    at: dt.datetime,
) -> list[dict[str, object]]:
    """The risks of one driver.

    Every driver's whole day is folded again at each look at the network, so the cheap `DutyLog`
    counts here: 11 and 14 hours, of one who was rested before the first event. The hours that the
    fleet and the board show know the cycle and splits too.
    """
    log = DutyLog(int(segments[0][1].timestamp()))
    driven_s: dict[str, int] = {}
    rested: dict[str, int] = {}
    found: list[dict[str, object]] = []
    load_id: str | None = None
    for activity, starts_at, ends_at, named, _ in segments:
        if named is not None:
            load_id = named
        until = at if ends_at is None else ends_at
        seconds = int(until.timestamp()) - log.now_s
        stretches = planned.get((driver_id, load_id or ""), [])
        index = min(rested.get(load_id or "", 0), len(stretches) - 1)
        if activity not in RESTING and stretches:
            to_drive_s = max(0, stretches[index] - driven_s.get(load_id or "", 0))
            margin_s = log.driving_left_s - to_drive_s
            # Driving takes from both alike; work and waiting take from the hours alone.
            waits_s = 0 if margin_s < 0 else _until_short(log, to_drive_s)
            waits = activity != DRIVING and waits_s < seconds
            if to_drive_s > 0 and (margin_s < 0 or waits):
                opened_at = starts_at + dt.timedelta(seconds=waits_s)
                found.append(
                    _risk(driver_id, load_id or "", opened_at, ends_at, to_drive_s, log, waits_s)
                )
        log.add(activity, seconds)
        if activity == DRIVING and load_id:
            driven_s[load_id] = driven_s.get(load_id, 0) + max(0, seconds)
        if log.fresh and load_id and driven_s.get(load_id):
            rested[load_id] = rested.get(load_id, 0) + 1
            driven_s[load_id] = 0
    return found


def _until_short(log: DutyLog, to_drive_s: int) -> int:
    """Seconds of work or waiting after which the 14 h window no longer holds the driving."""
    opened_s = log.now_s if log.window_opened_s is None else log.window_opened_s
    return max(0, opened_s + log.rules.window_s - log.now_s - to_drive_s)


def _risk(
    driver_id: str,
    load_id: str,
    opened_at: dt.datetime,
    ends_at: dt.datetime | None,
    to_drive_s: int,
    log: DutyLog,
    waits_s: int,
) -> dict[str, object]:
    left_s = log.driving_left_s
    return {
        "subject": driver_id,
        "driver_id": driver_id,
        "load_id": load_id,
        "opened_at": opened_at,
        "closed_at": ends_at,
        "first_event": f"{load_id}/{opened_at.isoformat()}",
        "events": [],
        "numbers": json.dumps(
            {"to_drive_s": to_drive_s, "driving_left_s": left_s, "waits_s": waits_s}
        ),
    }
