"""Exceptions at an instant: every span that has begun, with what it puts at risk."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence

import polars as pl

from crossdock.model.event import EXCEPTION_KINDS
from crossdock.model.ids import Prefix
from crossdock.model.tables import INSTANT, Schema, conform
from crossdock.operate.exceptions.network import network_spans
from crossdock.operate.exceptions.parcels import parcel_spans
from crossdock.operate.exceptions.rules import Rules
from crossdock.operate.exceptions.scene import OVER, Scene, one_open_each
from crossdock.operate.exceptions.state import ExceptionState
from crossdock.operate.tracking import PlanView, TrackingState, last_ride

OPERATED_EXCEPTIONS: Schema = {
    "exception_id": pl.String,
    "kind": pl.String,
    "severity": pl.String,
    "subject": pl.String,
    "parcel_id": pl.String,
    "load_id": pl.String,
    "route_id": pl.String,
    "vehicle_id": pl.String,
    "facility_id": pl.String,
    "carrier_id": pl.String,
    "owner": pl.String,
    "opened_at": INSTANT,
    "closed_at": INSTANT,
    "evidence": pl.String,
    "promises_at_risk": pl.Int64,
    "money_at_risk_usd": pl.Float64,
}
"""``evidence``: JSON, ``events`` as ``source/source_event_id`` and the ``numbers`` that led to it.
``owner``: who answers for it, where an event said so. For a parcel, load, route, facility and
carrier are where it is at the instant, else what the event named."""

_LOSS = ("damage", "lost_suspected")


def exception_history(
    state: ExceptionState,
    tracking: TrackingState,
    plan: PlanView,
    at: dt.datetime,
    *,
    rules: Rules | None = None,
    etas: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """`OPERATED_EXCEPTIONS` that opened until ``at``, sorted by opening, kind and subject.

    The rows depend on the set of events up to ``at`` (event time), not on their order or batches.

    Parameters
    ----------
    etas
        Forecasts ``parcel_id, eta_p50, eta_p80, made_at``, the newest or all of each parcel.
        Without them, nothing is at risk of being late.
    """
    scene = Scene(state, tracking, plan, at, rules or Rules(), etas)
    return _told(scene, [*parcel_spans(scene), *network_spans(scene)])


def parcel_exception_history(
    state: ExceptionState,
    tracking: TrackingState,
    plan: PlanView,
    at: dt.datetime,
    *,
    rules: Rules | None = None,
    etas: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The rows of `exception_history` whose subject is a parcel.

    They depend on nothing but their parcel, so that states and a plan of some parcels alone give
    the rows of those.
    """
    scene = Scene(state, tracking, plan, at, rules or Rules(), etas)
    return _told(scene, parcel_spans(scene))


def _told(scene: Scene, spans: Sequence[pl.DataFrame]) -> pl.DataFrame:
    found = [rows for rows in spans if not rows.is_empty()]
    if not found:
        return pl.DataFrame(schema=dict(OPERATED_EXCEPTIONS))
    begun = scene.clipped(one_open_each(found))
    placed = _where_parcels_are(scene, begun)
    risked = _at_risk(scene, placed)
    defaults = {name: kind.severity for name, kind in EXCEPTION_KINDS.items()}
    rows = risked.with_columns(
        exception_id=pl.Series(
            [
                exception_id(*key)
                for key in risked.select("subject", "kind", "first_event").iter_rows()
            ],
            dtype=pl.String,
        ),
        severity=pl.coalesce("severity", pl.col("kind").replace_strict(defaults, default="P2")),
        evidence=pl.concat_str(
            pl.struct(_or_none("events")).struct.json_encode().str.strip_suffix("}"),
            pl.lit(',"numbers":'),
            pl.col("numbers").fill_null("{}"),
            pl.lit("}"),
        ),
    )
    return conform(rows, OPERATED_EXCEPTIONS).sort("opened_at", "kind", "subject")


