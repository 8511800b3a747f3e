"""Open exceptions that share a cause, as one incident.

Looked for in this order; an exception goes with the first cause that it shares with another:

1. weather: a carrier or an event said so, or its load is held up by it: one region and day (UTC);
2. load: it is in trouble itself (no vehicle, late for its cut-off), and the exception is its own,
   its vehicle's or driver's, or that of a parcel that rides it or rode it last;
3. vehicle: it is down on a route, with what is on the route;
4. facility: it is dead (`dead_facilities`), with all that stands there or was left there;
5. partner: its entry facility, with what it holds;
6. merchant: the facility that it ships from, for pick-ups.

What shares no cause is an incident of its own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator

import polars as pl

from crossdock.model.tables import INSTANT, Schema, conform
from crossdock.operate.exceptions.rules import Rules
from crossdock.operate.readings import LIFE
from crossdock.operate.tracking import PlanView, TrackingState

INCIDENTS: Schema = {
    "incident_id": pl.String,
    "cause": pl.String,
    "subject": pl.String,
    "facility_id": pl.String,
    "severity": pl.String,
    "opened_at": INSTANT,
    "exceptions": pl.Int64,
    "parcels": pl.Int64,
    "kinds": pl.String,
    "promises_at_risk": pl.Int64,
    "money_at_risk_usd": pl.Float64,
}
"""``cause``: weather, load, vehicle, facility, partner, merchant, or single; ``subject``: what it
is about. Promises and money count a parcel once, at its dearest; where a load, route or facility
among the members names more of them, its figure."""

MANY_PROMISES, MASSES_OF_PROMISES = 100, 1_000
"""An incident with this many promises at risk is P1, P0 †."""

_OWN_FAULTS = ("damage", "address_issue", "attempt_failed", "return_unplanned", "missort",
               "customs_hold", "unmapped_code")  # fmt: skip
"""Kinds whose cause lies in the parcel or the code itself."""

_LOAD_TROUBLE = ("missed_cutoff", "vehicle_breakdown", "tender_rejected", "hos_risk")
_LEAVES = tuple(
    LIFE[name] for name in ("departed_facility", "handed_to_partner", "out_for_delivery")
)
_DEPARTURE_GRACE = dt.timedelta(hours=3)
_DEAD_AFTER = dt.timedelta(hours=24)


def incidents(
    open_exceptions: pl.DataFrame,
    plan: PlanView,
    tracking: TrackingState,
    at: dt.datetime,
    *,
    rules: Rules | None = None,
) -> pl.DataFrame:
    """`INCIDENTS` of ``open_exceptions`` at ``at``, the gravest first."""
    rows = with_incidents(open_exceptions, plan, tracking, at, rules=rules)
    found = (
        rows.sort("opened_at", "exception_id")
        .group_by("incident_id", maintain_order=True)
        .agg(
            pl.col("cause", "cause_subject").first(),
            pl.col("facility_id").drop_nulls().first(),
            pl.col("severity").min(),
            pl.col("opened_at").first(),
            exceptions=pl.len().cast(pl.Int64),
            parcels=pl.col("parcel_id").drop_nulls().n_unique().cast(pl.Int64),
            kinds=pl.col("kind").unique().sort().str.join(";"),
        )
        .join(_risk(rows), on="incident_id", how="left", maintain_order="left")
        .rename({"cause_subject": "subject"})
    )
    promises = pl.col("promises_at_risk")
    raised = (
        pl.when(promises >= MASSES_OF_PROMISES)
        .then(pl.lit("P0"))
        .when(promises >= MANY_PROMISES)
        .then(pl.lit("P1"))
        .otherwise(pl.lit("P3"))
    )
    return conform(
        found.with_columns(severity=pl.min_horizontal("severity", raised)), INCIDENTS
    ).sort("severity", "promises_at_risk", "incident_id", descending=[False, True, False])


def with_incidents(
    open_exceptions: pl.DataFrame,
    plan: PlanView,
    tracking: TrackingState,
    at: dt.datetime,
    *,
    rules: Rules | None = None,
) -> pl.DataFrame:
    """``open_exceptions`` with ``incident_id``, ``cause`` and ``cause_subject``."""
    least = (rules or Rules()).incident_members
    nothing = pl.lit(None, dtype=pl.String)
    rows = _with_facts(open_exceptions, plan, tracking, at).with_columns(
        cause=nothing, cause_subject=nothing
    )
    for cause, subject in _causes():
        rows = rows.with_columns(shared=pl.when(pl.col("cause").is_null()).then(subject))
        fits = pl.col("shared").is_not_null() & (pl.len().over("shared") >= least)
        rows = rows.with_columns(
            cause=pl.when(fits).then(pl.lit(cause)).otherwise("cause"),
            cause_subject=pl.when(fits).then("shared").otherwise("cause_subject"),
        )
    single = pl.col("cause").is_null()
    rows = rows.with_columns(
        cause=pl.col("cause").fill_null("single"),
        cause_subject=pl.coalesce("cause_subject", "subject"),
        about=pl.when(single).then("exception_id").otherwise("cause_subject"),
    )
    ids = [_incident_id(*key) for key in rows.select("cause", "about").iter_rows()]
    return rows.select(
        *open_exceptions.columns,
        pl.Series("incident_id", ids, dtype=pl.String),
        "cause",
        "cause_subject",
    )


def dead_facilities(tracking: TrackingState, plan: PlanView, at: dt.datetime) -> pl.DataFrame:
    """Facilities that send nothing on: ``facility_id``, ``since``, sorted.

    Something came, and nothing left for 24 hours, or since before a departure that was due 3
    hours ago; or the last wave left parcels unsorted.
    """
    steps = tracking.steps.whole.filter(
        (pl.col("at") <= at) & pl.col("facility_id").is_not_null()
    ).select("facility_id", "life", "at")
    told = tracking.load_events.whole.filter(
        (pl.col("kind") == "load_departed") & (pl.col("at") <= at)
    )
    waves = tracking.facility_events.whole.filter(
        (pl.col("kind") == "wave_ended") & (pl.col("at") <= at)
    )
    came = steps.group_by("facility_id").agg(
        came_at=pl.col("at").filter(~pl.col("life").is_in(_LEAVES)).max()
    )
    left = pl.concat(
        [
            steps.filter(pl.col("life").is_in(_LEAVES)).select("facility_id", "at"),
            told.select(pl.coalesce("from_id", "facility_id").alias("facility_id"), "at"),
        ]
    )
    left = left.group_by("facility_id").agg(left_at=pl.col("at").max())
    due = (
        plan.loads.filter(pl.col("departs_at") <= at - _DEPARTURE_GRACE)
        .join(plan.legs.select("load_id").unique(), on="load_id", how="semi")
        .group_by(facility_id="from")
        .agg(due_at=pl.col("departs_at").max())
    )
    unsorted = (
        waves.sort("at", "source", "source_event_id")
        .group_by("facility_id", maintain_order=True)
        .agg(short=(pl.col("left").last() > 0), short_at=pl.col("at").last())
    )
    silent = (pl.col("left_at") <= at - _DEAD_AFTER) | (
        pl.col("left_at").is_null() & (pl.col("came_at") <= at - _DEAD_AFTER)
    )
    overdue = pl.col("due_at").is_not_null() & (
        (pl.col("left_at") < pl.col("due_at")) | pl.col("left_at").is_null()
    )
    short = pl.col("short").fill_null(value=False)
    return (
        came.join(left, on="facility_id", how="left")
        .join(due, on="facility_id", how="left")
        .join(unsorted, on="facility_id", how="left")
        .filter(
            pl.col("came_at").is_not_null()
            & (silent.fill_null(value=False) | overdue.fill_null(value=False) | short)
        )
        .select(
            "facility_id", since=pl.coalesce("left_at", pl.when(short).then("short_at"), "came_at")
        )
        .sort("facility_id")
    )


def _with_facts(
    rows: pl.DataFrame, plan: PlanView, tracking: TrackingState, at: dt.datetime
) -> pl.DataFrame:
    """``rows`` with what the causes ask: merchant, storm, trouble, a vehicle that is down."""
    merchants = plan.parcels.select("parcel_id", "merchant_id").unique("parcel_id", keep="first")
    regions = plan.places.select("facility_id", "region").unique("facility_id", keep="first")
    stormy = (pl.col("kind") == "weather") | (pl.col("owner") == "weather")
    rows = rows.join(merchants, on="parcel_id", how="left", maintain_order="left").join(
        regions, on="facility_id", how="left", maintain_order="left"
    )
    rows = rows.with_columns(
        storm=pl.when(stormy.fill_null(value=False)).then(
            pl.concat_str(
                pl.coalesce("region", "facility_id", pl.lit("on the way")),
                pl.col("opened_at").dt.to_string("%Y-%m-%d"),
                separator="/",
            )
        )
    )
    of_load = pl.col("load_id").is_not_null()
    own = (pl.col("subject") == pl.col("load_id")).fill_null(value=False)
    storms = rows.filter(own & pl.col("storm").is_not_null()).select("load_id", by_load="storm")
    trouble = rows.filter(of_load & pl.col("kind").is_in(_LOAD_TROUBLE)).select("load_id")
    down = rows.filter(
        (pl.col("kind") == "vehicle_breakdown") & pl.col("route_id").is_not_null()
    ).select("route_id", down="vehicle_id")
    dead = dead_facilities(tracking, plan, at).select("facility_id", dead=pl.lit(value=True))
    return (
        rows.join(
            storms.unique("load_id", keep="any"), on="load_id", how="left", maintain_order="left"
        )
        .join(
            trouble.unique().with_columns(trouble=True),
            on="load_id",
            how="left",
            maintain_order="left",
        )
        .join(
            down.sort("down").unique("route_id", keep="first"),
            on="route_id",
            how="left",
            maintain_order="left",
        )
        .join(dead, on="facility_id", how="left", maintain_order="left")
    )


def _causes() -> Iterator[tuple[str, pl.Expr]]:
    """Each cause and the subject that it would have for an exception; null: it does not fit."""
    from_outside = ~pl.col("kind").is_in(_OWN_FAULTS)
    is_parcel = (pl.col("subject") == pl.col("parcel_id")).fill_null(value=False)
    # A load's own shortfall is of the facility that did not send all.
    not_at_dock = pl.col("kind") != "capacity_shortfall"
    yield "weather", pl.coalesce("storm", pl.when(from_outside & not_at_dock).then("by_load"))
    yield "load", pl.when(from_outside & not_at_dock & pl.col("trouble")).then("load_id")
    yield (
        "vehicle",
        pl.when(from_outside).then(
            pl.coalesce(pl.when(pl.col("kind") == "vehicle_breakdown").then("vehicle_id"), "down")
        ),
    )
    stands_there = ~is_parcel | pl.all_horizontal(pl.col("carrier_id", "route_id").is_null())
    yield "facility", pl.when(from_outside & stands_there & pl.col("dead")).then("facility_id")
    partner = (
        from_outside & pl.col("carrier_id").is_not_null() & pl.col("facility_id").is_not_null()
    )
    yield (
        "partner",
        pl.when(partner).then(pl.concat_str("carrier_id", "facility_id", separator="/")),
    )
    pickup = is_parcel & (pl.col("kind") == "missed_pickup")
    yield (
        "merchant",
        pl.when(pickup).then(pl.concat_str("merchant_id", "facility_id", separator="/")),
    )


def _risk(rows: pl.DataFrame) -> pl.DataFrame:
    """Promises and money of each incident: of its parcels once each, or what another names."""
    is_parcel = (pl.col("subject") == pl.col("parcel_id")).fill_null(value=False)
    figures = ("promises_at_risk", "money_at_risk_usd")
    of_parcels = (
        rows.filter(is_parcel)
        .group_by("incident_id", "parcel_id")
        .agg(pl.col(figures).max())
        .sort("incident_id", "parcel_id")
        .group_by("incident_id", maintain_order=True)
        .agg(pl.col(figures).sum())
    )
    of_others = rows.filter(~is_parcel).group_by("incident_id").agg(pl.col(figures).max())
    return pl.concat([of_parcels, of_others]).group_by("incident_id").agg(pl.col(figures).max())


def _incident_id(cause: str, about: str) -> str:
    told = f"{cause}\x1f{about}".encode()
    return f"I-{hashlib.blake2b(told, digest_size=8).hexdigest()}"
