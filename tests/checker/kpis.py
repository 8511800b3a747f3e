"""KPIs: what the tables say, with numerator and denominator, once a name."""

from __future__ import annotations

import math

import polars as pl

from checker.calendars import Calendars
from checker.faults import Faults
from checker.reading import Run
from checker.waves import Waves

REQUIRED = (
    "cost_per_package",
    "load_utilisation_cube",
    "load_utilisation_weight",
    "empty_miles_share",
    "stops_per_hour",
)
"""What a plan can know; service as it happened needs a run."""


def check(run: Run, calendars: Calendars, waves: Waves, faults: Faults) -> None:
    kpis = run["kpis"]
    twice = kpis.filter(pl.struct("name", "grain", "key").is_duplicated())
    faults.add_rows("kpis", twice, "{name} of {grain} {key} is there twice")
    for row in kpis.to_dicts():
        name = f"{row['name']} of {row['grain']} {row['key']}"
        above, below = row["numerator"], row["denominator"]
        value = None if not below else above / below
        text = f"{name}: {row['value']} is not {above} / {below}"
        faults.expect("kpis", row["value"] == value, text)
        share = row["unit"] != "share" or value is None or -1e-9 <= value <= 1 + 1e-9
        faults.expect("kpis", share, f"{name}: {value} is no share")
    network = {
        row["name"]: row
        for row in kpis.filter(pl.col("grain") == "network", pl.col("key") == "all").to_dicts()
    }
    stray = kpis.filter(pl.col("grain") == "network", pl.col("key") != "all")
    faults.add_rows("kpis", stray, "{name} of the network has the key {key}")
    for name in REQUIRED:
        faults.expect("kpis", name in network, f"{name} of the network is missing")
    for name, (above, below) in _recomputed(run).items():
        row = network.get(name)
        if row is None:
            continue
        same = all(
            math.isclose(row[side], own, rel_tol=1e-6, abs_tol=1e-6)
            for side, own in (("numerator", above), ("denominator", below))
        )
        text = (
            f"{name}: {row['numerator']} / {row['denominator']}, the tables say {above} / {below}"
        )
        faults.expect("kpis", same, text)


def _recomputed(run: Run) -> dict[str, tuple[float, float]]:
    """Of the day's own parcels; but loads and routes with everything that rides them."""
    parcels, tours = run["parcels"], run["tours"]
    count = float(parcels.height)
    short = run.shortfalls & set(parcels["parcel_id"])
    cube = weight = cube_paid = weight_paid = 0.0
    miles = empty = 0.0
    for load in run["loads"].to_dicts():
        miles += load["miles"]
        if load["kind"] in ("empty", "bobtail"):
            empty += load["miles"]
            continue
        kind = run.vehicle_types[load["vehicle_type"]]
        far = load["miles"] * load["units"]
        cube += load["volume_m3"] * load["miles"]
        weight += load["weight_kg"] * load["miles"]
        cube_paid += kind["nominal_m3"] * kind["stow_factor"] * far
        weight_paid += kind["payload_kg"] * far
    entries = dict(run["ledger"].group_by("kind").agg(pl.col("cost_usd").sum()).iter_rows())
    by_kind = {f"cost_per_package_{kind}": (usd, count) for kind, usd in entries.items()}
    haul = sum(usd for kind, usd in entries.items() if kind.startswith("linehaul"))
    by_kind.pop("cost_per_package_linehaul_empty", None)
    by_kind["cost_per_package_linehaul"] = (haul, count)
    keeps = (pl.col("p_on_time_promise").sum(), pl.col("service_offered").sum())
    kept, offered = parcels.select(*keeps).row(0)
    on_road = float(tours["stops"].sum())
    return by_kind | {
        "cost_per_package": (run["ledger"]["cost_usd"].sum(), count),
        "load_utilisation_cube": (cube, cube_paid),
        "load_utilisation_weight": (weight, weight_paid),
        "empty_miles_share": (empty, miles),
        # gate out to gate in, breaks included
        "stops_per_hour": (
            on_road,
            (tours["returns_at"] - tours["departs_at"]).dt.total_seconds().sum() / 3600,
        ),
        "planned_on_time_promise": (kept, count),
        "offered_share": (float(offered), count),
        "capacity_shortfall_share": (float(len(short)), count),
        "parcels_per_stop": (float(tours["parcels"].sum()), on_road),
        "parcels_per_route": (float(tours["parcels"].sum()), float(tours.height)),
    }
