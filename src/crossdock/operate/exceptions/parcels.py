"""What is wrong with a parcel: events that say so, promises that pass, silence, wrong places.

What closes each kind (beside the end of a parcel's way, which closes all of them, except that
``lost`` leaves `lost_suspected` and ``destroyed`` leaves `damage` open for the claim):

========================  ==========================================================
late                      delivery, or the clock against the promise stops
late_risk                 a forecast that keeps the promise, delivery, or it is late
no_scan                   the next event, or it is suspected lost
stalled_at_facility       the next event, or it is suspected lost
lost_suspected            the next event (after ``lost``: found, delivered, coming back)
missort                   a scan at a facility on the path, or with who delivers
damage                    delivery or return
address_issue             out for delivery, handed over, waiting at a counter
attempt_failed            delivery, waiting at a counter, on the way back
return_unplanned          back with the shipper
customs_hold              released, or any later movement
weather                   the next movement
missed_pickup             the first physical scan
========================  ==========================================================
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import polars as pl

from crossdock.model.event import PARCEL_STATUSES, TERMINAL_STATUSES
from crossdock.model.units import SECONDS_PER_HOUR
from crossdock.operate.exceptions.scene import (
    EVENT,
    NO_SPANS,
    OVER,
    Scene,
    iso,
    next_place,
    numbers,
    spans,
)
from crossdock.operate.tracking import STATUS_NAMES, Indices, Mask, Trail

_HOUR_US = SECONDS_PER_HOUR * 1_000_000
_WITH_DELIVERER = ("out_for_delivery", "handed_to_partner", "available_for_pickup")
_MOVES = ("picked_up", "arrived_facility", "departed_facility", *_WITH_DELIVERER)
_PHYSICAL = tuple(
    name
    for name, status in PARCEL_STATUSES.items()
    if status.group not in {"pre_transit", "unknown", "closed"}
)
_OPENED_BY = {
    "damaged": ("damage", tuple(name for name in TERMINAL_STATUSES if name != "destroyed")),
    "address_issue": ("address_issue", (*_WITH_DELIVERER, *TERMINAL_STATUSES)),
    "attempt_failed": ("attempt_failed", ("available_for_pickup", "returning", *TERMINAL_STATUSES)),
    "returning": ("return_unplanned", TERMINAL_STATUSES),
    "customs_hold": ("customs_hold", ("customs_released", *_MOVES, *TERMINAL_STATUSES)),
    "pickup_failed": ("missed_pickup", (*_PHYSICAL, "cancelled")),
    "lost": (
        "lost_suspected",
        ("arrived_facility", "delivered", "returning", "returned", "destroyed"),
    ),
}
"""Status event: the kind that it opens, the statuses that close it."""

_LONG_SILENT = frozenset(_PHYSICAL) - {
    *TERMINAL_STATUSES,
    "available_for_pickup",
    "held",
    "customs_hold",
    "address_issue",
}
"""Statuses in which silence for days means that a parcel may be lost."""


def parcel_spans(scene: Scene) -> list[pl.DataFrame]:
    """Spans of every kind whose subject is a parcel."""
    return [
        *(_told(scene, status) for status in _OPENED_BY),
        _weather(scene),
        _missorts(scene),
        *_silences(scene),
        _late(scene),
        _late_risks(scene),
        _missed_pickups(scene),
    ]


def _told(scene: Scene, status: str) -> pl.DataFrame:
    """Spans that an event of ``status`` opens."""
    kind, closed_by = _OPENED_BY[status]
    steps = scene.trail
    # Damage is told of a delivered parcel too; else what a parcel did not follow opens nothing.
    openers = np.flatnonzero(steps.are(status) & (steps.moved | steps.are("damaged")))
    return _from_places(scene, kind, openers, steps.moved & steps.are(*closed_by))


def _from_places(scene: Scene, kind: str, openers: Indices, closers: Mask) -> pl.DataFrame:
    """One span from the first of the ``openers`` to the next of the ``closers``."""
    if not len(openers):
        return NO_SPANS
    steps = scene.trail
    after = next_place(steps, openers, closers)
    columns = ("source", "source_event_id", "facility_id", "vehicle_id", "load_id", "route_id")
    told = pl.DataFrame(
        [
            *(steps.column(name, openers) for name in ("parcel_id", "at", *columns)),
            pl.Series("after", after),
            steps.column("at", after).alias("closed_at"),
        ]
    ).with_columns(event=EVENT)
    details = scene.of_kind(*PARCEL_STATUSES).select(
        "event", "reason", "owner", "attempt", "expected", "beyond_delivery", "carrier_id"
    )
    rows = (
        told.join(details, on="event", how="left", maintain_order="left")
        .group_by("parcel_id", "after", maintain_order=True)
        .agg(
            *(pl.col(name).drop_nulls().first() for name in (*columns[2:], "carrier_id", "owner")),
            *(pl.col(name).drop_nulls().last() for name in ("reason", "expected")),
            pl.col("beyond_delivery").fill_null(value=False).any(),
            pl.col("closed_at").first(),
            opened_at=pl.col("at").first(),
            times=pl.coalesce(pl.col("attempt").cast(pl.String), "event").n_unique(),
            events=pl.col("event"),
        )
    )
    raised = pl.lit(kind == "attempt_failed") & (pl.col("times") > 1)
    return spans(
        rows.with_columns(
            subject="parcel_id",
            first_event=pl.col("events").list.first(),
            numbers=numbers("times", "reason", "owner", "expected", "beyond_delivery"),
            severity=pl.when(raised).then(pl.lit("P1")),
        ),
        kind,
    )


def _weather(scene: Scene) -> pl.DataFrame:
    """Parcels that are delayed by weather, as their carrier says."""
    steps = scene.trail
    delayed = np.flatnonzero(steps.are("delayed") & steps.moved)
    if not len(delayed):
        return NO_SPANS
    told = scene.of_kind("delayed").filter(
        (pl.col("owner") == "weather") | pl.col("reason").str.contains("(?i)weather|storm|snow")
    )
    events = pl.DataFrame(
        [steps.column(name, delayed) for name in ("source", "source_event_id")]
    ).select(EVENT.alias("event"))["event"]
    by_weather = events.is_in(told["event"].implode()).to_numpy()
    return _from_places(
        scene, "weather", delayed[by_weather], steps.moved & steps.are(*_MOVES, *TERMINAL_STATUSES)
    )


def _missorts(scene: Scene) -> pl.DataFrame:
    """Parcels that were seen where their path does not lead and no re-route took them."""
    steps = scene.trail
    arrivals = steps.moved & steps.are("arrived_facility") & steps.present("facility_id")
    strayed = _off_path(scene, np.flatnonzero(arrivals))
    strayed = strayed[~_rerouted(scene, strayed)] if len(strayed) else strayed
    openers = np.union1d(strayed, np.flatnonzero(steps.are("missorted") & steps.moved))
    if not len(openers):
        return NO_SPANS
    concerned = np.zeros(len(steps.parcel_ids), dtype=np.bool_)
    concerned[steps.parcel[openers]] = True
    closers = arrivals | (steps.moved & steps.are("departed_facility"))
    closers &= concerned[steps.parcel]
    closers[_off_path(scene, np.flatnonzero(closers))] = False
    # The arrival that brought it to the wrong place is no cure.
    closers[openers] = False
    closers |= steps.moved & steps.are(*_WITH_DELIVERER, *OVER)
    return _from_places(scene, "missort", openers, closers)


def _off_path(scene: Scene, places: Indices) -> Indices:
    """Those of ``places`` at a facility that no plan names for the parcel; unplanned have none."""
    plan, steps = scene.plan, scene.trail
    if not len(places) or plan.parcels.is_empty():
        return places[:0]
    rows = pl.DataFrame(
        {
            "place": places,
            "parcel_id": steps.column("parcel_id", places),
            "facility_id": steps.column("facility_id", places),
        }
    )
    return (
        rows.join(plan.parcels.select("parcel_id"), on="parcel_id", how="semi")
        .join(plan.paths, on=["parcel_id", "facility_id"], how="anti")["place"]
        .sort()
        .to_numpy()
    )


def _rerouted(scene: Scene, places: Indices) -> Mask:
    """Which arrivals belong to a re-route, so that the place is meant.

    It rode a load that was added or sent elsewhere; or is on its way back; or rode another load
    than its own from there, after that one was cancelled or had left.
    """
    steps = scene.trail
    back = _before(steps, places, ("returning",)) >= 0
    left = _before(steps, places, ("departed_facility",))
    rows = pl.DataFrame(
        {
            "parcel_id": steps.column("parcel_id", places),
            "rode": steps.column("load_id", places),
            "from": steps.column("facility_id", left),
            "left_at": steps.column("at", left),
        }
    )
    changed = scene.of_kind("load_added", "command_divert")["load_id"].drop_nulls().unique()
    loads = scene.loads.select("load_id", "cancelled", own_departed_at="departed_at")
    own = scene.plan.legs.select("parcel_id", "from", "load_id").unique(
        ["parcel_id", "from"], keep="first", maintain_order=True
    )
    found = rows.join(own, on=["parcel_id", "from"], how="left", maintain_order="left").join(
        loads, on="load_id", how="left", maintain_order="left"
    )
    gone = pl.col("cancelled") | (pl.col("own_departed_at") < pl.col("left_at"))
    other = pl.col("rode").is_not_null() & (pl.col("rode") != pl.col("load_id"))
    rerouted = found.select(
        pl.col("rode").is_in(changed.implode()).fill_null(value=False)
        | (other & gone).fill_null(value=False)
    )
    return rerouted.to_series().to_numpy() | back


def _before(steps: Trail, places: Indices, statuses: tuple[str, ...]) -> Indices:
    """For each of ``places`` the last earlier event of its parcel with one of ``statuses``."""
    earlier = np.flatnonzero(steps.are(*statuses))
    found = np.searchsorted(earlier, places, side="left") - 1
    before = np.where(found >= 0, earlier[found] if len(earlier) else -1, -1)
    return np.where((before >= 0) & (steps.parcel[before] == steps.parcel[places]), before, -1)


def _silences(scene: Scene) -> list[pl.DataFrame]:
    """Parcels of which nothing was heard for too long: silent, stalled, suspected lost."""
    steps, rules = scene.trail, scene.rules
    count = len(steps.parcel)
    if not count:
        return []
    limits = np.full(len(STATUS_NAMES), np.inf)
    for status, hours in {**rules.silence_h, **rules.dwell_h}.items():
        limits[STATUS_NAMES.index(status)] = hours * _HOUR_US
    held = np.maximum.accumulate(np.where(steps.moved, np.arange(count), 0))
    status = steps.life[held]
    until = np.append(steps.at_us[1:], 0)
    is_last = np.append(steps.parcel[1:] != steps.parcel[:-1], [True])
    now_us = int(scene.at.timestamp() * 1_000_000)
    silence = np.where(is_last, now_us, until) - steps.at_us
    lost = np.array([name in _LONG_SILENT for name in STATUS_NAMES])
    limits = np.where(lost, np.minimum(limits, rules.lost_h * _HOUR_US), limits)
    places = np.flatnonzero(silence >= limits[status])
    if not len(places):
        return []
    rows = _with_next_step(scene, places, held).with_columns(
        status=pl.Series([STATUS_NAMES[life] for life in status[places]], dtype=pl.String),
        heard_at=steps.column("at", places),
        closed_at=pl.when(pl.Series(~is_last[places])).then(
            steps.column("at", np.minimum(places + 1, count - 1))
        ),
        limit=pl.Series(limits[status[places]]).cast(pl.Int64).cast(pl.Duration("us")),
    )
    grace = dt.timedelta(hours=rules.grace_h)
    rows = rows.with_columns(
        silent_at=pl.max_horizontal(
            pl.col("heard_at") + pl.col("limit"), pl.col("next_step_at") + grace
        ),
        lost_at=pl.when(pl.col("status").is_in(_LONG_SILENT)).then(
            pl.max_horizontal(
                pl.col("heard_at") + dt.timedelta(hours=rules.lost_h),
                pl.col("next_step_at") + grace,
            )
        ),
        subject="parcel_id",
        events=pl.concat_list("event"),
        first_event="event",
    ).with_columns(
        numbers=numbers("status", "heard", "next_step"),
    )
    stalls = pl.col("status").is_in(list(rules.dwell_h))
    quiet = rows.with_columns(
        opened_at="silent_at", closed_at=pl.min_horizontal("closed_at", "lost_at")
    ).filter((pl.col("opened_at") < pl.col("closed_at")).fill_null(value=True))
    gone = rows.with_columns(opened_at="lost_at").filter(
        pl.col("opened_at").is_not_null()
        & (pl.col("opened_at") < pl.col("closed_at")).fill_null(value=True)
    )
    return [
        spans(quiet.filter(~stalls), "no_scan"),
        spans(quiet.filter(stalls), "stalled_at_facility"),
        spans(gone, "lost_suspected"),
    ]


def _with_next_step(scene: Scene, places: Indices, held: Indices) -> pl.DataFrame:
    """The events ``places`` with the planned time of the parcel's next step, as far as known."""
    steps, plan = scene.trail, scene.plan
    columns = ("parcel_id", "facility_id", "load_id", "route_id", "vehicle_id", "carrier_id", "at")
    rows = pl.DataFrame(
        [
            *(steps.column(name, held[places]) for name in columns),
            *(steps.column(name, places) for name in ("source", "source_event_id")),
        ]
    ).with_columns(event=EVENT)
    loads = scene.loads.select(
        "load_id", comes_at=pl.max_horizontal("arrives_at", "expected_at")
    ).unique("load_id", keep="first")
    found = rows.join(
        plan.next_steps, on=["parcel_id", "facility_id"], how="left", maintain_order="left"
    ).join(loads, on="load_id", how="left", maintain_order="left")
    left = pl.Series(steps.are("departed_facility")[held[places]])
    waiting = pl.Series(steps.are(*scene.rules.dwell_h)[held[places]])
    return found.with_columns(
        next_step_at=pl.when(left).then("comes_at").when(waiting).then("leaves_at")
    ).with_columns(heard=iso("at"), next_step=iso("next_step_at"))


