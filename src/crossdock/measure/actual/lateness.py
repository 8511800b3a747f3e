"""Why parcels were late: one cause each, from the plan and the events alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from crossdock.measure.actual.doors import attempts_told
from crossdock.measure.actual.due import is_due
from crossdock.measure.actual.log import DayLog, read_once
from crossdock.measure.frames import Tables, table
from crossdock.model.tables import Schema, conform

LATENESS: Schema = {
    "parcel_id": pl.String(),
    "cause": pl.String(),
    "owner": pl.String(),
    "excused": pl.String(),
    "facility_id": pl.String(),
    "load_id": pl.String(),
    "route_id": pl.String(),
    "minutes_late": pl.Float64(),
}
"""One row a late parcel. ``owner``: who answers for it (carrier, shipper, consignee, weather,
plan). ``excused``: weather, address or consignee where the net figure leaves it out.
``minutes_late``: null where it was never delivered."""

EXCUSES = ("weather", "address", "consignee")

CAUSES: Mapping[str, str] = {
    "lost": "declared lost",
    "destroyed": "damaged beyond delivery",
    "returned": "went back to its shipper",
    "open_exception": "still open, and no event says why",
    "never_offered": "its service is not offered there, and was planned to be late",
    "planned_late": "its service is offered, and was planned to be late all the same",
    "attempt_*": "at the door in time, where the attempt failed, by reason",
    "breakdown": "a truck or van broke down",
    "out_of_shift": "out on a route in time, whose shift ended before its stop",
    "slow_route": "out on a route in time, which came to its door after the promise",
    "partner_slip": "handed to its partner as planned, which was late",
    "late_pickup": "not ready at its merchant",
    "missort": "put on a wrong load",
    "load_cancelled": "its load was cancelled",
    "no_show": "a carrier did not come for the load",
    "late_driver": "a driver was late for the load",
    "weather": "weather held the load up",
    "slow_road": "the load was late on the road",
    "missed_connection": "the load before was late for its sort, for no reason told",
    "late_load": "the load was late for another reason told",
    "late_sort": "there in time, sorted too late for the load, route or handoff that was planned",
    "unexplained": "no event says why",
}
"""Causes and what each means."""

_OPEN = "open_exception"
_BY_ELIMINATION = ("late_sort", "out_of_shift", "unexplained")
"""Causes that no event tells: of a parcel under way they may still turn out to be another."""

HANDOFF_TOLERANCE = dt.timedelta(minutes=30)
LOAD_TOLERANCE = dt.timedelta(minutes=15)
"""A load later than this is late where no wave's cut-off says what late is."""


def late_causes(
    tables: Tables,
    events: pl.DataFrame | DayLog,
    *,
    due: str = "promised_at",
    at: dt.datetime | None = None,
) -> pl.DataFrame:
    """One cause for each parcel that was not delivered by ``due``.

    The cause is the last thing without which the parcel would still have been in time:

    1. how it ended, where it was never delivered; ``planned_late`` or ``never_offered`` where
       the plan's median was already late;
    2. an attempt that failed in time; a route that had it on board in time; a partner that had it
       as planned;
    3. else the first break with its planned path: its merchant, a missort, a cancelled load, or
       the load before the break, by the reason told of it, if that load missed the cut-off of the
       wave it was planned for; else the sort at the place of the break.

    Parameters
    ----------
    tables
        Of `actual_tables`, with the plan's ``handoffs`` and ``waves``.
    events
        Schema ``EVENTS``, or what `read_log` made of it.
    due
        Column of ``parcels``: ``promised_at`` or ``service_due_at``.
    at
        The instant up to which the log tells; None: the run is over. Of a run under way, a parcel
        is late once it is due, or delivered after it was.

    Returns
    -------
    polars.DataFrame
        `LATENESS`, as many rows as parcels were late, by parcel.
    """
    log = read_once(events)
    parcels = table(tables, "parcels")
    delivered = pl.col("final_state") == "delivered"
    in_time = delivered & (pl.col("final_at") <= pl.col(due))
    late = (
        parcels.filter(delivered | is_due(due, at), ~in_time.fill_null(value=False))
        .select(
            "parcel_id", "origin_facility_id", "destination_facility_id", "final_state",
            "final_at", "service_offered", "eta_p50", due=due,
        )
        .sort("parcel_id")
    )  # fmt: skip
    for facts in (
        _end(log),
        _attempt_in_time(late, log),
        _route_in_time(late, log),
        _partner(tables),
        _pickup(log),
        _missort(tables, log),
        _break(late, tables, log),
    ):
        late = late.join(facts, on="parcel_id", how="left", maintain_order="left")
    return conform(_excused(_named(late, over=at is None)), LATENESS)


