"""The run's tables with what happened filled in, from the plan and the log alone."""

from __future__ import annotations

import polars as pl

from crossdock.measure.actual.doors import Doors, doors_as_they_were
from crossdock.measure.actual.fates import JOURNEYS, final_states, journeys
from crossdock.measure.actual.log import DayLog, read_once
from crossdock.measure.actual.money import (
    Used,
    actual_ledger,
    borne_by_parcels,
    split_from_background,
)
from crossdock.measure.actual.rides import Linehaul, linehaul_as_it_was
from crossdock.measure.actual.tours import route_heads, tours_as_driven
from crossdock.measure.frames import Tables, table
from crossdock.model.network import Network
from crossdock.model.tables import PARCELS, conform


def actual_tables(
    plan_tables: Tables, events: pl.DataFrame | DayLog, network: Network
) -> dict[str, pl.DataFrame]:
    """What happened, in the tables of the plan.

    Parameters
    ----------
    plan_tables
        Tables of the released plan; ``orders``, if there, for declared values; after a warm start
        ``background_parcels``, ``_orders``, ``_loads`` and ``_ledger``.
    events
        Schema ``EVENTS``, or what `read_log` made of it.
    network
        The network that was planned on.

    Returns
    -------
    dict
        - ``loads``: ``actual_*`` from the load's events; loads added beyond the plan are rows, with
          what really rode; the plan's keep the plan's figures. ``cost_usd`` is what the ledger has.
        - ``load_runs`` (`LOAD_RUNS`): what really rode each load.
        - ``legs``: ``actual_*`` where the parcel rode the load; ``reroutes``: what it rode instead.
        - ``routes``: ``actual_*`` where the parcel was tried on its planned route; ``reattempts``
          (`REATTEMPTS`): its tries on other routes.
        - ``tours``: what was driven, by the plan's columns: times, stops and miles are real; a
          route of the plan that was not driven has none; added routes are rows.
        - ``ledger``; ``parcels`` with ``final_state, final_at, attempts`` and what each bears of
          it: ``linehaul_usd`` includes recovery, ``lastmile_usd`` injection, ``cost_usd`` also its
          return and claim.
        - ``journeys`` (`JOURNEYS`): a row a parcel, the marks of its way.
        - after a warm start ``background_parcels`` and ``background_ledger``: the same of what was
          under way before; ``loads`` and ``tours`` cost what both ledgers have for them, and
          ``legs``, ``reroutes``, ``routes``, ``reattempts`` are of both.
    """
    log = read_once(events)
    timezones = network.timezones
    own = table(plan_tables, "parcels")
    parcels = _with_background(plan_tables, "parcels")
    others = parcels.join(own, on="parcel_id", how="anti", maintain_order="left")["parcel_id"]
    lines = linehaul_as_it_was(
        table(plan_tables, "loads"),
        table(plan_tables, "legs"),
        parcels,
        log,
        timezones,
        before=table(plan_tables, "background_loads")["load_id"],
    )
    heads = route_heads(table(plan_tables, "tours"), log, timezones)
    doors = doors_as_they_were(table(plan_tables, "routes"), heads, parcels, log, timezones)
    tours = tours_as_driven(
        heads,
        table(plan_tables, "tours"),
        table(plan_tables, "fleet"),
        doors.attempts,
        parcels,
        network,
    )
    ended = _ended(parcels, doors, log)
    way = journeys(parcels, lines.rides, doors, log, timezones)
    used = _used(plan_tables, lines, doors, tours, way, ended, log)
    ledger = actual_ledger(
        _with_background(plan_tables, "ledger"),
        table(plan_tables, "handoffs"),
        _with_background(plan_tables, "orders") if "orders" in plan_tables else None,
        used,
        network,
    )
    borne = borne_by_parcels(ledger, used)
    of_run, of_others = split_from_background(ledger, used, others)
    ended = _with_costs(ended, borne)
    is_own = ~pl.col("parcel_id").is_in(others.implode())
    money = way.drop("recovery_usd", "injection_usd", "return_usd", "claim_usd").join(
        borne, on="parcel_id", how="left", maintain_order="left"
    )
    tables = {
        "loads": _booked_loads(lines.loads, ledger),
        "load_runs": lines.runs,
        "legs": lines.legs,
        "reroutes": lines.reroutes,
        "routes": doors.routes,
        "reattempts": doors.reattempts,
        "tours": tours,
        "ledger": of_run,
        "parcels": ended.filter(is_own),
        "journeys": conform(money.filter(is_own), JOURNEYS),
    }
    if others.len():
        tables |= {"background_parcels": ended.filter(~is_own), "background_ledger": of_others}
    return tables


def _with_background(plan_tables: Tables, name: str) -> pl.DataFrame:
    """A table of the plan with the rows of what was under way when the run began."""
    own, others = plan_tables[name], plan_tables.get(f"background_{name}")
    return own if others is None else pl.concat([own, others.select(own.columns)])


def _ended(parcels: pl.DataFrame, doors: Doors, log: DayLog) -> pl.DataFrame:
    return parcels.drop("final_state", "final_at", "attempts").join(
        final_states(parcels, doors, log), on="parcel_id", how="left", maintain_order="left"
    )


def _used(
    plan_tables: Tables,
    lines: Linehaul,
    doors: Doors,
    tours: pl.DataFrame,
    way: pl.DataFrame,
    ended: pl.DataFrame,
    log: DayLog,
) -> Used:
    calls = doors.attempts.filter(pl.col("route_id").is_not_null())
    out = log.scans.filter(
        (pl.col("kind") == "out_for_delivery") & pl.col("route_id").is_not_null()
    )
    pair = ["parcel_id", "route_id"]
    return Used(
        loads=lines.loads.with_columns(lines.runs["added"], lines.runs["cancelled"]),
        tours=tours,
        legs=table(plan_tables, "legs"),
        rides=lines.rides,
        calls=calls.unique(pair, keep="first", maintain_order=True),
        carried=out.select(pair).unique(maintain_order=True),
        stops=table(plan_tables, "routes").select(pair).unique(maintain_order=True),
        journeys=way,
        parcels=ended,
    )


def _booked_loads(loads: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    booked = (
        ledger.filter(pl.col("load_id").is_not_null())
        .group_by("load_id")
        .agg(booked_usd=pl.col("cost_usd").sum())
    )
    return (
        loads.join(booked, on="load_id", how="left", maintain_order="left")
        .with_columns(cost_usd=pl.col("booked_usd").fill_null(0.0))
        .drop("booked_usd")
    )


def _with_costs(ended: pl.DataFrame, borne: pl.DataFrame) -> pl.DataFrame:
    """``PARCELS`` with what each bears of the ledger."""
    shares = borne.select(
        "parcel_id",
        "pickup_usd",
        "handling_usd",
        linehaul_usd=pl.col("linehaul_usd") + pl.col("recovery_usd"),
        lastmile_usd=pl.col("lastmile_usd") + pl.col("injection_usd"),
        beside_usd=pl.col("return_usd") + pl.col("claim_usd"),
    )
    parts = ("pickup_usd", "handling_usd", "linehaul_usd", "lastmile_usd")
    return conform(
        ended.drop(parts)
        .join(shares, on="parcel_id", how="left", maintain_order="left")
        .with_columns(cost_usd=pl.sum_horizontal(*parts, "beside_usd")),
        PARCELS,
    )
