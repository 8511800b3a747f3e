"""From checked rows to the problem that is searched, in seconds from the plan's start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crossdock.locate.roads import STREET_CIRCUITY
from crossdock.plan.routing import (
    ANY_TIME,
    Backhauls,
    Depot,
    HoursUsed,
    Job,
    MatrixMetric,
    Metric,
    Pin,
    Problem,
    Relation,
    RelationKind,
    Shipment,
    ShipmentEnd,
    StreetMetric,
    VehicleType,
    Window,
)
from crossdock.platform.routing.documents.checks import dimensions_of, end_ids, is_required
from crossdock.platform.routing.documents.on_roads import names_of, road_metric
from crossdock.platform.routing.documents.problem_shape import (
    DepotRow,
    EndRow,
    Given,
    JobRow,
    Roads,
    RouteProblem,
    ShipmentRow,
    Spot,
    VehicleRow,
    WindowRow,
)
from crossdock.platform.routing.documents.speed_rows import speeds_of

if TYPE_CHECKING:
    from crossdock.platform.roads import RoadSource

SECONDS_PER_HOUR = 3600.0
METRES_PER_KM = 1000.0
_THOUSAND = 1000
_ALWAYS = (Window(),)


@dataclass(frozen=True)
class Position:
    """Where a place is, as far as the document tells."""

    place: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True)
class RouteQuestion:
    """A document and the problem that it means.

    Attributes
    ----------
    scale
        Units of the problem to one of the document, by dimension of capacity.
    positions
        Of each place of the problem.
    """

    document: RouteProblem
    problem: Problem
    scale: tuple[int, ...]
    positions: tuple[Position, ...]

    def seconds(self, instant: dt.datetime) -> float:
        """An instant as seconds from the plan's start."""
        return (instant - self.document.starts_at).total_seconds()

    def instant(self, seconds: float) -> dt.datetime:
        """Seconds from the plan's start as an instant, to the millisecond."""
        return self.document.starts_at + dt.timedelta(milliseconds=round(seconds * 1000))


def question_of(
    document: RouteProblem, roads: RoadSource | None = None, *, all_pairs: bool = True
) -> RouteQuestion:
    """The problem of a document that was checked.

    Parameters
    ----------
    roads
        What distances of the kind ``roads`` are over.
    all_pairs
        Find all ways between few places at once; else each when it is asked for.

    Raises
    ------
    FaultyDocumentError
        Between two places there is no way over the roads; they are named.
    """
    return _Building(document).question(roads, all_pairs=all_pairs)