def _named(late: pl.DataFrame, *, over: bool) -> pl.DataFrame:
    """The first cause that holds, with where it happened and who answers for it.

    While the run is not ``over``, an open parcel has the cause that made it late so far, where an
    event tells it.
    """
    nowhere = pl.lit(None, pl.String)
    destination = pl.col("destination_facility_id")
    undelivered = pl.col("final_state") != "delivered"
    under_way = pl.lit(value=not over) & (pl.col("final_state") == _OPEN)
    planned_late = (pl.col("eta_p50") > pl.col("due")).fill_null(value=True)
    by_plan = (
        pl.when("service_offered").then(pl.lit("planned_late")).otherwise(pl.lit("never_offered"))
    )
    tried = pl.col("attempt_reason").is_not_null()
    out = pl.col("out_route").is_not_null()
    carrier, consignee = pl.lit("carrier"), pl.lit("consignee")
    returned = pl.col("final_state") == "returned"
    ladder: list[tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr, pl.Expr, pl.Expr]] = [
        # holds, cause, owner, facility, load, route
        (
            undelivered & ~under_way, pl.col("final_state"),
            pl.when(returned).then(pl.coalesce("end_owner", consignee)).otherwise(carrier),
            pl.col("last_place"), nowhere, nowhere,
        ),
        (planned_late, by_plan, pl.lit("plan"), destination, nowhere, nowhere),
        (
            tried, pl.format("attempt_{}", "attempt_reason"),
            pl.coalesce("attempt_owner", consignee),
            destination, nowhere, pl.col("attempt_route"),
        ),
        (out, pl.col("out_cause"), carrier, destination, nowhere, pl.col("out_route")),
        (pl.col("slipped"), pl.lit("partner_slip"), carrier, destination, nowhere, nowhere),
        (
            pl.col("pickup_owner").is_not_null(), pl.lit("late_pickup"), pl.col("pickup_owner"),
            pl.col("origin_facility_id"), nowhere, nowhere,
        ),
        (
            pl.col("missort_load").is_not_null(), pl.lit("missort"), carrier,
            pl.col("missort_place"), pl.col("missort_load"), nowhere,
        ),
        (
            pl.col("break_cause").is_not_null(), pl.col("break_cause"), pl.col("break_owner"),
            pl.col("break_place"), pl.col("break_load"), nowhere,
        ),
    ]  # fmt: skip
    numbered = late.with_columns(
        rung=pl.coalesce(
            *(
                pl.when(holds.fill_null(value=False)).then(pl.lit(number))
                for number, (holds, *_) in enumerate(ladder)
            ),
            pl.lit(len(ladder)),
        )
    )
    names = ("cause", "owner", "facility_id", "load_id", "route_id")
    last = {"cause": pl.lit("unexplained"), "owner": carrier}
    chosen = {
        name: pl.coalesce(
            *(
                pl.when(pl.col("rung") == number).then(rung[place])
                for number, rung in enumerate(ladder)
            ),
            last.get(name, nowhere),
        )
        for place, name in enumerate(names, 1)
    }
    minutes = (pl.col("final_at") - pl.col("due")).dt.total_microseconds() / 60_000_000
    named = numbered.with_columns(**chosen, minutes_late=pl.when(~undelivered).then(minutes))
    untold = under_way & pl.col("cause").is_in(_BY_ELIMINATION)
    return named.with_columns(
        cause=pl.when(untold).then(pl.lit(_OPEN)).otherwise("cause"),
        facility_id=pl.when(untold).then("last_place").otherwise("facility_id"),
        **{name: pl.when(~untold).then(name) for name in ("load_id", "route_id")},
    )


def _excused(named: pl.DataFrame) -> pl.DataFrame:
    """Weather, address and consignee are no fault of the network."""
    returned = pl.col("cause") == "returned"
    about = pl.when(returned).then(pl.col("end_reason")).otherwise(pl.col("attempt_reason"))
    at_door = returned | pl.col("cause").str.starts_with("attempt_")
    return named.with_columns(
        excused=pl.when(pl.col("cause") == "weather")
        .then(pl.lit("weather"))
        .when(at_door & about.is_in(["address", "moved"]))
        .then(pl.lit("address"))
        .when(at_door & (pl.col("owner") == "consignee"))
        .then(pl.lit("consignee"))
    )


