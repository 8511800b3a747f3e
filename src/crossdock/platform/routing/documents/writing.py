"""A solution as the document PLAN.json, with units and instants."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.plan.routing import (
    Changes,
    CostSplit,
    Route,
    RouteDetail,
    Solution,
    Unassigned,
    Visit,
    VisitKind,
    route_detail,
)
from crossdock.platform.routing.documents.building import Position, RouteQuestion
from crossdock.platform.routing.documents.checks import end_ids
from crossdock.platform.routing.documents.faults import RowFault
from crossdock.platform.routing.documents.problem_shape import EndRow, JobRow
from crossdock.platform.routing.documents.units import Units, tidy


@dataclass(frozen=True)
class SearchTold:
    """How a plan was found.

    Attributes
    ----------
    trace
        Seconds and cost at each improvement, as the search saw it.
    """

    seed: int
    wall_s: float
    trace: Sequence[tuple[float, float]] = ()


def plan_document(
    question: RouteQuestion,
    solution: Solution,
    told: SearchTold,
    skipped: Sequence[RowFault] = (),
) -> dict[str, Any]:
    """A plan as JSON says it."""
    return _Writing(question).plan(solution, told, skipped)


def changes_record(question: RouteQuestion, changes: Changes) -> dict[str, Any]:
    """What a re-plan changed, as documents say it."""
    return {
        "moved": [{"stop": each.stop, "was": each.was, "now": each.now} for each in changes.moved],
        "etas": [
            {
                "stop": each.stop,
                "was_at": instant_text(question.instant(each.was)),
                "now_at": instant_text(question.instant(each.now)),
            }
            for each in changes.etas
        ],
        "added": list(changes.added),
        "late": list(changes.late),
    }


def vehicle_names(question: RouteQuestion, types: Sequence[str]) -> list[str]:
    """A name for the vehicle of each route: that of its type, numbered where there are more."""
    single = {row.id for row in question.document.vehicles if row.count == 1}
    taken = {row.id for row in question.document.vehicles}
    numbers: Counter[str] = Counter()
    found: list[str] = []
    for kind in types:
        name = kind
        while kind not in single and (name == kind or name in taken):
            numbers[kind] += 1
            name = f"{kind}/{numbers[kind]}"
        found.append(name)
    return found


def instant_text(instant: dt.datetime) -> str:
    """An instant as documents write it: UTC, to the millisecond where it is not whole."""
    told = instant.astimezone(dt.UTC)
    return told.isoformat(timespec="milliseconds" if told.microsecond else "seconds").replace(
        "+00:00", "Z"
    )


class _Writing:
    def __init__(self, question: RouteQuestion) -> None:
        self._question = question
        problem = question.problem
        self._units = Units(dict(zip(problem.dimensions, question.scale, strict=True)))
        self._rows = rows_by_stop(question)
        self._place_of = {
            name: int(place)
            for name, place in zip(problem.nodes.ids, problem.nodes.place, strict=True)
        }
        self._depot_place = {depot.id: depot.place for depot in problem.depots}

    def plan(
        self, solution: Solution, told: SearchTold, skipped: Sequence[RowFault]
    ) -> dict[str, Any]:
        question = self._question
        details = [
            route_detail(question.problem, vehicle, nodes, route)
            for (vehicle, nodes), route in zip(solution.sequences, solution.routes, strict=True)
        ]
        cost = tidy(solution.cost)
        trace = [[round(at, 3), max(tidy(value), cost)] for at, value in told.trace]
        if not trace or not solution.complete or trace[-1][1] != cost:
            trace = [*(trace if solution.complete else ()), [round(told.wall_s, 3), cost]]
        names = vehicle_names(question, [route.vehicle_type for route in solution.routes])
        return {
            "version": 1,
            "name": question.document.name,
            "starts_at": instant_text(question.document.starts_at),
            "dimensions": list(question.problem.dimensions),
            "complete": solution.complete,
            "interrupted": solution.interrupted,
            "seed": told.seed,
            "iterations": solution.iterations,
            "wall_s": round(told.wall_s, 3),
            "totals": self._totals(solution, details),
            "routes": [
                self._route(name, vehicle, route, detail)
                for name, (vehicle, _), route, detail in zip(
                    names, solution.sequences, solution.routes, details, strict=True
                )
            ],
            "unassigned": [self.unassigned(each) for each in solution.unassigned],
            "skipped": [fault.record() for fault in skipped],
            "trace": trace,
        }

    def _totals(self, solution: Solution, details: Sequence[RouteDetail]) -> dict[str, Any]:
        routes, problem = solution.routes, self._question.problem
        costs = CostSplit()
        for detail in details:
            costs = costs.plus(detail.costs)
        longest = max((route.ends - route.starts for route in routes), default=0.0)
        longest_usd = problem.longest_cost * longest
        return {
            "routes": len(routes),
            "stops": sum(
                visit.kind is not VisitKind.RELOAD for route in routes for visit in route.visits
            ),
            "unassigned": len(solution.unassigned),
            "distance_m": tidy(sum(route.distance for route in routes)),
            "duration_s": tidy(sum(route.ends - route.starts for route in routes)),
            "cost_usd": tidy(solution.cost),
            "costs": {
                **costs_record(costs),
                "prizes_usd": tidy(max(solution.cost - costs.total - longest_usd, 0.0)),
                "longest_usd": tidy(longest_usd),
            },
        }

    def _route(self, name: str, vehicle: int, route: Route, detail: RouteDetail) -> dict[str, Any]:
        kind = self._question.problem.vehicles[vehicle]
        row = self._question.document.vehicles[vehicle]
        open_end = kind.end_depot is None and kind.end_place is None
        stops = [
            self._stop(visit, leg, wait, load)
            for visit, leg, wait, load in zip(
                route.visits, detail.legs, detail.waits, detail.loads[1:], strict=False
            )
        ]
        return {
            "vehicle": name,
            "vehicle_type": kind.id,
            "name": row.name,
            "start": self._spot(kind.start_depot, kind.start_place),
            "end": None if open_end else self._spot(kind.end_depot, kind.end_place),
            "starts_at": self._at(route.starts),
            "ends_at": self._at(route.ends),
            "distance_m": tidy(route.distance),
            "duration_s": tidy(route.ends - route.starts),
            "cost_usd": tidy(route.cost),
            "costs": costs_record(detail.costs),
            "slack_s": None if detail.slack == float("inf") else tidy(detail.slack),
            "binding": None if detail.binding is None else self._units.room(detail.binding),
            "load_at_start": self._load(detail.loads[0]),
            "stops": stops,
            "breaks": [
                {
                    "kind": each.kind,
                    "starts_at": self._at(each.starts),
                    "ends_at": self._at(each.ends),
                }
                for each in route.breaks
            ],
        }

    def _stop(self, visit: Visit, leg: float, wait: float, load: Sequence[int]) -> dict[str, Any]:
        reload = visit.kind is VisitKind.RELOAD
        places = self._depot_place if reload else self._place_of
        told = {
            "id": visit.id,
            "kind": visit.kind.value,
            **_position_record(self._question.positions[places[visit.id]]),
            "arrives_at": self._at(visit.arrives),
            "begins_at": self._at(visit.begins),
            "departs_at": self._at(visit.departs),
            "waits_s": tidy(wait),
            "distance_m": tidy(leg),
            "load": self._load(load),
        }
        return told if reload else told | self._for_driver(visit)

    def _for_driver(self, visit: Visit) -> dict[str, Any]:
        """What the driver is told of a stop, as the problem has it."""
        row, amount = self._rows[visit.id]
        told: dict[str, Any] = {}
        if isinstance(row, JobRow):
            told = {"delivery": row.delivery, "pickup": row.pickup, "parcels": row.parcels}
        else:
            told = {"pickup" if visit.kind is VisitKind.PICKUP else "delivery": amount}
        if row.windows is not None:
            told["windows"] = [
                {
                    name: instant_text(at)
                    for name, at in (("opens_at", each.opens_at), ("closes_at", each.closes_at))
                    if at is not None
                }
                for each in row.windows
            ]
        told |= {"name": row.name, "address": row.address, "note": row.note}
        return {name: value for name, value in told.items() if value}

    def unassigned(self, left: Unassigned) -> dict[str, Any]:
        """What no route serves, its reason in units."""
        reason = left.reason
        if left.faults:
            reason = "; ".join(map(self._units.said, left.faults))
        least = left.cheapest_relaxation
        return {
            "id": left.id,
            "required": left.required,
            "reason": reason,
            "cheapest_relaxation": None if least is None else self._units.relaxation(least),
        }

    def _spot(self, depot: str | None, place: int | None) -> dict[str, Any]:
        at = self._depot_place[depot] if depot is not None else place
        position = {} if at is None else _position_record(self._question.positions[at])
        return {"depot": depot, **position} if depot is not None else position

    def _load(self, load: Sequence[int]) -> dict[str, float]:
        problem, scale = self._question.problem, self._question.scale
        return {
            name: each / by if by > 1 else each
            for name, each, by in zip(problem.dimensions, load, scale, strict=True)
        }

    def _at(self, seconds: float) -> str:
        return instant_text(self._question.instant(seconds))


def rows_by_stop(
    question: RouteQuestion,
) -> dict[str, tuple[JobRow | EndRow, Mapping[str, float]]]:
    """The row of each stop, and the amount of its shipment."""
    found: dict[str, tuple[JobRow | EndRow, Mapping[str, float]]] = {}
    for job in question.document.jobs:
        found[job.id] = (job, {})
    for ship in question.document.shipments:
        pickup, delivery = end_ids(ship)
        found[pickup] = (ship.pickup, ship.amount)
        found[delivery] = (ship.delivery, ship.amount)
    return found


def costs_record(costs: CostSplit) -> dict[str, float]:
    """A cost by kind as documents say it."""
    return {
        "fixed_usd": tidy(costs.fixed),
        "distance_usd": tidy(costs.distance),
        "duration_usd": tidy(costs.duration),
        "overtime_usd": tidy(costs.overtime),
        "territory_usd": tidy(costs.territory),
    }


def _position_record(position: Position) -> dict[str, Any]:
    told = {"place": position.place, "lat": position.lat, "lon": position.lon}
    return {name: value for name, value in told.items() if value is not None}
