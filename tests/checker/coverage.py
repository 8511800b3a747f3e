"""Who delivers: one of the ZIP's coverage rows, at a partner's door in its window."""

from __future__ import annotations

import datetime as dt

import polars as pl

from checker.calendars import Calendars, local
from checker.faults import Faults
from checker.paths import ready_at_door
from checker.reading import Run
from checker.waves import Waves

KEY = ("facility_id", "carrier_id", "mode", "entry_level")


def check(run: Run, calendars: Calendars, waves: Waves, faults: Faults) -> None:
    _is_a_coverage_row(run, faults)
    _handoffs_match(run, waves, faults)
    _appointments(run, calendars, faults)


def _is_a_coverage_row(run: Run, faults: Faults) -> None:
    rows = run.network("coverage").select("zip", *KEY, "effective_from", "effective_to")
    known = rows.select("zip").unique()
    parcels = run.whole("parcels").with_columns(zip3=pl.col("zip5").str.slice(0, 3))
    exact = parcels.join(known, left_on="zip5", right_on="zip", how="semi")
    wide = parcels.join(known, left_on="zip5", right_on="zip", how="anti")
    # the longer prefix wins, whole: a ZIP with rows of its own has no others
    asked = pl.concat(
        [exact.with_columns(zip=pl.col("zip5")), wide.with_columns(zip=pl.col("zip3"))]
    )
    chosen = asked.select(
        "parcel_id",
        "zip",
        "ship_date",
        facility_id="destination_facility_id",
        carrier_id="delivery_carrier_id",
        mode="delivery_mode",
        entry_level="entry_level",
    )
    found = chosen.join(rows, on=["zip", *KEY], how="left", nulls_equal=True, coalesce=True).join(
        rows.select("zip", *KEY, hit=pl.lit(value=True)).unique(),
        on=["zip", *KEY],
        how="left",
        nulls_equal=True,
    )
    missing = found.filter(pl.col("hit").is_null()).unique("parcel_id", maintain_order=True)
    text = (
        "{parcel_id}: ZIP {zip} is not covered by {carrier_id} ({mode}, {entry_level}) "
        "from {facility_id}"
    )
    faults.add_rows("coverage", missing, text)
    stale = found.filter(
        pl.col("hit")
        & (
            (pl.col("effective_from") > pl.col("ship_date") + dt.timedelta(days=15))
            | (pl.col("effective_to") < pl.col("ship_date"))
        )
    )
    faults.add_rows("coverage", stale, "{parcel_id}: its coverage row of {zip} is not in force")


def _handoffs_match(run: Run, waves: Waves, faults: Faults) -> None:
    joined = (
        run["handoffs"]
        .rename({"ready_at": "said_ready_at"})
        .join(run.whole("parcels"), on="parcel_id", suffix="_parcel")
        .join(ready_at_door(run, waves), on="parcel_id", how="left")
    )
    other = joined.filter(
        (pl.col("mode") != pl.col("delivery_mode"))
        | pl.col("entry_level").ne_missing(pl.col("entry_level_parcel"))
    )
    faults.add_rows("handoffs", other, "{parcel_id}: mode or entry level differs from its parcel")
    early = joined.filter(
        pl.col("ready_at").is_null()
        | (pl.col("said_ready_at") < pl.col("ready_at"))
        | (pl.col("handoff_at") < pl.col("said_ready_at"))
    )
    text = "{parcel_id} is sorted at {ready_at}, told ready {said_ready_at}, handed {handoff_at}"
    faults.add_rows("handoffs", early, text)
    late = joined.filter(pl.col("handoff_at") > pl.col("critical_entry_at"))
    text = "{parcel_id} is handed at {handoff_at}, after the critical entry {critical_entry_at}"
    faults.add_rows("handoffs", late, text)


def _appointments(run: Run, calendars: Calendars, faults: Faults) -> None:
    """A handoff falls in a window of that partner, before its critical entry, manifest in time."""
    windows: dict[tuple[str, str], list[dict]] = {}
    for row in run.network("appointments").to_dicts():
        windows.setdefault((row["facility_id"], row["partner_id"]), []).append(row)
    when = ("facility_id", "carrier_id", "handoff_at", "critical_entry_at", "manifest_due_at")
    for row in run["handoffs"].select(when).unique(maintain_order=True).to_dicts():
        offered = windows.get((row["facility_id"], row["carrier_id"]))
        if offered is None:
            continue  # no appointment needed
        facility = run.facilities[row["facility_id"]]
        at = local(row["handoff_at"], facility["timezone"])
        fitting = [
            each
            for each in offered
            if calendars.runs(facility["calendar_id"], each["days"], at.date())
            and each["opens"]
            <= at.time()
            <= min(each["closes"], each["critical_entry"] or dt.time.max)
            and row["handoff_at"] - row["manifest_due_at"]
            >= dt.timedelta(minutes=float(each["manifest_lead_min"] or 0))
        ]
        text = (
            f"{row['carrier_id']} in {row['facility_id']} at {at}: no window, or manifest too late"
        )
        faults.expect("appointments", bool(fitting), text)
