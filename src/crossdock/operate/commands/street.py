"""Move stops from one delivery route to another before either leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from crossdock.model.errors import InvalidValueError, NotFoundError
from crossdock.model.units import METERS_PER_MILE
from crossdock.operate.commands.arrivals import Arrival, Foresight
from crossdock.operate.commands.command import MoveStops
from crossdock.operate.commands.journeys import journeys_of
from crossdock.operate.commands.outlook import Change, Outlook
from crossdock.operate.commands.tours_now import ToursNow, tours_now
from crossdock.operate.commands.verdict import Findings, counted, span
from crossdock.operate.tracking import route_progress
from crossdock.plan.lastmile import Move, Tour, move_stops

TourRow = Mapping[str, Any]


def preview_move(command: MoveStops, outlook: Outlook) -> Findings:
    """Give stops to another van: miles and hours of both, and who is reached later.

    Each stop goes where it makes the way least longer; both tours are timed and priced as plans
    are, and what forbids it is the limit without which it could be.
    """
    source, target = (_tour(outlook, each) for each in (command.route_id, command.to_route_id))
    found = Findings()
    _same_station_and_day(source, target, found)
    _not_left(outlook, (source, target), found)
    if found.barred:
        return found
    try:
        now = tours_now(outlook, source, command.to_route_id, command.parcel_ids)
    except InvalidValueError as error:
        found.bar(error.message)
        return found
    strangers = sorted(
        each for each in set(command.parcel_ids) if not now.is_on(each, command.route_id)
    )
    if strangers:
        _known(outlook, strangers)
        found.bar(f"{counted(len(strangers), 'parcel is', 'parcels are')} not on "
                  f"{command.route_id}: {', '.join(strangers[:3])}")  # fmt: skip
        return found
    stops = now.stops_of(command.parcel_ids)
    move = move_stops(now.routes, stops, now.vehicle_of[command.to_route_id])
    for refusal in move.refusals:
        found.bar(f"{target['vehicle_id']} cannot take them: {refusal.said}")
    if move.refusals:
        return found
    found.cost_usd = move.cost_usd
    _tell(now, move, command, found)
    found.changes = _changes(outlook, now, move)
    return found


def _tour(outlook: Outlook, route_id: str) -> TourRow:
    rows = outlook.scene.means.tours.filter(pl.col("route_id") == route_id).head(1).to_dicts()
    if not rows:
        raise NotFoundError(f"there is no route {route_id!r}", remedy="name a route of the day")
    return rows[0]


def _known(outlook: Outlook, parcel_ids: list[str]) -> None:
    parcels = outlook.scene.plan.parcels["parcel_id"]
    for each in parcel_ids:
        if each not in parcels and each not in outlook.scene.present.parcels["parcel_id"]:
            raise NotFoundError(f"there is no parcel {each!r}", remedy="name a parcel of the day")


def _same_station_and_day(source: TourRow, target: TourRow, found: Findings) -> None:
    if source["facility_id"] != target["facility_id"]:
        found.bar(f"they leave from {source['facility_id']} and {target['facility_id']}")
    if source["delivery_date"] != target["delivery_date"]:
        found.bar(f"they are on {source['delivery_date']} and {target['delivery_date']}")


def _not_left(outlook: Outlook, tours: tuple[TourRow, TourRow], found: Findings) -> None:
    progress = route_progress(outlook.scene.present.folded.tracking)
    left = dict(progress.select("route_id", "departed_at").iter_rows())
    for tour in tours:
        when = left.get(tour["route_id"])
        if when is not None:
            at = outlook.clock(tour["facility_id"], int(when.timestamp()))
            found.bar(f"{tour['route_id']} left at {at}")


def _tell(now: ToursNow, move: Move, command: MoveStops, found: Findings) -> None:
    """How much longer or shorter both tours are, and what is left of the shift."""
    routes = {row: route for route, row in now.vehicle_of.items()}
    said = {routes[change.vehicle]: _more(change.before, change.after) for change in move.changes}
    ends_s = now.routes.day.kinds[int(now.routes.day.kind_of[move.vehicle])].ends_s
    after = move.changes[-1].after
    assert after is not None  # it has the stops
    found.note(f"back {span(ends_s - after.timeline.returns_s)} before the shift ends")
    found.note("; ".join(
        f"{route}: {said[route]}" for route in (command.route_id, command.to_route_id)
    ))  # fmt: skip


def _more(before: Tour | None, after: Tour | None) -> str:
    """How much longer a tour is, as people say it."""
    metres, seconds = (
        [0.0 if tour is None else float(told(tour)) for tour in (before, after)]
        for told in (_length_m, _duty_s)
    )
    more_s = seconds[1] - seconds[0]
    sign = "-" if more_s < 0 else "+"
    return f"{(metres[1] - metres[0]) / METERS_PER_MILE:+.1f} miles, {sign}{span(more_s)}"


def _length_m(tour: Tour) -> float:
    return float(tour.distance_m.sum())


def _duty_s(tour: Tour) -> float:
    return float(tour.timeline.duty_s)


def _changes(outlook: Outlook, now: ToursNow, move: Move) -> Sequence[Change]:
    """Parcels that the longer tour reaches at another time than planned.

    Those that stay on the other are not reached earlier: a driver keeps to the times that were
    told.
    """
    was_s = now.reached(change.before for change in move.changes)
    now_s = now.reached([move.changes[-1].after])
    moved = {each for each, stop in now.stop_of.items() if stop in move.stops}
    concerned = sorted(moved | {each for each in now_s if now_s[each] != was_s[each]})
    journeys = journeys_of(outlook.scene, pl.Series(concerned, dtype=pl.String))
    foresight = Foresight(outlook.rides, outlook.waves, outlook.drive_s, outlook.at_s)
    arrivals = foresight.arrivals(journeys)
    changes: list[Change] = []
    for journey in journeys:
        arrival = arrivals[journey.parcel_id]
        eta_s = arrival.eta_s
        if eta_s is not None:
            eta_s += now_s[journey.parcel_id] - was_s[journey.parcel_id]
        changes.append(Change(journey, arrival, Arrival(eta_s)))
    return changes
