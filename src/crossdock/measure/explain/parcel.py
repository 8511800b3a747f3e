"""Why a parcel travels as it does, when it arrives, what it costs."""

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
)
from crossdock.measure.frames import Tables, table


def explain_parcel(tables: Tables, parcel_id: str, clockface: Clockface) -> Explanation:
    """Order, path, choice, promise arithmetic and cost of a parcel."""
    parcel = table(tables, "parcels").row(by_predicate=pl.col("parcel_id") == parcel_id, named=True)
    legs = table(tables, "legs").filter(pl.col("parcel_id") == parcel_id).sort("seq")
    own = decisions_about(tables, [parcel_id, parcel["order_id"]])
    context = decisions_about(tables, _context(parcel, legs))
    decisions = [*own, *context]
    destination = parcel["destination_facility_id"]
    return Explanation(
        kind="parcel",
        subject=parcel_id,
        headline=f"{parcel['origin_facility_id']} to ZIP {parcel['zip5']} from {destination}, "
        f"arrives {clockface.at(parcel['eta_p50'], destination)}",
        sections=(
            Section("Order", _order_lines(parcel)),
            Section("Path", _path_lines(tables, parcel, legs, clockface)),
            Section("Why", decision_lines(decisions)),
            Section("Promise", _promise_lines(parcel, clockface)),
            Section("Cost", _cost_lines(tables, parcel, legs)),
        ),
        facts={
            "parcel": parcel,
            "legs": legs.to_dicts(),
            "decisions": decision_facts(decisions),
        },
    )


def _context(parcel: dict[str, Any], legs: pl.DataFrame) -> list[str]:
    """Subjects whose decisions shape this parcel: its loads, and its lane."""
    lane = f"{parcel['origin_facility_id']}-{parcel['destination_facility_id']}"
    hops = [f"{leg['from']}-{leg['to']}" for leg in legs.to_dicts()]
    return [lane, *(hop for hop in hops if hop != lane), *legs["load_id"]]


def _order_lines(parcel: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"order {parcel['order_id']} of merchant {parcel['merchant_id']}, {parcel['service']}, "
        f"ships {parcel['ship_date']}",
        f"{parcel['weight_kg']:.2f} kg, {parcel['volume_m3']:.4f} m3; address placed by "
        f"{parcel['precision']}",
    )


def _path_lines(
    tables: Tables, parcel: dict[str, Any], legs: pl.DataFrame, clockface: Clockface
) -> tuple[str, ...]:
    loads = table(tables, "loads").filter(pl.col("load_id").is_in(legs["load_id"].implode()))
    by_load = {load["load_id"]: load for load in loads.to_dicts()}
    wave, lines = _first_wave(tables, parcel, legs), list[str]()
    if wave:
        ready = clockface.at(wave["ready_at"], wave["facility_id"])
        lines.append(f"sorted at {wave['facility_id']} in wave {wave['wave']}, ready {ready}")
    for leg in legs.to_dicts():
        load = by_load.get(leg["load_id"], {})
        lines.append(
            f"{leg['from']} {clockface.at(leg['departs_at'], leg['from'])} -> {leg['to']} "
            f"{clockface.at(leg['arrives_at'], leg['to'])} on {leg['load_id']} "
            f"({load.get('kind')} {load.get('vehicle_type')}, {load.get('carrier_id')}, "
            f"{load.get('driver_mode')})"
        )
    return (*lines, *_last_step(tables, parcel, clockface))


def _first_wave(tables: Tables, parcel: dict[str, Any], legs: pl.DataFrame) -> dict[str, Any]:
    """The last wave of the ship day at the origin that is sorted before the parcel leaves."""
    waves = table(tables, "waves").filter(
        (pl.col("facility_id") == parcel["origin_facility_id"])
        & (pl.col("date") == parcel["ship_date"])
    )
    if legs.height:
        waves = waves.filter(pl.col("ready_at") <= legs["departs_at"][0])
    return waves.sort("ready_at").row(-1, named=True) if waves.height else {}


def _last_step(tables: Tables, parcel: dict[str, Any], clockface: Clockface) -> tuple[str, ...]:
    mine = pl.col("parcel_id") == parcel["parcel_id"]
    lines: list[str] = []
    for stop in table(tables, "routes").filter(mine).to_dicts():
        place = stop["facility_id"]
        lines.append(
            f"stop {stop['sequence']} of route {stop['route_id']} from {place}, "
            f"{clockface.at(stop['arrives_at'], place)}, delivered by {stop['carrier_id']} "
            f"({parcel['delivery_mode']})"
        )
    for handoff in table(tables, "handoffs").filter(mine).to_dicts():
        place = handoff["facility_id"]
        lines.append(
            f"handed to {handoff['carrier_id']} ({handoff['mode']}, entry "
            f"{handoff['entry_level']}) at {place} {clockface.at(handoff['handoff_at'], place)}"
            f"; {handoff['reason'] or 'no reason stored'}"
        )
    for exception in table(tables, "exceptions").filter(mine).to_dicts():
        lines.append(f"exception {exception['kind']}: {exception['evidence']}")
    return tuple(lines)


def _promise_lines(parcel: dict[str, Any], clockface: Clockface) -> tuple[str, ...]:
    place = parcel["destination_facility_id"]
    due, promised = parcel["service_due_at"], parcel["promised_at"]
    offered = "offered" if parcel["service_offered"] else "not offered"
    lines = [
        f"{parcel['service']} from {parcel['ship_date']} is due {clockface.at(due, place)}; "
        f"{offered} on this lane",
        f"the buyer was told {clockface.at(promised, place)}",
        f"ETA p50 {clockface.at(parcel['eta_p50'], place)}, "
        f"p80 {clockface.at(parcel['eta_p80'], place)}, "
        f"p95 {clockface.at(parcel['eta_p95'], place)}",
    ]
    lines += _slack("service", due, "p50", parcel["eta_p50"])
    lines += _slack("promise", promised, "p95", parcel["eta_p95"])
    if parcel["p_on_time_promise"] is not None:
        lines.append(f"promise kept with probability {parcel['p_on_time_promise']:.1%}")
    return tuple(lines)


def _slack(what: str, due: dt.datetime | None, quantile: str, eta: dt.datetime | None) -> list[str]:
    if due is None or eta is None:
        return [f"{what}: cannot be said, no ETA"]
    slack = due - eta
    if slack >= dt.timedelta(0):
        return [f"{what} kept: {quantile} leaves {hours(slack)}"]
    return [f"{what} missed: {quantile} is {hours(-slack)} late"]


def _cost_lines(tables: Tables, parcel: dict[str, Any], legs: pl.DataFrame) -> tuple[str, ...]:
    lines = [f"{money(parcel['cost_usd'])} in all"]
    lines += [
        f"{label} {money(parcel[column])}"
        for label, column in (
            ("pick-up", "pickup_usd"),
            ("handling", "handling_usd"),
            ("line-haul", "linehaul_usd"),
            ("last mile", "lastmile_usd"),
        )
        if parcel[column]
    ]
    loads = table(tables, "loads").filter(pl.col("load_id").is_in(legs["load_id"].implode()))
    for load in loads.sort("departs_at", "load_id").to_dicts():
        if load["volume_m3"]:
            share = parcel["volume_m3"] / load["volume_m3"]
            way_back = " before its way back" if load["kind"] == "loaded" else ""
            lines.append(
                f"{share:.2%} of the freight of {load['load_id']}, which costs "
                f"{money(load['cost_usd'])}{way_back}"
            )
    return tuple(lines)