class _Building:
    """The parts of a problem, as places come up."""

    def __init__(self, document: RouteProblem) -> None:
        self._document = document
        self._dimensions = dimensions_of(document, document.vehicles)
        self._scale = tuple(_scale(document, name) for name in self._dimensions)
        self._named = {row.id: row for row in document.places}
        self._places: dict[Position, int] = {}
        if isinstance(document.distances, Given):
            for row in document.places:  # in the order of the matrices
                self._place(row.id, None, None)

    def question(self, roads: RoadSource | None, *, all_pairs: bool) -> RouteQuestion:
        document = self._document
        depots = tuple(map(self._depot, document.depots))
        vehicles = tuple(map(self._vehicle, document.vehicles))
        jobs = tuple(map(self._job, document.jobs))
        shipments = tuple(map(self._shipment, document.shipments))
        positions = tuple(self._places)
        problem = Problem(
            metric=_metric(document, positions, roads, all_pairs=all_pairs),
            depots=depots,
            vehicles=vehicles,
            jobs=jobs,
            shipments=shipments,
            dimensions=self._dimensions,
            relations=tuple(
                Relation(RelationKind(row.kind), tuple(row.stops)) for row in document.relations
            ),
            pinned=tuple(Pin(row.id, tuple(row.pinned)) for row in document.vehicles if row.pinned),
            territory_cost=document.territory_usd,
            longest_cost=document.longest_usd_per_h / SECONDS_PER_HOUR,
            speeds=speeds_of(document),
        )
        return RouteQuestion(document, problem, self._scale, positions)

    def _depot(self, row: DepotRow) -> Depot:
        return Depot(
            id=row.id,
            place=self._place(row.place, row.lat, row.lon),
            opens=self._from(row.opens_at),
            closes=self._until(row.closes_at),
            loading=row.loading_s,
        )

    def _vehicle(self, row: VehicleRow) -> VehicleType:
        start_depot, start_place = self._spot(row.start)
        end_depot, end_place = start_depot, None
        if "end" in row.model_fields_set:
            end_depot, end_place = (None, None) if row.end is None else self._spot(row.end)
        starts = self._from(row.shift_starts_at)
        used = row.hours_used
        return VehicleType(
            id=row.id,
            count=row.count,
            capacity=self._capacity(row.capacity),
            start_depot=start_depot,
            start_place=start_place,
            end_depot=end_depot,
            end_place=end_place,
            shift_starts=starts,
            shift_ends=self._until(row.shift_ends_at),
            latest_start=max(self._until(row.latest_start_at), starts),
            fixed_cost=row.costs.fixed_usd,
            distance_cost=row.costs.usd_per_km / METRES_PER_KM,
            duration_cost=row.costs.usd_per_h / SECONDS_PER_HOUR,
            regular_duration=_or_any(row.regular_duration_s),
            overtime_cost=row.costs.overtime_usd_per_h / SECONDS_PER_HOUR,
            max_duration=_or_any(row.max_duration_s),
            max_distance=_or_any(row.max_distance_m),
            max_stops=row.max_stops,
            reload_depots=tuple(row.reload_depots),
            max_reloads=row.max_reloads,
            backhauls=Backhauls(row.backhauls),
            skills=frozenset(row.skills),
            hos_rules=row.hos_rules,
            hours_used=None if used is None else HoursUsed(
                on_duty_since=(used.on_duty_since_at - self._document.starts_at).total_seconds(),
                driven=used.driven_s,
                driven_since_pause=used.driven_since_pause_s,
                meals=used.meals,
                rests=used.rests,
            ),
            on_board=self._amounts(row.on_board),
            territory=row.territory,
        )  # fmt: skip

    def _job(self, row: JobRow) -> Job:
        allowed = row.allowed_vehicles
        return Job(
            id=row.id,
            place=self._place(row.place, row.lat, row.lon),
            delivery=self._amounts(row.delivery),
            pickup=self._amounts(row.pickup),
            windows=self._windows(row.windows),
            service=row.service_s + row.parcels * row.service_per_parcel_s,
            parking=row.parking_s,
            release=self._from(row.release_at),
            prize=row.prize_usd or 0.0,
            required=is_required(row),
            group=row.group,
            skills=frozenset(row.skills),
            allowed_vehicles=None if allowed is None else frozenset(allowed),
            excluded_vehicles=frozenset(row.excluded_vehicles),
            priority=row.priority,
            territory=row.territory,
        )

    def _shipment(self, row: ShipmentRow) -> Shipment:
        allowed = row.allowed_vehicles
        pickup_id, delivery_id = end_ids(row)
        return Shipment(
            id=row.id,
            pickup=self._end(pickup_id, row.pickup),
            delivery=self._end(delivery_id, row.delivery),
            amount=self._amounts(row.amount),
            prize=row.prize_usd or 0.0,
            required=is_required(row),
            skills=frozenset(row.skills),
            allowed_vehicles=None if allowed is None else frozenset(allowed),
            excluded_vehicles=frozenset(row.excluded_vehicles),
            priority=row.priority,
        )

    def _end(self, name: str, row: EndRow) -> ShipmentEnd:
        return ShipmentEnd(
            id=name,
            place=self._place(row.place, row.lat, row.lon),
            windows=self._windows(row.windows),
            service=row.service_s,
            parking=row.parking_s,
        )

    def _spot(self, spot: Spot) -> tuple[str | None, int | None]:
        """A depot by id, or a place by number."""
        if spot.depot is not None:
            return spot.depot, None
        return None, self._place(spot.place, spot.lat, spot.lon)

    def _place(self, name: str | None, lat: float | None, lon: float | None) -> int:
        """The number of a place; stops at one position share it."""
        if name is not None:
            row = self._named[name]
            position = Position(name, row.lat, row.lon)
        else:
            position = Position(None, lat, lon)
        return self._places.setdefault(position, len(self._places))

    def _windows(self, told: Sequence[WindowRow] | None) -> tuple[Window, ...]:
        """Those that are not over when the plan starts."""
        if told is None:
            return _ALWAYS
        found = [Window(self._from(each.opens_at), self._until(each.closes_at)) for each in told]
        return tuple(each for each in found if each.closes >= 0)

    def _from(self, instant: dt.datetime | None) -> float:
        if instant is None:
            return 0.0
        return max((instant - self._document.starts_at).total_seconds(), 0.0)

    def _until(self, instant: dt.datetime | None) -> float:
        if instant is None:
            return ANY_TIME
        return (instant - self._document.starts_at).total_seconds()

    def _capacity(self, told: Mapping[str, float]) -> tuple[int | None, ...]:
        return tuple(
            round(told[name] * scale) if name in told else None
            for name, scale in zip(self._dimensions, self._scale, strict=True)
        )

    def _amounts(self, told: Mapping[str, float]) -> tuple[int, ...]:
        if not told:
            return ()
        return tuple(
            round(told.get(name, 0.0) * scale)
            for name, scale in zip(self._dimensions, self._scale, strict=True)
        )


def _or_any(value: float | None) -> float:
    return ANY_TIME if value is None else value


def _scale(document: RouteProblem, name: str) -> int:
    """1 where all amounts of a dimension are whole, else thousandths."""
    told = [
        *(each for row in document.vehicles for each in (row.capacity, row.on_board)),
        *(each for row in document.jobs for each in (row.delivery, row.pickup)),
        *(row.amount for row in document.shipments),
    ]
    whole = all(each[name] == int(each[name]) for each in told if name in each)
    return 1 if whole else _THOUSAND


def _metric(
    document: RouteProblem,
    positions: Sequence[Position],
    roads: RoadSource | None,
    *,
    all_pairs: bool,
) -> Metric:
    distances = document.distances
    if isinstance(distances, Roads):
        degrees = np.array([[each.lat, each.lon] for each in positions], dtype=np.float64)
        names = names_of(document, [(each.place, each.lat, each.lon) for each in positions])
        return road_metric(distances, degrees.reshape(-1, 2), names, roads, all_pairs=all_pairs)
    if isinstance(distances, Given):
        xy = None
        if all(each.lat is not None and each.lon is not None for each in positions):
            xy = np.array([[each.lon, each.lat] for each in positions], dtype=np.float64)
        size = (len(positions), len(positions))
        metres = np.array(distances.distance_m, dtype=np.float64).reshape(size)
        seconds = np.array(distances.duration_s, dtype=np.float64).reshape(size)
        return MatrixMetric(
            np.rint(metres).astype(np.int64),
            np.ceil(seconds / distances.speed_factor - _HAIR).astype(np.int64),
            xy,
        )
    return StreetMetric(
        np.array([each.lat for each in positions], dtype=np.float64),
        np.array([each.lon for each in positions], dtype=np.float64),
        street_factor=distances.circuity / STREET_CIRCUITY,
        speed_m_s=distances.speed_m_s * distances.speed_factor,
    )


_HAIR = 1e-9
