"""What a plan does with a lane and with a facility, and why."""

from __future__ import annotations

import polars as pl

from crossdock.measure.decisions import decisions_about
from crossdock.measure.explain.explanation import (
    Clockface,
    Explanation,
    Section,
    decision_facts,
    decision_lines,
    money,
    plural,
    shortened,
)
from crossdock.measure.frames import (
    Tables,
    lane,
    on_time_for_promise,
    on_time_for_service,
    table,
)


def explain_lane(tables: Tables, lane_id: str, clockface: Clockface) -> Explanation:
    """Parcels, loads and reasons of a lane ``FROM-TO``."""
    parcels = table(tables, "parcels").filter(
        lane("origin_facility_id", "destination_facility_id") == lane_id
    )
    loads = table(tables, "loads").filter(lane() == lane_id).sort("departs_at", "load_id")
    decisions = decisions_about(tables, [lane_id, *loads["load_id"].head(5)])
    return Explanation(
        kind="lane",
        subject=lane_id,
        headline=f"{plural(parcels.height, 'parcel')} end to end, "
        f"{plural(loads.height, 'load')} between the two, "
        f"{money(float(loads['cost_usd'].sum()))} of line-haul",
        sections=(
            Section("Parcels", _parcel_lines(parcels)),
            Section("Loads", _load_lines(loads, clockface)),
            Section("Why", decision_lines(decisions)),
        ),
        facts={
            "parcels": parcels.height,
            "loads": loads.to_dicts(),
            "decisions": decision_facts(decisions),
        },
    )


def explain_facility(tables: Tables, facility_id: str, clockface: Clockface) -> Explanation:
    """Waves, line-haul, last mile, handoffs and reasons of a facility."""
    loads = table(tables, "loads").sort("departs_at", "load_id")
    out, into = (
        loads.filter(pl.col("from") == facility_id),
        loads.filter(pl.col("to") == facility_id),
    )
    parcels = table(tables, "parcels").filter(pl.col("destination_facility_id") == facility_id)
    sent = table(tables, "parcels").filter(pl.col("origin_facility_id") == facility_id)
    tours = table(tables, "tours").filter(pl.col("facility_id") == facility_id)
    decisions = decisions_about(tables, [facility_id])
    return Explanation(
        kind="facility",
        subject=facility_id,
        headline=f"{plural(sent.height, 'parcel')} start here, {parcels.height:,} end here",
        sections=(
            Section("Waves", _wave_lines(tables, facility_id, clockface)),
            Section("Departures", _load_lines(out, clockface)),
            Section("Arrivals", _load_lines(into, clockface)),
            Section("Parcels that end here", _parcel_lines(parcels)),
            Section("Last mile", _lastmile_lines(tables, tours, facility_id)),
            Section("Exceptions", _exception_lines(tables, facility_id)),
            Section("Why", decision_lines(decisions)),
        ),
        facts={
            "parcels_sent": sent.height,
            "parcels_received": parcels.height,
            "loads_out": out["load_id"].to_list(),
            "loads_in": into["load_id"].to_list(),
            "routes": tours["route_id"].to_list(),
            "decisions": decision_facts(decisions),
        },
    )


def _parcel_lines(parcels: pl.DataFrame) -> tuple[str, ...]:
    if parcels.is_empty():
        return ()
    figures = parcels.select(
        service=on_time_for_service().mean(),
        promise=on_time_for_promise().mean(),
        offered=pl.col("service_offered").mean(),
        cost=pl.col("cost_usd").mean(),
    ).row(0, named=True)
    choices = parcels.group_by("linehaul_choice").len().sort("len", descending=True)
    travel = [f"{row['len']:,} {row['linehaul_choice']}" for row in choices.to_dicts()]
    return (
        f"on time for the service {figures['service']:.1%}, promise kept "
        f"{figures['promise']:.1%}, offered {figures['offered']:.1%}",
        f"{money(figures['cost'])} a parcel; travel: {', '.join(travel)}",
    )


def _load_lines(loads: pl.DataFrame, clockface: Clockface, shown: int = 15) -> tuple[str, ...]:
    lines = [
        f"{load['load_id']} {load['from']} {clockface.at(load['departs_at'], load['from'])} -> "
        f"{load['to']} {clockface.at(load['arrives_at'], load['to'])}  {load['kind']} "
        f"{load['vehicle_type'] or 'tractor'}, {load['carrier_id']}, "
        f"{plural(load['parcels'] or 0, 'parcel')}, fill {load['cube_share'] or 0:.0%}, "
        f"{money(load['cost_usd'])}"
        for load in loads.head(shown).to_dicts()
    ]
    if loads.height > shown:
        lines.append(f"... and {loads.height - shown:,} more")
    return tuple(lines)


def _wave_lines(tables: Tables, facility_id: str, clockface: Clockface) -> tuple[str, ...]:
    waves = table(tables, "waves").filter(pl.col("facility_id") == facility_id)
    return tuple(
        f"{row['wave']} {row['date']}: cut-off "
        f"{clockface.at(row['inbound_cutoff_at'], facility_id)}, sort "
        f"{clockface.at(row['starts_at'], facility_id)} -> "
        f"{clockface.at(row['ends_at'], facility_id)}"
        for row in waves.sort("starts_at").head(12).to_dicts()
    )


def _lastmile_lines(tables: Tables, tours: pl.DataFrame, facility_id: str) -> tuple[str, ...]:
    handed = (
        table(tables, "handoffs")
        .filter(pl.col("facility_id") == facility_id)
        .group_by("carrier_id", "entry_level")
        .len()
        .sort("carrier_id", "entry_level")
    )
    lines = [
        f"{plural(row['len'], 'parcel')} handed to {row['carrier_id']} ({row['entry_level']})"
        for row in handed.to_dicts()
    ]
    if tours.height:
        routes = tours["route_id"].sort().to_list()
        lines.append(
            f"{plural(tours.height, 'route')}, {plural(int(tours['stops'].sum()), 'stop')}, "
            f"{money(float(tours['cost_usd'].sum()))}: {shortened(routes)}"
        )
    return tuple(lines)


def _exception_lines(tables: Tables, facility_id: str) -> tuple[str, ...]:
    opened = table(tables, "exceptions").filter(pl.col("facility_id") == facility_id)
    counts = opened.group_by("kind").len().sort("kind")
    return tuple(f"{row['kind']}: {row['len']:,}" for row in counts.to_dicts())
