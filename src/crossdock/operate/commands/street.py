"""Move stops from one delivery route to another before either leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from crossdock.model.errors import InvalidValueError, NotFoundError
from crossdock.model.units import METERS_PER_MILE
from crossdock.operate.commands.arrivals import Arrival, Foresight
from crossdock.operate.commands.command import MoveStops
from crossdock.operate.commands.journeys import journeys_of
from crossdock.operate.commands.outlook import Change, Outlook
from crossdock.operate.commands.routes_now import routes_now
from crossdock.operate.commands.verdict import Findings, span
from crossdock.operate.tracking import route_progress
from crossdock.plan.lastmile import LiveDay, Move, Tour, move_parcels

TourRow = Mapping[str, Any]


def preview_move(command: MoveStops, outlook: Outlook) -> Findings:
    """Give stops to another van: miles and hours of both, and who is reached later.

    What forbids it is what the twin refuses it for: both ask `move_parcels`.
    """
    source, target = (_tour(outlook, each) for each in (command.route_id, command.to_route_id))
    found = Findings()
    try:
        routes, stations = routes_now(outlook, (command.route_id, command.to_route_id))
    except InvalidValueError as error:
        found.bar(error.message, "timing")
        return found
    gone = _gone(outlook, (source, target))
    before, after = (
        replace(routes[each], gone=gone.get(each, ""))
        for each in (command.route_id, command.to_route_id)
    )
    asked = move_parcels(stations[before.facility_id], before, after, command.parcel_ids)
    if any(each.limit == "stranger" for each in asked.refusals):
        _known(outlook, sorted(set(command.parcel_ids) - set(before.parcel_ids)))
    opening = f"{target['vehicle_id']} cannot take them: " if asked.by_limit else ""
    for refusal in asked.refusals:
        found.bar(f"{opening}{refusal.said}", refusal.limit)
    if asked.move is None or asked.live is None:
        return found
    found.cost_usd = asked.move.cost_usd
    _tell(asked.live, asked.move, command, found)
    found.changes = _changes(outlook, asked.live, asked.move)
    return found


def _tour(outlook: Outlook, route_id: str) -> TourRow:
    rows = outlook.scene.means.tours.filter(pl.col("route_id") == route_id).head(1).to_dicts()
    if not rows:
        raise NotFoundError(f"there is no route {route_id!r}", remedy="name a route of the day")
    return rows[0]


def _known(outlook: Outlook, parcel_ids: list[str]) -> None:
    scene = outlook.scene
    told = (scene.plan.parcels, scene.present.parcels, scene.means.goods)
    for each in parcel_ids:
        if not any(each in frame["parcel_id"] for frame in told):
            raise NotFoundError(f"there is no parcel {each!r}", remedy="name a parcel of the day")


def _gone(outlook: Outlook, tours: tuple[TourRow, TourRow]) -> dict[str, str]:
    """Why nothing of a route can be changed any more, of those of which it is so."""
    named = [tour["route_id"] for tour in tours]
    progress = route_progress(outlook.scene.present.folded.tracking).filter(
        pl.col("route_id").is_in(named)
    )
    found: dict[str, str] = {}
    facility_of = {tour["route_id"]: tour["facility_id"] for tour in tours}
    rows = progress.select("route_id", "departed_at", "cancelled_at").iter_rows()
    for route_id, departed_at, cancelled_at in rows:
        when = departed_at or cancelled_at
        if when is not None:
            at = outlook.clock(facility_of[route_id], int(when.timestamp()))
            found[route_id] = f"left at {at}" if departed_at else f"stays in since {at}"
    return found


def _tell(live: LiveDay, move: Move, command: MoveStops, found: Findings) -> None:
    """How much longer or shorter both tours are, and what is left of the shift."""
    routes = {row: route for route, row in live.vehicle_of.items()}
    said = {routes[change.vehicle]: _more(change.before, change.after) for change in move.changes}
    ends_s = live.day.kinds[int(live.day.kind_of[move.vehicle])].ends_s
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


def _changes(outlook: Outlook, live: LiveDay, move: Move) -> Sequence[Change]:
    """Parcels that the longer tour reaches at another time than planned.

    Those that stay on the other are not reached earlier: a driver keeps to the times that were
    told.
    """
    was_s = live.reached_s(change.before for change in move.changes)
    now_s = live.reached_s([move.changes[-1].after])
    moved = {parcel for stop in move.stops for parcel in live.parcels_of[stop]}
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
