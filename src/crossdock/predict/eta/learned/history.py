"""What a day's events say about the plan that they followed: observations, one frame a question.

Scans may be missing, doubled or a little off; a parcel counts as having ridden a load if it was
seen on it at either end, and what cannot be told is not counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from crossdock.model import Network
from crossdock.predict.eta.learned.local import day_positions, wall_clock
from crossdock.predict.eta.learned.paths import OWN_MODES, Floats, Paths, mile_band, plan_paths

Observations = Mapping[str, pl.DataFrame]
"""By question: ``group, value``."""

REDO_FIRST, REDO_NEVER = -1, 7
"""Outcome 0 of ``redo`` is one delivery day earlier than the first expected; 7 is never."""
PARTNER_FIRST = -2
"""Outcome 0 of ``partner``: two delivery days earlier than stated."""
AGAIN, COUNTER, NEVER = 0, 1, 2
"""What follows a failed attempt."""


@dataclass(frozen=True)
class HistoryDay:
    """A day that was planned and then happened.

    Attributes
    ----------
    tables
        The released plan, by the names of `crossdock.model.tables.RUN_TABLES`.
    events
        Schema ``EVENTS``.
    network
        Its facilities and calendars.
    """

    tables: Mapping[str, pl.DataFrame]
    events: pl.DataFrame
    network: Network


def observe(day: HistoryDay) -> Observations:
    """Everything that one day teaches."""
    paths = plan_paths(day.tables, day.network["facilities"], day.network["calendars"])
    events = _events(day.events)
    loads = _loads(day, events)
    legs = _ridden(paths, events, loads)
    doors = _doors(paths, legs, events)
    tries = _tries(doors, events)
    return {
        **_of_loads(loads),
        **_of_scans(legs, events),
        **_of_detours(legs, doors),
        **_of_doors(legs, doors, paths.midnights),
        **_of_street(doors, tries),
        **_of_partner(doors, tries, paths.midnights),
        **_of_attempts(tries, events, paths.midnights),
    }


def _events(events: pl.DataFrame) -> pl.DataFrame:
    """Each event once, with what the payload says of load, route and receiver."""
    once = events.unique(["tenant", "source", "source_event_id"], keep="first", maintain_order=True)
    return once.select(
        "kind",
        "parcel_id",
        "facility_id",
        "occurred_at",
        "received_at",
        load_id=pl.col("payload").str.json_path_match("$.load_id"),
        route_id=pl.col("payload").str.json_path_match("$.route_id"),
        to_whom=pl.col("payload").str.json_path_match("$.to_whom"),
    )


def _first(events: pl.DataFrame, kind: str, key: str, name: str) -> pl.DataFrame:
    rows = events.filter((pl.col("kind") == kind) & pl.col(key).is_not_null())
    return rows.group_by(key).agg(pl.col("occurred_at").min().alias(name))


def _loads(day: HistoryDay, events: pl.DataFrame) -> pl.DataFrame:
    """Planned loads that carry parcels, with when they left and came."""
    zones = day.network["facilities"].select("timezone", **{"from": "facility_id"})
    loads = (
        day.tables["loads"]
        .filter(pl.col("parcels") > 0)
        .join(zones, on="from", how="left", maintain_order="left")
        .join(_first(events, "load_departed", "load_id", "left_at"), on="load_id", how="left")
        .join(_first(events, "load_arrived", "load_id", "came_at"), on="load_id", how="left")
    )
    return loads.select(
        "load_id",
        "departs_at",
        "arrives_at",
        "left_at",
        "came_at",
        driver_mode=pl.col("driver_mode").fill_null("any"),
        band=mile_band(pl.col("miles").fill_null(0.0)),
        weekday=wall_clock(loads["departs_at"], loads["timezone"]).dt.weekday().fill_null(0),
    )


def _of_loads(loads: pl.DataFrame) -> Observations:
    done = loads.drop_nulls(["left_at", "came_at"])
    planned_s = (pl.col("arrives_at") - pl.col("departs_at")).dt.total_seconds()
    driven_s = (pl.col("came_at") - pl.col("left_at")).dt.total_seconds()
    return {
        "delay": done.select(
            group=pl.format("{}/{}", "driver_mode", "weekday"),
            value=_seconds("left_at", "departs_at"),
        ),
        "road": done.filter(planned_s > 0).select(
            group=pl.format("{}/{}/{}", "driver_mode", "band", "weekday"),
            value=driven_s / planned_s,
        ),
    }


def _ridden(paths: Paths, events: pl.DataFrame, loads: pl.DataFrame) -> pl.DataFrame:
    """Planned legs: ``rode``, whether all before it were ridden, and when its gate was reached."""
    seen = events.filter(pl.col("parcel_id").is_not_null() & pl.col("load_id").is_not_null())
    riding = seen.select("parcel_id", "load_id", rode=pl.lit(value=True)).unique()
    came = loads.select("load_id", "came_at")
    before = pl.col("rode").cum_prod().over("parcel_id").cast(pl.Boolean)
    return (
        paths.legs.join(riding, on=["parcel_id", "load_id"], how="left", maintain_order="left")
        .join(came, on="load_id", how="left", maintain_order="left")
        .with_columns(pl.col("rode").fill_null(value=False))
        .with_columns(through=before)
        .with_columns(
            on_plan=pl.col("through").shift(1, fill_value=True).over("parcel_id"),
            gate_at=pl.col("came_at").shift(1).over("parcel_id"),
        )
        .with_columns(
            in_time=pl.col("on_plan")
            & (pl.col("seq").eq(0) | (pl.col("gate_at") <= pl.col("cutoff_at")))
        )
    )


def _doors(paths: Paths, legs: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Parcels with their arrival at the last facility, and how they left it."""
    last = legs.group_by("parcel_id").agg(
        through=pl.col("through").last(),
        gate_at=pl.col("came_at").last(),
        due_in_at=pl.col("arrives_at").last(),
    )
    scans = events.filter((pl.col("kind") == "arrived_facility") & pl.col("load_id").is_not_null())
    scanned = scans.group_by("parcel_id", "facility_id").agg(scanned_at=pl.col("occurred_at").min())
    out = events.filter(pl.col("kind") == "out_for_delivery").drop_nulls(["parcel_id", "route_id"])
    on_route = out.select("parcel_id", "route_id", went=pl.lit(value=True)).unique()
    handed = _first(events, "handed_to_partner", "parcel_id", "given_at")
    return (
        paths.parcels.join(last, on="parcel_id", how="left", maintain_order="left")
        .join(scanned, on=["parcel_id", "facility_id"], how="left", maintain_order="left")
        .join(on_route, on=["parcel_id", "route_id"], how="left", maintain_order="left")
        .join(handed, on="parcel_id", how="left", maintain_order="left")
        .with_columns(
            local=pl.col("legs") == 0,
            own=pl.col("mode").is_in(OWN_MODES),
            through=pl.col("through").fill_null(value=True),
            here_at=pl.when(pl.col("through")).then("gate_at").otherwise("scanned_at"),
        )
        .with_columns(in_time=pl.col("local") | (pl.col("here_at") <= pl.col("cutoff_at")))
    )