def _end(log: DayLog) -> pl.DataFrame:
    """Why a parcel went back, and where it was last seen."""
    scans = log.scans
    back = (
        scans.filter(pl.col("kind") == "returning")
        .group_by("parcel_id")
        .agg(
            end_reason=pl.col("reason").first(),
            end_owner=pl.col("owner").first(),
            end_place=pl.col("facility_id").first(),
        )
    )
    seen = (
        scans.filter(pl.col("facility_id").is_not_null() & (pl.col("kind") != "returned"))
        .group_by("parcel_id")
        .agg(seen_last=pl.col("facility_id").last())
    )
    return seen.join(back, on="parcel_id", how="left").select(
        "parcel_id",
        "end_reason",
        "end_owner",
        last_place=pl.coalesce("end_place", "seen_last"),
    )


def _attempt_in_time(late: pl.DataFrame, log: DayLog) -> pl.DataFrame:
    """The first attempt of each parcel, where it failed before the parcel was due."""
    return (
        attempts_told(log)
        .filter((pl.col("attempt") == 1) & (pl.col("outcome") != "delivered"))
        .join(late.select("parcel_id", "due"), on="parcel_id")
        .filter(pl.col("at") <= pl.col("due"))
        .select(
            "parcel_id", attempt_reason="outcome", attempt_owner="owner", attempt_route="route_id"
        )
    )


def _route_in_time(late: pl.DataFrame, log: DayLog) -> pl.DataFrame:
    """The first route that had the parcel on board in time and was not at its door in time."""
    out = (
        log.scans.filter((pl.col("kind") == "out_for_delivery") & pl.col("route_id").is_not_null())
        .select("parcel_id", "at", out_route="route_id")
        .join(late.select("parcel_id", "due"), on="parcel_id")
        .filter(pl.col("at") <= pl.col("due"))
        .unique("parcel_id", keep="first", maintain_order=True)
    )
    tried = (
        attempts_told(log)
        .select("parcel_id", out_route="route_id", tried=pl.lit(value=True))
        .unique(["parcel_id", "out_route"])
    )
    down = (
        log.routes.filter(pl.col("kind") == "vehicle_down")
        .select(out_route="route_id", down=pl.lit(value=True))
        .unique()
    )
    return (
        out.join(tried, on=["parcel_id", "out_route"], how="left", maintain_order="left")
        .join(down, on="out_route", how="left", maintain_order="left")
        .select(
            "parcel_id",
            "out_route",
            out_cause=pl.when("down")
            .then(pl.lit("breakdown"))
            .when("tried")
            .then(pl.lit("slow_route"))
            .otherwise(pl.lit("out_of_shift")),
        )
    )


def _partner(tables: Tables) -> pl.DataFrame:
    """Parcels that their partner had when it was planned to."""
    return (
        table(tables, "handoffs")
        .select("parcel_id", "handoff_at")
        .join(tables["journeys"].select("parcel_id", "handed_over_at"), on="parcel_id")
        .select(
            "parcel_id",
            slipped=pl.col("handed_over_at") <= pl.col("handoff_at") + HANDOFF_TOLERANCE,
        )
    )


def _pickup(log: DayLog) -> pl.DataFrame:
    failed = log.scans.filter(pl.col("kind") == "pickup_failed")
    return failed.group_by("parcel_id").agg(
        pickup_owner=pl.col("owner").first().fill_null("shipper")
    )


def _missort(tables: Tables, log: DayLog) -> pl.DataFrame:
    """The load that brought a parcel where it was found to be wrong."""
    found = (
        log.scans.filter(pl.col("kind") == "missorted")
        .unique("parcel_id", keep="first", maintain_order=True)
        .select("parcel_id", to="facility_id")
    )
    wrong = tables["reroutes"].select(
        "parcel_id", "to", missort_load="load_id", missort_place="from"
    )
    return (
        found.join(wrong, on=["parcel_id", "to"], how="left", maintain_order="left")
        .unique("parcel_id", keep="first", maintain_order=True)
        .with_columns(
            missort_load=pl.coalesce("missort_load", pl.lit("unknown")),
            missort_place=pl.coalesce("missort_place", "to"),
        )
        .drop("to")
    )