def open_exceptions(
    state: ExceptionState,
    tracking: TrackingState,
    plan: PlanView,
    at: dt.datetime,
    *,
    rules: Rules | None = None,
    etas: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """The rows of `exception_history` that are open at ``at``: one a subject and kind."""
    rows = exception_history(state, tracking, plan, at, rules=rules, etas=etas)
    return rows.filter(pl.col("closed_at").is_null())


def exception_id(subject: str, kind: str, first_event: str) -> str:
    """Stable id of what first showed that ``kind`` is wrong with ``subject``."""
    told = "\x1f".join((subject, kind, first_event)).encode()
    return f"{Prefix.EXCEPTION.value}-{hashlib.blake2b(told, digest_size=8).hexdigest()}"


def _or_none(column: str) -> pl.Expr:
    return pl.col(column).fill_null(pl.lit([], pl.List(pl.String)))


def _where_parcels_are(scene: Scene, rows: pl.DataFrame) -> pl.DataFrame:
    """Load, route, facility and carrier of a parcel's open exception: where the parcel is."""
    steps = scene.trail
    held = scene.held
    place = pl.DataFrame(
        {
            "parcel_id": steps.parcel_ids,
            "holder": held.kinds,
            "holder_id": held.ids,
            "ridden": steps.column("load_id", last_ride(steps)),
        }
    )
    own = (pl.col("subject") == pl.col("parcel_id")) & pl.col("closed_at").is_null()

    def held_by(kind: str) -> pl.Expr:
        return pl.when(own & (pl.col("holder") == kind)).then("holder_id")

    partners = scene.plan.handoffs.select("parcel_id", entered="facility_id").unique(
        "parcel_id", keep="first", maintain_order=True
    )
    with_partner = own & (pl.col("holder") == "partner")
    return (
        rows.join(place, on="parcel_id", how="left", maintain_order="left")
        .join(partners, on="parcel_id", how="left", maintain_order="left")
        .with_columns(
            load_id=pl.coalesce(held_by("load"), "load_id", pl.when(own).then("ridden")),
            route_id=pl.coalesce(held_by("route"), "route_id"),
            facility_id=pl.when(own & (pl.col("holder") == "load"))
            .then(None)
            .otherwise(
                pl.coalesce(
                    held_by("facility"), pl.when(with_partner).then("entered"), "facility_id"
                )
            ),
            carrier_id=pl.coalesce(held_by("partner"), "carrier_id"),
        )
    )


def _at_risk(scene: Scene, rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with the promises and the money at risk.

    A parcel's own exception risks its promise while its clock runs, and the price of lateness,
    or its declared value where it may be lost or damaged. Another subject's risks the promises
    of the parcels on its load or route, at its facility for a wave.
    """
    steps = scene.trail
    over = pl.DataFrame(
        {
            "parcel_id": steps.parcel_ids,
            "over": steps.first(steps.moved & steps.are(*OVER)) >= 0,
        }
    )
    parcels = (
        scene.plan.parcels.select("parcel_id", "declared_value_usd", "promised_at")
        .unique("parcel_id", keep="first", maintain_order=True)
        .join(over, on="parcel_id", how="left", maintain_order="left")
        .select(
            "parcel_id",
            "declared_value_usd",
            running=pl.col("promised_at").is_not_null() & ~pl.col("over").fill_null(value=False),
        )
    )
    running = parcels.filter("running").select("parcel_id")
    held = scene.held
    at_hand = pl.DataFrame({"parcel_id": steps.parcel_ids, "holder": held.kinds, "thing": held.ids})

    def carried(holder: str, planned: pl.DataFrame) -> pl.DataFrame:
        carriers = pl.concat(
            [
                planned.select("parcel_id", thing=f"{holder}_id"),
                at_hand.filter(pl.col("holder") == holder).select("parcel_id", "thing"),
            ]
        )
        return (
            carriers.filter(pl.col("thing").is_in(rows[f"{holder}_id"].drop_nulls().implode()))
            .unique()
            .join(running, on="parcel_id", how="semi")
            .group_by(pl.col("thing").alias(f"{holder}_id"))
            .agg(pl.len().alias(f"on_{holder}"))
        )

    nobody = pl.DataFrame(schema={"parcel_id": pl.String, "facility_id": pl.String})
    is_parcel = (pl.col("subject") == pl.col("parcel_id")).fill_null(value=False)
    is_code = pl.col("kind") == "unmapped_code"
    promises = (
        pl.when(is_code)
        .then(0)
        .when(is_parcel)
        .then(pl.col("running").fill_null(value=False).cast(pl.Int64))
        .otherwise(pl.coalesce("on_load", "on_route", "on_facility", 0))
    )
    value = pl.col("declared_value_usd").fill_null(0.0)
    return (
        rows.join(parcels, on="parcel_id", how="left", maintain_order="left")
        .join(carried("load", scene.plan.legs), on="load_id", how="left", maintain_order="left")
        .join(carried("route", scene.plan.routes), on="route_id", how="left", maintain_order="left")
        .join(carried("facility", nobody), on="facility_id", how="left", maintain_order="left")
        .with_columns(promises_at_risk=promises.cast(pl.Int64))
        .with_columns(
            money_at_risk_usd=pl.when(pl.col("kind").is_in(_LOSS) & is_parcel)
            .then(value)
            .when(pl.col("kind") == "late")
            .then(pl.lit(scene.rules.late_usd))
            .otherwise(pl.col("promises_at_risk") * scene.rules.late_usd)
        )
    )