def _late(scene: Scene) -> pl.DataFrame:
    """Promises that passed before the parcel's way was over."""
    promised = scene.plan.parcels.filter(pl.col("promised_at") <= scene.at)
    if promised.is_empty():
        return NO_SPANS
    steps = scene.trail
    last = steps.last(np.ones_like(steps.moved))
    ends = steps.first(steps.moved & steps.are(*OVER))
    known = pl.DataFrame(
        {
            "parcel_id": steps.parcel_ids,
            "ended_at": steps.column("at", ends),
            "source": steps.column("source", last),
            "source_event_id": steps.column("source_event_id", last),
        }
    )
    rows = (
        promised.join(known, on="parcel_id", how="left", maintain_order="left")
        .filter((pl.col("ended_at") > pl.col("promised_at")).fill_null(value=True))
        .with_columns(
            subject="parcel_id",
            opened_at="promised_at",
            closed_at="ended_at",
            first_event=pl.lit("plan"),
            events=pl.concat_list(EVENT).list.drop_nulls(),
            promised=iso("promised_at"),
            delivered=iso("ended_at"),
        )
        .with_columns(numbers=numbers("promised", "delivered"), carrier_id=pl.lit(None))
    )
    return spans(rows, "late")


def _late_risks(scene: Scene) -> pl.DataFrame:
    """Runs of forecasts that break the promise, until one keeps it, or it passes, or it is over."""
    if scene.etas is None or scene.etas.is_empty():
        return NO_SPANS
    steps = scene.trail
    ends = pl.DataFrame(
        {
            "parcel_id": steps.parcel_ids,
            "ended_at": steps.column("at", steps.first(steps.moved & steps.are(*OVER))),
        }
    )
    made = (
        scene.etas.filter(pl.col("made_at") <= scene.at)
        .sort("parcel_id", "made_at", "eta_p80", "eta_p50")
        .unique(["parcel_id", "made_at"], keep="last", maintain_order=True)
        .join(
            scene.plan.parcels.select("parcel_id", "promised_at"),
            on="parcel_id",
            maintain_order="left",
        )
        .filter(pl.col("made_at") < pl.col("promised_at"))
        .join(ends, on="parcel_id", how="left", maintain_order="left")
        .filter((pl.col("made_at") < pl.col("ended_at")).fill_null(value=True))
        .with_columns(risky=(pl.col("eta_p80") > pl.col("promised_at")).fill_null(value=False))
        .with_columns(run=(~pl.col("risky")).cum_sum().over("parcel_id"))
        .with_columns(
            cured_at=pl.when(~pl.col("risky")).then("made_at").shift(-1).over("parcel_id")
        )
    )
    rows = (
        made.filter("risky")
        .group_by("parcel_id", "run", maintain_order=True)
        .agg(
            pl.col("promised_at", "ended_at").first(),
            pl.col("eta_p50", "eta_p80").last(),
            pl.col("cured_at").last(),
            opened_at=pl.col("made_at").first(),
        )
        .with_columns(
            subject="parcel_id",
            closed_at=pl.min_horizontal("cured_at", "promised_at", "ended_at"),
            first_event=pl.format("forecast/{}", iso("opened_at")),
            severity=pl.when(
                ~(pl.col("eta_p50") > pl.col("promised_at")).fill_null(value=False)
            ).then(pl.lit("P3")),
            events=pl.lit([], dtype=pl.List(pl.String)),
            promised=iso("promised_at"),
            p50=iso("eta_p50"),
            p80=iso("eta_p80"),
        )
        .with_columns(numbers=numbers("promised", "p50", "p80"))
    )
    return spans(rows, "late_risk")