def _break(late: pl.DataFrame, tables: Tables, log: DayLog) -> pl.DataFrame:
    """Where a parcel left its planned path: the load before it, or the sort there."""
    legs = table(tables, "legs").join(late.select("parcel_id"), on="parcel_id", how="semi")
    ridden = pl.col("actual_departs_at").is_not_null()
    missed = (
        legs.filter(~ridden)
        .sort("parcel_id", "seq")
        .unique("parcel_id", keep="first", maintain_order=True)
        .select("parcel_id", broke="seq", broke_at="from", missed_load="load_id")
    )
    before = (
        legs.join(missed, on="parcel_id", how="left")
        .filter(pl.col("broke").is_null() | (pl.col("seq") < pl.col("broke")))
        .sort("parcel_id", "seq")
        .unique("parcel_id", keep="last", maintain_order=True)
        .select("parcel_id", came_to="to", break_load="load_id")
    )
    called_off = (
        log.loads.filter(pl.col("kind") == "load_cancelled")
        .select(missed_load="load_id", called_off=pl.lit(value=True))
        .unique()
    )
    joined = (
        late.select("parcel_id", "origin_facility_id", "destination_facility_id")
        .join(missed, on="parcel_id", how="left", maintain_order="left")
        .join(before, on="parcel_id", how="left", maintain_order="left")
        .join(called_off, on="missed_load", how="left", maintain_order="left")
        .join(_late_loads(tables, log), on="break_load", how="left", maintain_order="left")
    )
    connecting = pl.col("broke").is_not_null()
    untold = pl.when(connecting).then(pl.lit("missed_connection")).otherwise(pl.lit("slow_road"))
    held_up = pl.col("was_late").fill_null(value=False)
    cause = (
        pl.when("called_off")
        .then(pl.lit("load_cancelled"))
        .when(held_up)
        .then(pl.coalesce("told_cause", untold))
        .otherwise(pl.lit("late_sort"))
    )
    return joined.select(
        "parcel_id",
        break_cause=cause,
        break_owner=pl.when(cause == "weather")
        .then(pl.lit("weather"))
        .otherwise(pl.lit("carrier")),
        break_place=pl.coalesce("broke_at", "came_to", "destination_facility_id"),
        break_load=pl.when("called_off").then("missed_load").when(held_up).then("break_load"),
    )


def _late_loads(tables: Tables, log: DayLog) -> pl.DataFrame:
    """``break_load, was_late, told_cause``: loads that missed the wave they were planned for."""
    loads = table(tables, "loads").filter(pl.col("actual_arrives_at").is_not_null())
    cutoffs = (
        table(tables, "waves")
        .select("inbound_cutoff_at", to="facility_id", cut="inbound_cutoff_at")
        .sort("inbound_cutoff_at")
    )
    timed = loads.sort("arrives_at").join_asof(
        cutoffs,
        left_on="arrives_at",
        right_on="inbound_cutoff_at",
        by="to",
        strategy="forward",
        check_sortedness=False,
    )
    latest = pl.coalesce("cut", pl.col("arrives_at") + LOAD_TOLERANCE)
    late = timed.select(break_load="load_id", was_late=pl.col("actual_arrives_at") > latest)
    return late.join(_told_causes(log), on="break_load", how="left")


def _told_causes(log: DayLog) -> pl.DataFrame:
    """What was told of each load, the gravest first."""
    told = log.loads.filter(pl.col("kind").is_in(["load_delayed", "vehicle_down"]))
    words = pl.col("reason").fill_null("").str.to_lowercase()
    named = (
        pl.when(words.str.contains("did not come|no.?show"))
        .then(pl.lit("no_show"))
        .when((pl.col("kind") == "vehicle_down") | words.str.contains("break"))
        .then(pl.lit("breakdown"))
        .when((pl.col("owner") == "weather") | words.str.contains("weather|storm|snow"))
        .then(pl.lit("weather"))
        .when(words.str.contains("driver"))
        .then(pl.lit("late_driver"))
        .when(words.str.contains("road|slow|traffic"))
        .then(pl.lit("slow_road"))
        .otherwise(pl.lit("late_load"))
    )
    gravest = list(CAUSES)
    order = {cause: number for number, cause in enumerate(gravest)}
    return (
        told.select(break_load="load_id", told_cause=named)
        .sort(
            "break_load",
            pl.col("told_cause").replace_strict(order, default=len(order)),
        )
        .unique("break_load", keep="first", maintain_order=True)
    )
