"""Ship day, service due, promise and ETA, worked out again on the calendar."""

from __future__ import annotations

import datetime as dt

import polars as pl

from checker.calendars import Calendars, instant, local
from checker.faults import Faults
from checker.reading import Run
from checker.waves import Waves

DEFAULT_BY = dt.time(20, 0)
DEFAULT_CUTOFF = dt.time(16, 0)


def check(run: Run, calendars: Calendars, waves: Waves, faults: Faults) -> None:
    services = {row["service"]: row for row in run.network("services").to_dicts()}
    rows = run["parcels"].join(
        run["orders"].select("order_id", "created_at", "ship_from_zip", "timezone"), on="order_id"
    )
    for row in rows.to_dicts():
        service = services.get(row["service"])
        if service is None:
            faults.add("service", f"{row['parcel_id']}: no service {row['service']}")
            continue
        _ship_day(run, calendars, row, service, faults)
        _due_and_promise(run, calendars, row, service, faults)
    order = ("eta_p50", "eta_p80", "eta_p95")
    wrong = rows.filter(
        pl.any_horizontal(pl.col(each).is_null() for each in order)
        | (pl.col("eta_p50") > pl.col("eta_p80"))
        | (pl.col("eta_p80") > pl.col("eta_p95"))
    ).filter(~pl.col("parcel_id").is_in(list(run.shortfalls)))
    faults.add_rows("eta", wrong, "{parcel_id}: {eta_p50}, {eta_p80}, {eta_p95} are out of order")
    _origins(run, rows, faults)
    _service_lanes(run, rows, faults)


def _ship_day(run: Run, calendars: Calendars, row: dict, service: dict, faults: Faults) -> None:
    facility = run.facilities[row["origin_facility_id"]]
    ids = (service["calendar_id"], facility["calendar_id"])
    created = local(row["created_at"], facility["timezone"])
    cutoff = service["order_cutoff"] or DEFAULT_CUTOFF
    ship_date = calendars.after(ids, created.date(), 0)
    if ship_date == created.date() and created.time() > cutoff:
        ship_date = calendars.after(ids, created.date(), 1)
    # on the very stroke of the cut-off either reading stands
    fine = row["ship_date"] == ship_date or created.time() == cutoff
    text = f"{row['parcel_id']} ordered {created} ships {ship_date}, not {row['ship_date']}"
    faults.expect("ship day", fine, text)


def _due_and_promise(
    run: Run, calendars: Calendars, row: dict, service: dict, faults: Faults
) -> None:
    name = row["parcel_id"]
    facility = run.facilities[row["destination_facility_id"]]
    ids = (service["calendar_id"], facility["calendar_id"])
    by = service["delivery_by"] or DEFAULT_BY
    due_date = calendars.after(ids, row["ship_date"], service["transit_days"])
    due = instant(due_date, by, row["timezone"])
    text = (
        f"{name} ({row['service']}, shipped {row['ship_date']}) is due {due}, "
        f"not {row['service_due_at']}"
    )
    faults.expect("service due", row["service_due_at"] == due, text)
    if row["service_offered"] or row["eta_p95"] is None:
        promised = due
    else:
        arrives = local(row["eta_p95"], row["timezone"])
        date = calendars.after(ids, arrives.date(), 0)
        if date == arrives.date() and arrives.time() > DEFAULT_BY:
            date = calendars.after(ids, date, 1)
        promised = max(due, instant(date, DEFAULT_BY, row["timezone"]))
    text = (
        f"{name} (offered: {row['service_offered']}, p95 {row['eta_p95']}) is promised "
        f"{row['promised_at']}, not {promised}"
    )
    faults.expect("promise", row["promised_at"] == promised, text)


def _origins(run: Run, rows: pl.DataFrame, faults: Faults) -> None:
    for facility_id in rows["origin_facility_id"].unique(maintain_order=True):
        roles = run.facilities[facility_id]["roles"] or []
        text = f"{facility_id} takes orders in, its roles are {list(roles)}"
        faults.expect("origin", "origin_station" in roles, text)
    split = rows.group_by("ship_from_zip").agg(pl.col("origin_facility_id").n_unique().alias("n"))
    text = "ship_from_zip {ship_from_zip} goes to {n} origin facilities"
    faults.add_rows("origin", split.filter(pl.col("n") > 1).sort("ship_from_zip"), text)


def _service_lanes(run: Run, rows: pl.DataFrame, faults: Faults) -> None:
    lanes = run.network("service_lanes")
    if lanes.is_empty():
        return
    key = ["origin_facility_id", "zip3", "service"]
    wrong = (
        rows.with_columns(zip3=pl.col("zip5").str.slice(0, 3))
        .join(lanes.select(*key, "offered"), on=key)
        .filter(pl.col("offered") != pl.col("service_offered"))
    )
    text = "{parcel_id}: service_lanes says offered {offered}, the parcel {service_offered}"
    faults.add_rows("service", wrong, text)
