"""Move stops from one delivery route to another before either leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from crossdock.model.errors import NotFoundError
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR
from crossdock.operate.commands.arrivals import Arrival, Foresight
from crossdock.operate.commands.command import MoveStops, given_by_desk
from crossdock.operate.commands.journeys import journeys_of
from crossdock.operate.commands.outlook import Change, Outlook
from crossdock.operate.commands.rounds import Round, Stop
from crossdock.operate.commands.verdict import Findings, counted, span
from crossdock.operate.readings import payload_of
from crossdock.operate.tracking import route_progress

Tour = Mapping[str, Any]


def move_stops(command: MoveStops, outlook: Outlook) -> Findings:
    """Give stops to another van: miles and hours of both, and who is reached later."""
    source, target = (_tour(outlook, each) for each in (command.route_id, command.to_route_id))
    found = Findings()
    _same_station_and_day(source, target, found)
    _not_left(outlook, (source, target), found)
    station = outlook.place(source["facility_id"])
    if station is None:
        found.bar("the coordinates of the station are not known")
        return found
    before = [_round(outlook, each, station) for each in (source, target)]
    strangers = sorted(set(command.parcel_ids) - set(before[0].reached()))
    if strangers:
        _known(outlook, strangers)
        found.bar(f"{counted(len(strangers), 'parcel is', 'parcels are')} not on "
                  f"{command.route_id}: {', '.join(strangers[:3])}")  # fmt: skip
    if found.barred:
        return found
    rest, taken = before[0].without(command.parcel_ids)
    longer = before[1]
    for stop in taken:
        longer = longer.including(stop)
    _fits(outlook, target, longer, found)
    found.cost_usd = _cost_usd(outlook, source, before[0], rest) + _cost_usd(
        outlook, target, before[1], longer
    )
    found.note(
        f"{command.route_id}: {_more(before[0], rest)}; "
        f"{command.to_route_id}: {_more(before[1], longer)}"
    )
    found.changes = _changes(outlook, before, longer)
    return found


def _tour(outlook: Outlook, route_id: str) -> Tour:
    rows = outlook.scene.means.tours.filter(pl.col("route_id") == route_id).head(1).to_dicts()
    if not rows:
        raise NotFoundError(f"there is no route {route_id!r}", remedy="name a route of the day")
    return rows[0]


def _known(outlook: Outlook, parcel_ids: list[str]) -> None:
    parcels = outlook.scene.plan.parcels["parcel_id"]
    for each in parcel_ids:
        if each not in parcels and each not in outlook.scene.present.parcels["parcel_id"]:
            raise NotFoundError(f"there is no parcel {each!r}", remedy="name a parcel of the day")


def _same_station_and_day(source: Tour, target: Tour, found: Findings) -> None:
    if source["facility_id"] != target["facility_id"]:
        found.bar(f"they leave from {source['facility_id']} and {target['facility_id']}")
    if source["delivery_date"] != target["delivery_date"]:
        found.bar(f"they are on {source['delivery_date']} and {target['delivery_date']}")


def _not_left(outlook: Outlook, tours: tuple[Tour, Tour], found: Findings) -> None:
    progress = route_progress(outlook.scene.present.folded.tracking)
    left = dict(progress.select("route_id", "departed_at").iter_rows())
    for tour in tours:
        when = left.get(tour["route_id"])
        if when is not None:
            at = outlook.clock(tour["facility_id"], int(when.timestamp()))
            found.bar(f"{tour['route_id']} left at {at}")


def _round(outlook: Outlook, tour: Tour, station: tuple[float, float]) -> Round:
    """A route as it is now: as planned, and as stops were moved since."""
    route_id = tour["route_id"]
    planned = _stops(outlook, pl.col("route_id") == route_id)
    found = Round(station, tour["departs_at"].timestamp(), tuple(planned))
    for moved in _moves(outlook):
        parcel_ids = str(moved.get("parcel_ids", "")).split(";")
        if moved.get("route_id") == route_id:
            found, _ = found.without(parcel_ids)
        elif moved.get("to_route_id") == route_id:
            for stop in _stops(outlook, pl.col("parcel_id").is_in(parcel_ids)):
                found = found.including(stop)
    return found


def _stops(outlook: Outlook, which: pl.Expr) -> list[Stop]:
    """Planned stops, with those of their parcels that are meant."""
    rows = (
        outlook.scene.plan.routes.filter(which)
        .sort("route_id", "sequence", "parcel_id")
        .group_by("route_id", "sequence", maintain_order=True)
        .agg(
            pl.col("latitude", "longitude").first(),
            pl.col("parcel_id"),
            arrives_s=pl.col("arrives_at").first().dt.epoch("s"),
        )
    )
    return [
        Stop(row["latitude"], row["longitude"], tuple(row["parcel_id"]), row["arrives_s"])
        for row in rows.iter_rows(named=True)
    ]


def _moves(outlook: Outlook) -> list[dict[str, Any]]:
    """What was commanded of stops so far, in order."""
    told = outlook.scene.commands.filter(
        given_by_desk() & (pl.col("kind") == "command_move_stops")
    ).sort("occurred_at", "source_event_id")
    return [payload_of(text) for text in told["payload"]]


def _fits(outlook: Outlook, tour: Tour, longer: Round, found: Findings) -> None:
    """Space, payload, parcels, shift and longest duty of the van that takes them."""
    van = _van(outlook, tour)
    if van is None:
        found.note(f"the van {tour['vehicle_id']} is not in the plan's fleet: space is not checked")
        return
    parcel_ids = list(longer.reached())
    goods = outlook.scene.means.goods.filter(pl.col("parcel_id").is_in(parcel_ids))
    checks = (
        ("m³", float(goods["volume_m3"].sum()), van["capacity_m3"]),
        ("kg", float(goods["weight_kg"].sum()), van["capacity_kg"]),
        ("parcels", len(parcel_ids), van["capacity_parcels"]),
    )
    for unit, holds, most in checks:
        if most is not None and holds > most:
            found.bar(f"{tour['vehicle_id']} takes {most:,.6g} {unit}, with them it would have "
                      f"{holds:,.6g}")  # fmt: skip
    returns_s = tour["returns_at"].timestamp() + longer.more_s
    ends = van["shift_ends_at"]
    station = tour["facility_id"]
    if ends is not None and returns_s > ends.timestamp():
        found.bar(
            f"it would be back at {outlook.clock(station, int(returns_s))}; the shift of "
            f"{tour['driver_id']} ends at {outlook.clock(station, int(ends.timestamp()))}"
        )
    elif ends is not None:
        found.note(f"back {span(ends.timestamp() - returns_s)} before the shift ends")
    duty_s = tour["paid_s"] + longer.more_s
    if van["max_duty_s"] is not None and duty_s > van["max_duty_s"]:
        found.bar(f"{tour['driver_id']} would work {span(duty_s)}, the longest duty is "
                  f"{span(van['max_duty_s'])}")  # fmt: skip


def _van(outlook: Outlook, tour: Tour) -> Tour | None:
    rows = outlook.scene.means.fleet.filter(
        (pl.col("vehicle_id") == tour["vehicle_id"])
        & (pl.col("delivery_date") == tour["delivery_date"])
    ).to_dicts()
    return rows[0] if rows else None


def _cost_usd(outlook: Outlook, tour: Tour, before: Round, after: Round) -> float:
    """Change of a tour's cost: miles, hours, stops, parcels by its van's prices, and fuel."""
    van = _van(outlook, tour)
    if van is None:
        return 0.0
    usd = (
        (after.more_m - before.more_m) / METERS_PER_MILE * (van["cost_usd_mile"] or 0.0)
        + (after.more_s - before.more_s) / SECONDS_PER_HOUR * (van["cost_usd_h"] or 0.0)
        + (len(after.stops) - len(before.stops)) * (van["usd_stop"] or 0.0)
        + (len(after.reached()) - len(before.reached())) * (van["usd_parcel"] or 0.0)
    )
    return usd * (1 + (van["fuel_pct"] or 0.0) / 100)


def _more(before: Round, after: Round) -> str:
    """How much longer a round is, as people say it."""
    seconds = after.more_s - before.more_s
    sign = "-" if seconds < 0 else "+"
    return f"{(after.more_m - before.more_m) / METERS_PER_MILE:+.1f} miles, {sign}{span(seconds)}"


def _changes(outlook: Outlook, before: list[Round], longer: Round) -> list[Change]:
    """Parcels that the longer round reaches at another time than planned."""
    was_s = before[0].reached() | before[1].reached()
    now_s = longer.reached()
    later = {each: now_s[each] - was_s[each] for each in now_s if now_s[each] != was_s[each]}
    moved = set(before[0].reached()) & set(now_s)
    concerned = sorted(moved | set(later))
    journeys = journeys_of(outlook.scene, pl.Series(concerned, dtype=pl.String))
    foresight = Foresight(outlook.rides, outlook.waves, outlook.drive_s, outlook.at_s)
    now = foresight.arrivals(journeys)
    changes: list[Change] = []
    for journey in journeys:
        arrival = now[journey.parcel_id]
        eta_s = arrival.eta_s
        if eta_s is not None:
            eta_s += round(later.get(journey.parcel_id, 0.0))
        changes.append(Change(journey, arrival, Arrival(eta_s)))
    return changes
