"""Why a load goes as it does: fill, carrier, drivers, parcels."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from crossdock.measure.decisions import decisions_about
from crossdock.measure.explain.explanation import (
    Clockface,
    Explanation,
    Section,
    decision_facts,
    decision_lines,
    hours,
    money,
    plural,
    shortened,
)
from crossdock.measure.frames import EMPTY_KINDS, Tables, table

_ACTIVITIES = {"D": "drive", "ON": "on duty", "OFF": "off duty", "SB": "sleeper berth"}


def explain_load(tables: Tables, load_id: str, clockface: Clockface) -> Explanation:
    """Fill, carrier choice, driver duty with hours, and parcels of a load."""
    load = table(tables, "loads").row(by_predicate=pl.col("load_id") == load_id, named=True)
    lane = f"{load['from']}-{load['to']}"
    subjects = [load_id, *([load["movement_id"]] if load["movement_id"] else []), lane]
    decisions = decisions_about(tables, subjects)
    legs = table(tables, "legs").filter(pl.col("load_id") == load_id)
    duties = table(tables, "duties").filter(pl.col("load_id") == load_id)
    departs, arrives = load["departs_at"], load["arrives_at"]
    return Explanation(
        kind="load",
        subject=load_id,
        headline=f"{load['kind']} {load['vehicle_type'] or 'tractor'} {lane}, "
        f"{clockface.at(departs, load['from'])} -> {clockface.at(arrives, load['to'])}",
        sections=(
            Section("Fill and cost", _fill_lines(load)),
            Section("Way back", _return_lines(tables, load, clockface)),
            Section("Why", decision_lines(decisions)),
            Section("Drivers", _duty_lines(tables, load, duties, clockface)),
            Section("Parcels", _parcel_lines(tables, legs)),
        ),
        facts={
            "load": load,
            "duties": duties.to_dicts(),
            "parcels": legs["parcel_id"].to_list(),
            "decisions": decision_facts(decisions),
        },
    )


def _fill_lines(load: dict[str, Any]) -> tuple[str, ...]:
    cost = f"{money(load['cost_usd'])} for {load['miles']:,.0f} miles with {load['carrier_id']}"
    if load["kind"] in EMPTY_KINDS:
        return ("carries nothing: own equipment on its way back", cost)
    each = f", {money(load['cost_usd'] / load['parcels'])} a parcel" if load["parcels"] else ""
    return (
        f"{plural(load['parcels'], 'parcel')}, {load['volume_m3']:.1f} m3, "
        f"{load['weight_kg']:,.0f} kg in {plural(load['units'], 'unit')}: "
        f"{load['cube_share']:.0%} of the usable space, {load['weight_share']:.0%} of the payload",
        cost + each,
    )


def _return_lines(tables: Tables, load: dict[str, Any], clockface: Clockface) -> tuple[str, ...]:
    loads = table(tables, "loads")
    lines = [
        f"brings back the equipment of {each}"
        for each in [load["returns_load_id"]]
        if each is not None
    ]
    lines += [
        f"its equipment comes back on {back['load_id']} ({back['kind']}), "
        f"{clockface.at(back['departs_at'], back['from'])} -> "
        f"{clockface.at(back['arrives_at'], back['to'])}, {money(back['cost_usd'])}"
        for back in loads.filter(pl.col("returns_load_id") == load["load_id"]).to_dicts()
    ]
    if load["kind"] in ("bought", "pooled"):
        lines.append("a carrier's vehicle, one way: no return is owed")
    return tuple(lines)


def _duty_lines(
    tables: Tables, load: dict[str, Any], duties: pl.DataFrame, clockface: Clockface
) -> tuple[str, ...]:
    if duties.is_empty():
        return (f"the carrier's own ({load['driver_mode'] or 'mode not stated'})",)
    lines = [f"mode {load['driver_mode']}, drivers {load['driver_ids']}"]
    whole = table(tables, "duties").filter(
        pl.col("duty_id").is_in(duties["duty_id"].unique().sort().implode())
    )
    for (duty_id,), segments in whole.sort("duty_id", "starts_at").group_by(
        "duty_id", maintain_order=True
    ):
        lines += [_duty_summary(str(duty_id), segments)]
        lines += [
            f"  {clockface.at(segment['starts_at'], load['from'])} "
            f"{_ACTIVITIES.get(segment['activity'], segment['activity'])} "
            f"{hours(segment['ends_at'] - segment['starts_at'])} ({segment['load_id']})"
            for segment in segments.to_dicts()
        ]
    return tuple(lines)


def _duty_summary(duty_id: str, segments: pl.DataFrame) -> str:
    rows = segments.to_dicts()
    driven = sum(
        (row["ends_at"] - row["starts_at"] for row in rows if row["activity"] == "D"),
        dt.timedelta(0),
    )
    span = rows[-1]["ends_at"] - rows[0]["starts_at"]
    return (
        f"duty {duty_id}, driver {rows[0]['driver_id']}: "
        f"{hours(driven)} at the wheel within {hours(span)}"
    )


def _parcel_lines(tables: Tables, legs: pl.DataFrame) -> tuple[str, ...]:
    parcels = table(tables, "parcels").join(legs.select("parcel_id"), on="parcel_id", how="semi")
    if parcels.is_empty():
        return ()
    to = (
        parcels.group_by("destination_facility_id")
        .len()
        .sort("len", "destination_facility_id", descending=[True, False])
    )
    bound = [f"{row['len']:,} for {row['destination_facility_id']}" for row in to.to_dicts()]
    return (shortened(bound), shortened(parcels["parcel_id"].sort().to_list()))
