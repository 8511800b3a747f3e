"""Why a route is what it is: stops, hours, breaks, alternatives."""

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
)
from crossdock.measure.frames import Tables, table
from crossdock.model.units import miles


def explain_route(tables: Tables, route_id: str, clockface: Clockface) -> Explanation:
    """Hours, load, stops, breaks and reasons of a route."""
    tour = table(tables, "tours").row(by_predicate=pl.col("route_id") == route_id, named=True)
    place = tour["facility_id"]
    stops = _stops(table(tables, "routes").filter(pl.col("route_id") == route_id))
    breaks = table(tables, "breaks").filter(pl.col("route_id") == route_id).sort("starts_at")
    decisions = decisions_about(tables, [route_id, place])
    return Explanation(
        kind="route",
        subject=route_id,
        headline=f"{plural(tour['stops'], 'stop')} from {place} on {tour['delivery_date']}, "
        f"vehicle {tour['vehicle_id']}, driver {tour['driver_id']}",
        sections=(
            Section("Hours and cost", _hours_lines(tables, tour, clockface)),
            Section("Why", decision_lines(decisions)),
            Section("Breaks", _break_lines(breaks, place, clockface)),
            Section("Stops", _stop_lines(stops, place, clockface)),
        ),
        facts={
            "tour": tour,
            "stops": stops.to_dicts(),
            "breaks": breaks.to_dicts(),
            "decisions": decision_facts(decisions),
        },
    )


def _stops(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.sort("sequence", "parcel_id")
        .group_by("sequence", maintain_order=True)
        .agg(
            pl.col("arrives_at").first(),
            pl.col("departs_at").first(),
            pl.col("distance_m").sum(),
            pl.col("parcel_id"),
        )
    )


def _hours_lines(tables: Tables, tour: dict[str, Any], clockface: Clockface) -> tuple[str, ...]:
    place = tour["facility_id"]
    on_road: dt.timedelta = tour["returns_at"] - tour["departs_at"]
    rate = tour["stops"] / (on_road.total_seconds() / 3600) if on_road else 0.0
    return (
        f"{clockface.at(tour['departs_at'], place)} -> {clockface.at(tour['returns_at'], place)}, "
        f"{hours(on_road)} on the road, {hours(dt.timedelta(seconds=tour['paid_s']))} paid, "
        f"{rate:.1f} stops an hour",
        f"{plural(tour['parcels'], 'parcel')}, {tour['volume_m3']:.2f} m3, "
        f"{tour['weight_kg']:,.0f} kg; {miles(tour['distance_m']):,.1f} miles, "
        f"of which {miles(tour['return_distance_m']):,.1f} back",
        f"{money(tour['cost_usd'])} with {tour['carrier_id']}, "
        f"{money(tour['cost_usd'] / tour['parcels'] if tour['parcels'] else None)} a parcel",
        *_fleet_line(tables, tour, clockface),
    )


def _fleet_line(tables: Tables, tour: dict[str, Any], clockface: Clockface) -> tuple[str, ...]:
    vehicle = table(tables, "fleet").filter(
        (pl.col("vehicle_id") == tour["vehicle_id"])
        & (pl.col("delivery_date") == tour["delivery_date"])
    )
    return tuple(
        f"{row['vehicle_type']}: room for {row['capacity_m3']:.1f} m3 and "
        f"{row['capacity_kg']:,.0f} kg, shift "
        f"{clockface.at(row['shift_starts_at'], tour['facility_id'])} -> "
        f"{clockface.at(row['shift_ends_at'], tour['facility_id'])}"
        for row in vehicle.head(1).to_dicts()
    )


def _break_lines(breaks: pl.DataFrame, place: str, clockface: Clockface) -> tuple[str, ...]:
    return tuple(
        f"{row['kind']} {clockface.at(row['starts_at'], place)}, "
        f"{hours(row['ends_at'] - row['starts_at'])}"
        for row in breaks.to_dicts()
    )


def _stop_lines(stops: pl.DataFrame, place: str, clockface: Clockface) -> tuple[str, ...]:
    return tuple(
        f"{row['sequence']:>3}  {clockface.at(row['arrives_at'], place)}  "
        f"{miles(row['distance_m']):5.1f} mi  {', '.join(row['parcel_id'])}"
        for row in stops.to_dicts()
    )
