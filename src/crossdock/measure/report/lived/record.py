"""What happened to a plan as plain data: the figures of the page, for those who draw their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from crossdock.measure.frames import table
from crossdock.measure.kpis import plan_kpis
from crossdock.measure.report.lived.days import Days, Ratio
from crossdock.measure.report.lived.ends import ends_content
from crossdock.measure.report.lived.headline import lived_verdict
from crossdock.measure.report.lived.late import late_content
from crossdock.measure.report.lived.money import money_content
from crossdock.measure.report.lived.on_time import most_late, services
from crossdock.measure.words import cause_name

WORST = 10


@dataclass(frozen=True)
class Shown:
    """A KPI as a report shows it.

    Attributes
    ----------
    planned
        The plan's KPI that it is held against; empty where the plan has none.
    better
        1: more is better, -1: less is, 0: neither.
    definition
        What is above and below the line.
    """

    name: str
    label: str
    unit: str
    better: int
    definition: str
    planned: str = ""


SHOWN: tuple[Shown, ...] = (
    Shown(
        "on_time_delivery",
        "On time, as promised",
        "share",
        1,
        "delivered by the promise that the buyer was told, of parcels due so far or delivered",
        "planned_on_time_promise",
    ),
    Shown(
        "on_time_delivery_net",
        "On time, excused left out",
        "share",
        1,
        "the same without parcels late for weather, a bad address or the consignee",
    ),
    Shown(
        "on_time_service",
        "On time, as the service says",
        "share",
        1,
        "delivered by when the service that was sold says, of parcels due so far or delivered",
        "planned_on_time_service",
    ),
    Shown(
        "first_attempt_success",
        "Delivered at the first attempt",
        "share",
        1,
        "parcels whose first attempt delivered them, of parcels with an attempt",
    ),
    Shown(
        "cost_per_package",
        "Cost a parcel",
        "usd",
        -1,
        "every dollar of the ledger over all parcels; a load or route is booked once it has run",
        "cost_per_package",
    ),
    Shown(
        "load_utilisation_cube",
        "Line-haul fill",
        "share",
        1,
        "volume that rode over usable space that was paid for, both weighted by miles",
        "load_utilisation_cube",
    ),
    Shown(
        "empty_miles_share",
        "Empty miles",
        "share",
        -1,
        "miles of empties and bobtails over the miles of all loads that ran",
        "empty_miles_share",
    ),
    Shown(
        "linehaul_cost_per_mile",
        "Line-haul cost a mile",
        "usd_per_mile",
        -1,
        "cost of loads over the miles of those that ran",
        "linehaul_cost_per_mile",
    ),
    Shown(
        "on_time_departure_15",
        "Loads that left on time",
        "share",
        1,
        "planned loads that left at most 15 minutes late, of those due to leave so far",
    ),
    Shown(
        "on_time_arrival_15",
        "Loads that landed on time",
        "share",
        1,
        "planned loads that landed at most 15 minutes late, of those due to land so far",
    ),
    Shown(
        "stops_per_hour",
        "Stops an hour",
        "stops_per_hour",
        1,
        "stops over hours from gate out to gate in, breaks included, of routes that are back",
        "stops_per_hour",
    ),
    Shown(
        "parcels_per_stop",
        "Parcels a stop",
        "parcels_per_stop",
        1,
        "parcels over stops of routes that left",
        "parcels_per_stop",
    ),
    Shown(
        "parcels_per_route",
        "Parcels a route",
        "parcels",
        1,
        "parcels at whose door the driver was, over routes that left",
        "parcels_per_route",
    ),
    Shown(
        "transit_days_p50",
        "Days in transit, median",
        "days",
        -1,
        "from the scan of the pick-up to the first attempt, elapsed",
    ),
    Shown(
        "eta_coverage_p80",
        "Delivered by the p80 of the forecast",
        "share",
        0,
        "should be 80 %: delivered by the 80 % quantile told at release, of parcels due by it",
    ),
    Shown(
        "scan_compliance",
        "Parcels with every scan",
        "share",
        1,
        "parcels scanned at their origin and at both ends of every ride, of parcels taken",
    ),
    Shown("damage_rate", "Damaged", "share", -1, "damaged, of parcels taken"),
    Shown("loss_rate", "Lost", "share", -1, "declared lost, of parcels taken"),
    Shown("return_rate", "Returned", "share", -1, "back with their shipper, of parcels taken"),
    Shown(
        "exceptions_per_1000",
        "Exceptions in 1,000 parcels",
        "per_1000",
        -1,
        "every exception that was opened, over thousands of parcels",
    ),
)
"""In the order in which a person reads them."""


def lived_record(days: Days) -> dict[str, Any]:
    """What `lived_content` shows, as plain data.

    Returns
    -------
    dict
        ``verdict`` sentences; ``progress`` in counts; ``ends``; ``kpis`` (`SHOWN`), each planned
        and actual with numerator and denominator; ``late`` with its causes, owners and subjects;
        ``cost`` by part; ``services``; the ten ``lanes`` and ``metros`` that lost most promises.
    """
    late, money = late_content(days), money_content(days)
    return {
        "verdict": lived_verdict(days, late, money),
        "progress": _progress(days),
        "ends": [_end(row) for row in ends_content(days)["rows"]],
        "kpis": _kpis(days),
        "late": _late(late),
        "cost": _cost(money),
        "services": [_service(row) for row in services(days)],
        "lanes": _worst(days, "origin_facility_id", "destination_facility_id"),
        "metros": _worst(days, "destination_facility_id"),
    }


def _progress(days: Days) -> dict[str, int]:
    parcels, loads = days.table("parcels"), days.table("loads")
    states = parcels["final_state"]
    planned_loads = table(days.page.tables, "loads")
    mine = loads.join(planned_loads, on="load_id", how="semi")
    return {
        "parcels": parcels.height,
        "due": days.parcels.height,
        "ended": states.len() - int((states == "open_exception").sum()),
        "delivered": int((states == "delivered").sum()),
        "loads_planned": planned_loads.height,
        "loads_run": mine["actual_departs_at"].count(),
        "loads_added": loads.height - mine.height,
        "routes_planned": table(days.page.tables, "tours").height,
        "routes_driven": days.table("tours")["departs_at"].count(),
    }


def _end(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"state": row["state"], "name": row["name"], "parcels": row["parcels"]}


def _kpis(days: Days) -> list[dict[str, Any]]:
    planned = {
        name: Ratio(above, below, value)
        for name, grain, above, below, value in plan_kpis(days.page.tables)
        .select("name", "grain", pl.col("numerator", "denominator").fill_null(0.0), "value")
        .iter_rows()
        if grain == "network"
    }
    rows: list[dict[str, Any]] = []
    for shown in SHOWN:
        actual, expected = days.kpi(shown.name), planned.get(shown.planned)
        interval = actual.interval if shown.unit == "share" else None
        rows.append(
            {
                "name": shown.name,
                "label": shown.label,
                "unit": shown.unit,
                "better": shown.better,
                "definition": shown.definition,
                "planned": None if expected is None else _ratio(expected),
                "actual": _ratio(actual),
                "interval": None if interval is None else list(interval),
            }
        )
    return rows


def _ratio(ratio: Ratio) -> dict[str, float | None]:
    return {
        "numerator": ratio.numerator,
        "denominator": ratio.denominator,
        "value": ratio.value,
    }


_CAUSE = ("cause", "name", "meaning", "owner", "parcels", "excused", "share", "points", "hours")
_SUBJECT = ("subject", "cause", "name", "load_id", "route_id", "facility_id", "parcels")


def _late(late: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "parcels": late["parcels"],
        "of": late["of"],
        "excused": late["excused"],
        "causes": [{name: row[name] for name in _CAUSE} for row in late["causes"]],
        "owners": [
            {name: row[name] for name in ("owner", "name", "parcels", "share")}
            for row in late["owners"]
        ],
        "subjects": [{name: row[name] for name in _SUBJECT} for row in late["subjects"][:WORST]],
    }


def _cost(money: Mapping[str, Any]) -> dict[str, Any]:
    parts = ("part", "name", "planned", "actual", "why")
    return {
        "planned_usd": money.get("planned"),
        "actual_usd": money["actual"],
        "parts": [{name: row[name] for name in parts} for row in money["parts"]],
    }


def _service(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "service": row["name"],
        "parcels": row["parcels"],
        "expected": row["expected"],
        "in_plan": row["in_plan"],
        **{name: _ratio(row[name]) for name in ("gross", "net", "as_sold")},
    }


def _worst(days: Days, *by: str) -> list[dict[str, Any]]:
    """The groups that lost most promises: their names, counts, cause, and cost a parcel."""
    costs = (
        days.table("parcels")
        .group_by(by)
        .agg(every=pl.len(), usd_per_parcel=pl.col("cost_usd").mean())
    )
    rows = most_late(days.parcels, *by).head(WORST)
    joined = rows.join(costs, on=list(by), how="left", maintain_order="left", nulls_equal=True)
    return [
        {
            **{name: row[name] for name in by},
            "name": " to ".join(days.place(row[name]) for name in by),
            "parcels": row["parcels"],
            "late": row["late"],
            "kept": row["kept"],
            "expected": row["expected"],
            "cause": row["cause"] or "unexplained",
            "cause_name": cause_name(row["cause"] or "unexplained"),
            "cause_parcels": row["of_cause"],
            "usd_per_parcel": row["usd_per_parcel"],
        }
        for row in joined.to_dicts()
    ]