def _missed_pickups(scene: Scene) -> pl.DataFrame:
    """Parcels without a physical scan after their planned first departure."""
    steps, plan = scene.trail, scene.plan
    if plan.first_steps.is_empty():
        return NO_SPANS
    physical = steps.first(steps.moved & steps.are(*_PHYSICAL, "cancelled"))
    scans = pl.DataFrame(
        {"parcel_id": steps.parcel_ids, "scanned_at": steps.column("at", physical)}
    )
    grace = dt.timedelta(hours=scene.rules.pickup_grace_h)
    rows = (
        plan.parcels.select("parcel_id", "merchant_id", facility_id="origin_facility_id")
        .join(plan.first_steps, on="parcel_id", maintain_order="left")
        .with_columns(opened_at=pl.col("leaves_at") + grace)
        .filter(pl.col("opened_at") <= scene.at)
        .join(scans, on="parcel_id", how="left", maintain_order="left")
        .filter((pl.col("scanned_at") > pl.col("opened_at")).fill_null(value=True))
        .with_columns(
            subject="parcel_id",
            closed_at="scanned_at",
            first_event=pl.lit("plan"),
            events=pl.lit([], dtype=pl.List(pl.String)),
            left=iso("leaves_at"),
        )
        .with_columns(numbers=numbers("left", "merchant_id"))
    )
    return spans(rows, "missed_pickup")
