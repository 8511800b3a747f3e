"""Move stops from one delivery route to another before either leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from crossdock.model.errors import NotFoundError
from crossdock.model.units import METERS_PER_MILE, SECONDS_PER_HOUR
from crossdock.operate.commands.arrivals import Arrival, Foresight
from crossdock.operate.commands.command import MoveStops
from crossdock.operate.commands.journeys import journeys_of
from crossdock.operate.commands.outlook import Change, Outlook
from crossdock.operate.commands.rounds import Round, Stop
from crossdock.operate.commands.verdict import Findings, counted, span
from crossdock.operate.tracking import route_progress

Tour = Mapping[str, Any]


def move_stops(command: MoveStops, outlook: Outlook) -> Findings:
    """Give stops to another van: miles and hours of both, and who is reached later."""
    source, target = (_tour(outlook, each) for each in (command.route_id, command.to_route_id))
    found = Findings()
    _same_station_and_day(source, target, found)
    _not_left(outlook, (source, target), found)
    on_it = _parcels(outlook, command.route_id)
    strangers = [each for each in command.parcel_ids if each not in on_it]
    if strangers:
        _known(outlook, strangers)
        found.bar(f"{counted(len(strangers), 'parcel is', 'parcels are')} not on "
                  f"{command.route_id}: {', '.join(strangers[:3])}")  # fmt: skip
    station = outlook.place(source["facility_id"])
    if station is None:
        found.bar("the coordinates of the station are not known")
    if found.barred or station is None:
        return found
    before = [_round(outlook, each, station) for each in (source, target)]
    rest, taken = before[0].without(command.parcel_ids)
    longer = before[1]
    for stop in taken:
        longer = longer.including(stop)
    _fits(outlook, target, longer, command, found)
    found.cost_usd = _cost_usd(outlook, source, rest, -1, len(command.parcel_ids)) + _cost_usd(
        outlook, target, longer, 1, len(command.parcel_ids)
    )
    found.note(
        f"{command.route_id}: {rest.more_m / METERS_PER_MILE:+.1f} miles, {_signed(rest.more_s)}; "
        f"{command.to_route_id}: {longer.more_m / METERS_PER_MILE:+.1f} miles, "
        f"{_signed(longer.more_s)}"
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


def _parcels(outlook: Outlook, route_id: str) -> set[str]:
    """Parcels of a route now: as planned, and as stops were moved since."""
    stops = outlook.scene.plan.routes.filter(pl.col("route_id") == route_id)
    return set(stops["parcel_id"])


def _round(outlook: Outlook, tour: Tour, station: tuple[float, float]) -> Round:
    rows = (
        outlook.scene.plan.routes.filter(pl.col("route_id") == tour["route_id"])
        .sort("sequence", "parcel_id")
        .group_by("sequence", maintain_order=True)
        .agg(
            pl.col("latitude", "longitude").first(),
            pl.col("parcel_id"),
            arrives_s=pl.col("arrives_at").first().dt.epoch("s"),
        )
    )
    stops = [
        Stop(row["latitude"], row["longitude"], tuple(row["parcel_id"]), row["arrives_s"])
        for row in rows.iter_rows(named=True)
    ]
    return Round(station, tour["departs_at"].timestamp(), tuple(stops))


def _fits(outlook: Outlook, tour: Tour, longer: Round, command: MoveStops, found: Findings) -> None:
    """Space, payload, parcels, shift and longest duty of the van that takes them."""
    van = _van(outlook, tour)
    if van is None:
        found.note(f"the van {tour['vehicle_id']} is not in the plan's fleet: space is not checked")
        return
    goods = outlook.scene.means.goods.filter(pl.col("parcel_id").is_in(command.parcel_ids))
    checks = (
        ("m³", tour["volume_m3"], float(goods["volume_m3"].sum()), van["capacity_m3"]),
        ("kg", tour["weight_kg"], float(goods["weight_kg"].sum()), van["capacity_kg"]),
        ("parcels", tour["parcels"], len(command.parcel_ids), van["capacity_parcels"]),
    )
    for unit, has, more, most in checks:
        if most is not None and (has or 0) + more > most:
            found.bar(f"{tour['vehicle_id']} holds {most:,.6g} {unit}, with them it would have "
                      f"{(has or 0) + more:,.6g}")  # fmt: skip
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


def _cost_usd(outlook: Outlook, tour: Tour, changed: Round, sign: int, parcels: int) -> float:
    """Change of what a tour costs: miles, hours and parcels by its van's prices, and fuel."""
    van = _van(outlook, tour)
    if van is None:
        return 0.0
    usd = (
        changed.more_m / METERS_PER_MILE * (van["cost_usd_mile"] or 0.0)
        + changed.more_s / SECONDS_PER_HOUR * (van["cost_usd_h"] or 0.0)
        + sign * parcels * (van["usd_parcel"] or 0.0)
    )
    stops = len(changed.stops) - tour["stops"]
    usd += stops * (van["usd_stop"] or 0.0)
    return usd * (1 + (van["fuel_pct"] or 0.0) / 100)


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


def _signed(seconds: float) -> str:
    return f"{'-' if seconds < 0 else '+'}{span(seconds)}"
