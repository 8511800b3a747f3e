"""What is said of an open facility-day: plain data for the shapes of the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from crossdock.platform.server.plans.editing.days import OpenDay

if TYPE_CHECKING:
    from crossdock.plan.day import StandingRoutes
    from crossdock.plan.lastmile import Move, Refusal

FEW_ARRIVALS = 5

Told = dict[str, Any]
_Windows = tuple[list[dt.datetime | None], list[dt.datetime | None]]
_VEHICLE = (
    "vehicle_id", "vehicle_type", "driver_id", "carrier_id", "capacity_m3", "shift_starts_at",
    "shift_ends_at", "max_duty_s", "hos_ruleset",
)  # fmt: skip


def told_day(day: OpenDay, *, changeable: bool) -> Told:
    """All of it, as `shapes.FacilityDay`."""
    routes = told_routes(day)
    place = day.standing[0].problem
    return {
        "plan_id": day.key.plan_id,
        "facility_id": day.key.facility_id,
        "delivery_date": day.key.delivery_date,
        "version": day.version,
        "changeable": changeable,
        "timezone": place.timezone,
        "latitude": place.latitude,
        "longitude": place.longitude,
        "cost_usd": sum(route["cost_usd"] for route in routes),
        "routes": routes,
        "idle": [idle for standing in day.standing for idle in _idle(standing)],
    }


def told_routes(day: OpenDay) -> list[Told]:
    """The tours by departure, each with its strip of time and its stops."""
    from crossdock.measure.planned import plan_tours, tour_costs  # noqa: PLC0415
    from crossdock.plan.lastmile import tour_segments  # noqa: PLC0415

    tables = day.records.tables
    tours = plan_tours(tables, day.key.facility_id).filter(
        pl.col("delivery_date") == day.key.delivery_date
    )
    segments = _by_route(tour_segments(tours, tables["routes"], tables["breaks"]))
    costs = {row.pop("route_id"): row for row in tour_costs(tables, tours).to_dicts()}
    found = {row["route_id"]: row for row in tours.to_dicts()}
    told: dict[str, Told] = {}
    for standing in day.standing:
        vehicles = standing.problem.fleet.select(_VEHICLE).to_dicts()
        parcels = standing.problem.parcels
        windows = parcels["window_opens_at"].to_list(), parcels["window_closes_at"].to_list()
        for row, route_id in standing.route_ids.items():
            tour, vehicle = found[route_id], vehicles[row]
            visits = _visits(standing, row, windows)
            told[route_id] = {
                **vehicle,
                **{
                    name: tour[name]
                    for name in (
                        "route_id", "departs_at", "returns_at", "must_return_at", "slack_s",
                        "stops", "parcels", "volume_m3", "fill", "distance_m", "paid_s",
                        "cost_usd", "reason",
                    )
                },
                "mode": standing.mode,
                "more": 0,
                "limit": "shift" if tour["must_return_at"] == vehicle["shift_ends_at"] else "duty",
                "locked": vehicle["vehicle_id"] in day.locks.vehicles,
                "late_stops": sum(visit["late"] for visit in visits),
                "costs": costs[route_id],
                "segments": segments.get(route_id, []),
                "visits": visits,
            }  # fmt: skip
    return [told[route_id] for route_id in found if route_id in told]


def told_move(standing: StandingRoutes, move: Move, *, most: int | None) -> Told:
    """As `shapes.WeighedMove`; ``most`` of the arrivals that move."""
    from crossdock.plan.lastmile import arrival_changes, late_stops  # noqa: PLC0415

    facility_day = standing.routes.day
    vehicle_ids = standing.problem.fleet["vehicle_id"]
    told: Told = {
        "vehicle_id": vehicle_ids[move.vehicle],
        "route_id": standing.route_ids.get(move.vehicle),
        "fits": not move.refusals,
        "refusals": [told_refusal(standing, each) for each in move.refusals],
        "cost_usd": None,
        "distance_m": None,
        "paid_s": None,
        "late_stops": None,
        "returns_at": None,
        "arrivals_moved": 0,
        "arrivals": [],
    }
    if move.refusals:
        return told
    arrivals = arrival_changes(move.changes)
    after = {
        stop: change.vehicle
        for change in move.changes
        if change.after is not None
        for stop in change.after.sequence
    }
    distance_m = paid_s = late = 0.0
    for change in move.changes:
        for tour, sign in ((change.before, -1), (change.after, 1)):
            if tour is not None:
                distance_m += sign * float(tour.distance_m.sum())
                paid_s += sign * tour.timeline.paid_s
                late += sign * late_stops(facility_day, tour)
    target = move.changes[-1].after
    return told | {
        "cost_usd": move.cost_usd,
        "distance_m": distance_m,
        "paid_s": int(paid_s),
        "late_stops": int(late),
        "returns_at": None
        if target is None
        else _instant(facility_day.origin_s, target.timeline.returns_s),
        "arrivals_moved": len(arrivals),
        "arrivals": [
            {
                "parcel_id": standing.parcels_of(each.stop)[0],
                "vehicle_id": vehicle_ids[after[each.stop]],
                "was_at": _instant(facility_day.origin_s, each.was_s),
                "now_at": _instant(facility_day.origin_s, each.now_s),
            }
            for each in arrivals[:most]
        ],
    }


def told_refusal(standing: StandingRoutes, refusal: Refusal) -> Told:
    """As `shapes.RefusedLimit`."""
    stop = refusal.stop
    return {
        "limit": refusal.limit,
        "said": refusal.said,
        "over": refusal.over,
        "unit": refusal.unit,
        "parcel_id": None if stop is None else standing.parcels_of(stop)[0],
    }


def spare_vehicles(standing: StandingRoutes) -> dict[int, int]:
    """Of the vehicles that stay in the first of each kind and carrier; how many more there are."""
    first: dict[tuple[object, ...], int] = {}
    more: dict[int, int] = {}
    fleet = standing.problem.fleet.select("vehicle_type", "carrier_id").rows()
    for row, names in enumerate(fleet):
        if row in standing.route_ids:
            continue
        like = first.setdefault((int(standing.routes.day.kind_of[row]), *names), row)
        more[like] = more.get(like, -1) + 1
    return more


def _idle(standing: StandingRoutes) -> list[Told]:
    vehicles = standing.problem.fleet.select(_VEHICLE).to_dicts()
    return [
        {**vehicles[row], "mode": standing.mode, "more": more}
        for row, more in spare_vehicles(standing).items()
    ]


def _visits(standing: StandingRoutes, row: int, windows: _Windows) -> list[Told]:
    facility_day, tour = standing.routes.day, standing.routes.tours[row]
    stops, origin_s = facility_day.stops, facility_day.origin_s
    opens, closes = windows
    found: list[Told] = []
    for at, stop in enumerate(tour.sequence):
        rows: list[int] = stops.rows_of(stop).tolist()
        parcels = standing.parcels_of(stop)
        leaves_s, due_s = tour.timeline.leaves_s[at], int(stops.due_s[stop])
        found.append(
            {
                "stop_id": parcels[0],
                "sequence": at + 1,
                "parcel_ids": parcels,
                "arrives_at": _instant(origin_s, tour.timeline.arrives_s[at]),
                "departs_at": _instant(origin_s, leaves_s),
                "opens_at": max([each for row in rows if (each := opens[row])], default=None),
                "closes_at": min([each for row in rows if (each := closes[row])], default=None),
                "due_at": _instant(origin_s, due_s) if due_s < int(stops.closes_s[stop]) else None,
                "late": leaves_s > due_s,
                "locked": stop in standing.routes.pinned,
                "distance_m": float(tour.distance_m[at]),
                "latitude": float(stops.latitude[stop]),
                "longitude": float(stops.longitude[stop]),
            }
        )
    return found


def _by_route(rows: pl.DataFrame) -> Mapping[str, Sequence[Told]]:
    return {
        str(key[0]): part.drop("route_id").to_dicts()
        for key, part in rows.group_by("route_id", maintain_order=True)
    }


def _instant(origin_s: int, seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(origin_s + seconds, dt.UTC)