def _tries(doors: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Attempts at the door in their order: ``parcel_id, number`` from 1, ``at, failed, ...``."""
    tried = events.filter(
        pl.col("kind").is_in(["delivered", "attempt_failed"])
        & pl.col("parcel_id").is_not_null()
        & (pl.col("to_whom").fill_null("") != "counter")
    ).sort("parcel_id", "occurred_at")
    rows = tried.join(
        doors.select("parcel_id", "own", "mode", "shared", "timezone", "calendar"), on="parcel_id"
    ).sort("parcel_id", "occurred_at")
    return rows.select(
        "parcel_id",
        "own",
        "mode",
        "shared",
        "calendar",
        "route_id",
        number=pl.int_range(1, pl.len() + 1).over("parcel_id"),
        at=pl.col("occurred_at"),
        failed=pl.col("kind") == "attempt_failed",
        clock=_clock(wall_clock(rows["occurred_at"], rows["timezone"])),
    )


def _of_scans(legs: pl.DataFrame, events: pl.DataFrame) -> Observations:
    """Scans that were not made, and how long after the truck an arrival scan is known."""
    rode = legs.filter("rode").select("parcel_id", "load_id", "came_at")
    scans = {
        kind: events.filter(pl.col("kind") == kind)
        .group_by("parcel_id", "load_id")
        .agg(known_at=pl.col("received_at").min())
        for kind in ("departed_facility", "arrived_facility")
    }
    keys = ["parcel_id", "load_id"]
    out = rode.join(scans["departed_facility"], on=keys, how="left")
    came = rode.join(scans["arrived_facility"], on=keys, how="left")
    seen_leaving = out.filter(pl.col("known_at").is_not_null()).select(keys)
    return {
        # Where the other end was seen, so that it is known to have ridden.
        "missed_scan": came.join(seen_leaving, on=keys, how="semi").select(
            group=pl.lit("scan"), value=pl.col("known_at").is_null().cast(pl.Int64)
        ),
        "scan_lag": came.drop_nulls().select(
            group=pl.lit("scan"), value=_seconds("known_at", "came_at")
        ),
    }


def _of_detours(legs: pl.DataFrame, doors: pl.DataFrame) -> Observations:
    """What the first missed connection of a parcel cost."""
    missed = (
        legs.filter(pl.col("on_plan") & ~pl.col("rode"))
        .join(
            doors.select("parcel_id", "legs", "due_in_at", "scanned_at", "went", "given_at", "own"),
            on="parcel_id",
        )
        .with_columns(group=detour_group())
    )
    arrived = pl.col("scanned_at").is_not_null()
    known = arrived | (pl.col("went").is_null() & pl.col("given_at").is_null())
    return {
        "detour": missed.filter(arrived).select("group", value=_seconds("scanned_at", "due_in_at")),
        "detour_never": missed.filter(known).select("group", value=(~arrived).cast(pl.Int64)),
    }


def detour_group() -> pl.Expr:
    """Class of what is left of a path: legs, and a distance band."""
    left = pl.min_horizontal(pl.col("legs") - pl.col("seq"), pl.lit(2))
    return pl.format("{}/{}", left, mile_band(pl.col("miles_left")))


def unsorted_group(first: pl.Expr, facility: str) -> pl.Expr:
    """Class of a connection: the first one of a path includes the pick-up."""
    step = pl.when(first).then(pl.lit("first")).otherwise(pl.lit("later"))
    return pl.format("{}/{}/{}", step, "wave", facility)


def _of_doors(legs: pl.DataFrame, doors: pl.DataFrame, midnights: Floats) -> Observations:
    """Chance to miss a planned departure though in time, and how many days later it goes then."""
    at_legs = legs.filter("in_time").select(
        group=unsorted_group(pl.col("seq") == 0, "from"), value=(~pl.col("rode")).cast(pl.Int64)
    )
    rows = doors["calendar"].to_numpy()
    given = day_positions(midnights, rows, _epoch(doors["given_at"]))
    went_on = doors.select(
        pl.when("own")
        .then(pl.col("went").fill_null(value=False))
        .otherwise(pl.col("given_at").is_not_null() & (pl.Series(given) <= pl.col("handed")))
    ).to_series()
    gone = doors.with_columns(as_planned=went_on, given_day=pl.Series(given))
    in_time = gone.filter("in_time")
    at_doors = in_time.select(
        group=unsorted_group(pl.col("local"), "facility_id"),
        value=(~pl.col("as_planned")).cast(pl.Int64),
    )
    handed = gone.filter(~pl.col("own") & pl.col("as_planned"))
    return {
        "unsorted": pl.concat([at_legs, at_doors]),
        "early": handed.select(
            group=early_group(), value=(pl.col("handed") - pl.col("given_day")).cast(pl.Int64)
        ),
    }


def early_group() -> pl.Expr:
    """Class of a handoff that may come in a window before the planned one."""
    step = pl.when(pl.col("legs") == 0).then(pl.lit("first")).otherwise(pl.lit("later"))
    return pl.format("{}/{}/{}", step, pl.col("wave"), "facility_id")


def _of_street(doors: pl.DataFrame, tries: pl.DataFrame) -> Observations:
    """Minutes at planned stops, stops that were not reached, and what a lost day costs."""
    out = doors.filter(pl.col("own") & pl.col("went").fill_null(value=False))
    first = tries.filter(pl.col("route_id").is_not_null()).unique(
        ["parcel_id", "route_id"], keep="first", maintain_order=True
    )
    reached = out.join(
        first.select("parcel_id", "route_id", "at"), on=["parcel_id", "route_id"], how="left"
    ).with_columns(group=pl.format("{}/{}/{}", "mode", "hours_out", "facility_id"))
    planned = doors.select("parcel_id", planned_route="route_id")
    elsewhere = (
        tries.filter("own")
        .join(planned, on="parcel_id")
        .filter(pl.col("route_id").ne_missing(pl.col("planned_route")))
    )
    return {
        "street": reached.drop_nulls("at").select("group", value=_seconds("at", "planned_at")),
        "skipped": reached.select("group", value=pl.col("at").is_null().cast(pl.Int64)),
        "redo_hour": elsewhere.select(group="mode", value="clock"),
    }


def _of_partner(doors: pl.DataFrame, tries: pl.DataFrame, midnights: Floats) -> Observations:
    """Delivery days beyond the stated ones, and the hour at the door; days a lost day costs."""
    firsts = tries.filter(pl.col("number") == 1).select("parcel_id", "at", "clock")
    known = doors.join(firsts, on="parcel_id", how="left", maintain_order="left")
    rows = known["calendar"].to_numpy()
    given = day_positions(midnights, rows, _epoch(known["given_at"]))
    tried = day_positions(midnights, rows, _epoch(known["at"]))
    known = known.with_columns(given_day=pl.Series(given), tried_day=pl.Series(tried))
    handed = known.filter(~pl.col("own") & pl.col("given_at").is_not_null())
    at_door = handed.filter(pl.col("at").is_not_null())
    group = pl.format("{}/{}", pl.col("carrier_id").fill_null("any"),
                      pl.col("entry_level").fill_null("last"))  # fmt: skip
    extra = pl.col("tried_day") - pl.col("given_day") - pl.col("stated_days")
    return {
        "partner": at_door.select(group=group, value=(extra - PARTNER_FIRST).cast(pl.Int64)),
        "partner_hour": at_door.select(group=pl.col("carrier_id").fill_null("any"), value="clock"),
        "redo": _redo(known, midnights),
    }


def _redo(known: pl.DataFrame, midnights: Floats) -> pl.DataFrame:
    """Of parcels that lost their planned day: on which day after the first expected they went."""
    own = pl.col("own")
    went_at = pl.when(own).then("at").otherwise("given_at")
    went_day = pl.when(own).then("tried_day").otherwise("given_day")
    planned = pl.when(own).then("day").otherwise("handed")
    rows = known.with_columns(went_at=went_at, went_day=went_day, planned_day=planned)
    late_s = rows.select((pl.col("here_at") - pl.col("cutoff_at")).dt.total_seconds())
    slip = late_days(
        late_s.to_series().fill_null(0).to_numpy().astype(np.float64)[:, None],
        midnights,
        rows["calendar"].to_numpy(),
        rows["planned_day"].to_numpy(),
    )[:, 0]
    rows = rows.with_columns(first_day=pl.col("planned_day") + pl.Series(np.maximum(slip, 1)))
    lost = rows.filter(
        pl.when("in_time")
        .then(
            pl.col("went_at").is_null()
            | (pl.col("went_day") > pl.col("planned_day"))
            | (own & ~pl.col("went").fill_null(value=False))
        )
        .otherwise(pl.col("here_at").is_not_null())
    )
    value = (pl.col("went_day") - pl.col("first_day") - REDO_FIRST).clip(0, REDO_NEVER - 1)
    return lost.select(
        group=pl.when("own").then(pl.lit("own")).otherwise(pl.lit("partner")),
        value=pl.when(pl.col("went_at").is_null()).then(REDO_NEVER).otherwise(value)
        .cast(pl.Int64),
    )  # fmt: skip


def _of_attempts(tries: pl.DataFrame, events: pl.DataFrame, midnights: Floats) -> Observations:
    """Failures, what follows them, and how long a parcel waits at a counter."""
    day = day_positions(midnights, tries["calendar"].to_numpy(), _epoch(tries["at"]))
    counter = _first(events, "available_for_pickup", "parcel_id", "waits_at")
    rows = (
        tries.with_columns(day=pl.Series(day))
        .with_columns(
            next_failed=pl.col("failed").shift(-1).over("parcel_id"),
            gap=(pl.col("day").shift(-1) - pl.col("day")).over("parcel_id"),
        )
        .join(counter, on="parcel_id", how="left", maintain_order="left")
        .with_columns(group=tries_group())
    )
    failed = rows.filter("failed")
    again = failed.filter(pl.col("gap").is_not_null())
    collected = events.filter((pl.col("kind") == "delivered") & (pl.col("to_whom") == "counter"))
    at_counter = counter.join(
        collected.group_by("parcel_id").agg(taken_at=pl.col("occurred_at").min()),
        on="parcel_id",
        how="left",
    )
    return {
        "first_failure": rows.filter(pl.col("number") == 1).select(
            group=failure_group(), value=pl.col("failed").cast(pl.Int64)
        ),
        "after_failure": failed.select(
            "group",
            value=pl.when(pl.col("gap").is_not_null())
            .then(AGAIN)
            .when(pl.col("waits_at").is_not_null())
            .then(COUNTER)
            .otherwise(NEVER)
            .cast(pl.Int64),
        ),
        "gap": again.select("group", value=pl.col("gap").clip(0, 7).cast(pl.Int64)),
        "again_failure": again.select("group", value=pl.col("next_failed").cast(pl.Int64)),
        "counter": at_counter.drop_nulls().select(
            group=pl.lit("counter"), value=_seconds("taken_at", "waits_at")
        ),
        "collected": at_counter.select(
            group=pl.lit("counter"), value=pl.col("taken_at").is_null().cast(pl.Int64)
        ),
    }


def failure_group() -> pl.Expr:
    """Class of a first attempt: who delivers, and whether several parcels share the door."""
    door = pl.when("shared").then(pl.lit("shared")).otherwise(pl.lit("alone"))
    return pl.format("{}/{}", "mode", door)


def tries_group() -> pl.Expr:
    """Class of a failed attempt: whose, and which one."""
    whose = pl.when("own").then(pl.lit("own")).otherwise(pl.lit("partner"))
    return pl.format("{}/{}", whose, pl.min_horizontal("number", pl.lit(3)))


def late_days(late_s: Floats, midnights: Floats, calendar: np.ndarray, day: np.ndarray):
    """Delivery days lost by coming ``late_s`` after the cut-off of a delivery day; 0 in time.

    The cut-off is taken to come at the same hour on every delivery day.
    """
    lost = np.zeros(late_s.shape, np.int64)
    row, column = np.nonzero(late_s > 0)
    if len(row):
        line, start = calendar[row], day[row]
        beyond = late_s[row, column]
        width = midnights.shape[1]
        for step in range(12):
            later = midnights[line, np.minimum(start + step, width - 1)]
            lost[row, column] += beyond > later - midnights[line, start]
    return lost


def _seconds(later: str, earlier: str) -> pl.Expr:
    return (pl.col(later) - pl.col(earlier)).dt.total_milliseconds() / 1000.0


def _clock(local: pl.Series) -> pl.Expr:
    since = local - local.dt.truncate("1d")
    return pl.lit((since.dt.total_milliseconds() / 1000.0).rename("clock"))


def _epoch(instants: pl.Series) -> Floats:
    """Seconds since the epoch; 0 where null."""
    return instants.dt.epoch("ms").fill_null(0).to_numpy().astype(np.float64) / 1000.0
