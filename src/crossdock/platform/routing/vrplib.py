"""VRPLIB files as problems: CVRP and its many kinds, as the benchmark sets spell them."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from crossdock.plan.routing import (
    ANY_TIME,
    Backhauls,
    Depot,
    Job,
    MatrixMetric,
    Metric,
    PlanarMetric,
    Problem,
    Rounding,
    Shipment,
    ShipmentEnd,
    VehicleType,
    Window,
)
from crossdock.platform.routing.instance import (
    MOST_MATRIX_PLACES,
    MOST_PLACES,
    Instance,
    number_at,
    refuse,
)
from crossdock.platform.routing.vrplib_text import Row, VrplibText

Floats = NDArray[np.float64]

_ROUNDING = {
    "HFVRP": Rounding.EXACT,
    "MDVRPTW": Rounding.EXACT,
    "SDVRPTW": Rounding.EXACT,
    "VRPTW": Rounding.DIMACS,
    "PCVRPTW": Rounding.DIMACS,
    "MTVRPTWR": Rounding.DIMACS,
    "CVRP": Rounding.ROUND,
    "VRPB": Rounding.ROUND,
    "GVRP": Rounding.ROUND,
}
_FIELDS = {
    "NAME",
    "COMMENT",
    "TYPE",
    "DIMENSION",
    "EDGE_WEIGHT_TYPE",
    "EDGE_WEIGHT_FORMAT",
    "NODE_COORD_TYPE",
    "DISPLAY_DATA_TYPE",
    "CAPACITY",
    "SERVICE_TIME",
    "DISTANCE",
    "VEHICLES",
    "VEHICLES_MAX_DURATION",
    "VEHICLES_MAX_DISTANCE",
    "VEHICLES_MAX_RELOADS",
    "VEHICLES_FIXED_COST",
    "VEHICLES_UNIT_DISTANCE_COST",
}
_SECTIONS = {
    "NODE_COORD",
    "EDGE_WEIGHT",
    "DEPOT",
    "DEMAND",
    "LINEHAUL",
    "BACKHAUL",
    "SERVICE_TIME",
    "TIME_WINDOW",
    "RELEASE_TIME",
    "PRIZE",
    "MUTUALLY_EXCLUSIVE_GROUP",
    "PICKUP_AND_DELIVERY",
    "CAPACITY",
    "VEHICLES_DEPOT",
    "VEHICLES_RELOAD_DEPOT",
    "VEHICLES_ALLOWED_CLIENTS",
    "VEHICLES_MAX_DURATION",
    "VEHICLES_MAX_DISTANCE",
    "VEHICLES_MAX_RELOADS",
    "VEHICLES_FIXED_COST",
    "VEHICLES_UNIT_DISTANCE_COST",
}


def read_vrplib(path: Path, text: str, rounding: Rounding | None) -> Instance:
    """The instance of a VRPLIB file.

    Parameters
    ----------
    rounding
        Of distances; None for what the literature uses for the kind.
    """
    return _Reading(VrplibText.parse(path, text), rounding).instance()


class _Reading:
    def __init__(self, told: VrplibText, rounding: Rounding | None) -> None:
        self._told, self._path = told, told.path
        self._kind = told.text("TYPE", "CVRP").upper()
        self._check_names()
        self._count = self._dimension()
        self._depots = self._depot_ids()
        self._windows = told.columns("TIME_WINDOW", self._count, 2)
        fallback = Rounding.ROUND if self._windows is None else Rounding.DIMACS
        self._rounding = rounding or _ROUNDING.get(self._kind, fallback)
        self._demand = self._amounts("LINEHAUL" if "LINEHAUL" in told.sections else "DEMAND")
        self._backhaul = self._amounts("BACKHAUL")

    def instance(self) -> Instance:
        vehicles, allowed = self._vehicles()
        shipments = self._shipments()
        jobs = () if "PICKUP_AND_DELIVERY" in self._told.sections else self._jobs(allowed)
        problem = Problem(
            metric=self._metric(),
            depots=tuple(Depot(str(number), number - 1) for number in self._depots),
            vehicles=vehicles,
            jobs=jobs,
            shipments=shipments,
            dimensions=self._dimensions(),
        )
        name = self._told.text("NAME").strip('"') or self._path.stem
        return Instance(name, self._kind, problem)

    def _check_names(self) -> None:
        for name, (_, line) in self._told.fields.items():
            if name not in _FIELDS:
                remedy = "take it out, if the instance means the same without it"
                refuse(self._path, line, f"the field {name} is not known", remedy)
        for name, line in self._told.lines.items():
            if name not in _SECTIONS:
                remedy = "take it out, if the instance means the same without it"
                refuse(self._path, line, f"{name}_SECTION is not known", remedy)

    def _dimension(self) -> int:
        count = self._told.whole("DIMENSION")
        if count is None or not 1 <= count <= MOST_PLACES:
            line = self._told.fields.get("DIMENSION", ("", None))[1]
            remedy = f"give DIMENSION from 1 to {MOST_PLACES}"
            refuse(self._path, line, f"DIMENSION is {count}", remedy)
        return count

    def _depot_ids(self) -> list[int]:
        numbers: list[int] = []
        for row in self._told.sections.get("DEPOT", []):
            for word in row.words:
                if word == "-1":
                    continue
                number = int(number_at(self._path, row.line, word))
                if not 1 <= number <= self._count or number in numbers:
                    remedy = f"give each depot once, from 1 to {self._count}"
                    refuse(self._path, row.line, f"DEPOT_SECTION has {word}", remedy)
                numbers.append(number)
        return numbers or [1]

    def _metric(self) -> Metric:
        told, kind = self._told, self._told.text("EDGE_WEIGHT_TYPE", "EUC_2D")
        coordinates = told.columns("NODE_COORD", self._count, 2)
        xy = None if coordinates is None else np.array(coordinates, dtype=np.float64)
        if kind == "EXPLICIT":
            return self._matrix(xy)
        line = told.fields.get("EDGE_WEIGHT_TYPE", ("", None))[1]
        if kind != "EUC_2D":
            remedy = "give EUC_2D coordinates, or EXPLICIT with EDGE_WEIGHT_SECTION"
            refuse(self._path, line, f"EDGE_WEIGHT_TYPE {kind} is not known", remedy)
        if xy is None:
            refuse(self._path, line, "there is no NODE_COORD_SECTION", "give the coordinates")
        return PlanarMetric(xy, self._rounding)

    def _matrix(self, xy: Floats | None) -> MatrixMetric:
        told, count = self._told, self._count
        layout = told.text("EDGE_WEIGHT_FORMAT", "FULL_MATRIX")
        line = told.lines.get("EDGE_WEIGHT")
        if layout not in {"FULL_MATRIX", "LOWER_ROW"}:
            remedy = "give FULL_MATRIX or LOWER_ROW"
            refuse(self._path, line, f"EDGE_WEIGHT_FORMAT {layout} is not known", remedy)
        if count > MOST_MATRIX_PLACES:
            remedy = f"give coordinates above {MOST_MATRIX_PLACES} places"
            refuse(self._path, line, f"a matrix of {count} places is too large", remedy)
        rows = told.sections.get("EDGE_WEIGHT", [])
        weights = _numbers(self._path, rows)
        wanted = count * count if layout == "FULL_MATRIX" else count * (count - 1) // 2
        if len(weights) != wanted:
            message = f"EDGE_WEIGHT_SECTION has {len(weights)} numbers"
            refuse(self._path, line, message, f"give {wanted}")
        if layout == "FULL_MATRIX":
            full = weights.reshape(count, count)
        else:
            full = np.zeros((count, count))
            full[np.tril_indices(count, -1)] = weights
            full = full + full.T
        units = 1 if np.array_equal(weights, np.rint(weights)) else 1000
        whole = np.rint(full * units).astype(np.int64)
        return MatrixMetric(whole, whole, xy, units)

    def _amounts(self, name: str) -> list[tuple[int, ...]] | None:
        columns = self._told.columns(name, self._count)
        if columns is None:
            return None
        for number, row in enumerate(columns, start=1):
            if any(value != int(value) or value < 0 for value in row):
                message = f"{name}_SECTION has {row} for {number}"
                refuse(self._path, self._told.lines[name], message, "give whole numbers from 0")
        return [tuple(int(value) for value in row) for row in columns]

    def _dimensions(self) -> tuple[str, ...]:
        width = len((self._demand or self._backhaul or [(0,)])[0])
        return ("load",) if width == 1 else tuple(f"load_{at + 1}" for at in range(width))

    def _jobs(self, allowed: list[frozenset[str] | None]) -> tuple[Job, ...]:
        told, count = self._told, self._count
        clients = [number for number in range(1, count + 1) if number not in set(self._depots)]
        service = self._service()
        release = told.columns("RELEASE_TIME", count, 1)
        prize = told.columns("PRIZE", count, 1)
        group = self._groups()
        windows = self._windows
        return tuple(
            Job(
                id=str(number),
                place=number - 1,
                delivery=self._demand[number - 1] if self._demand else (),
                pickup=self._backhaul[number - 1] if self._backhaul else (),
                windows=(Window(*windows[number - 1]),) if windows else (Window(),),
                service=service[number - 1],
                release=release[number - 1][0] if release else 0.0,
                prize=prize[number - 1][0] if prize else 0.0,
                required=prize is None or prize[number - 1][0] == 0,
                group=group.get(number),
                allowed_vehicles=allowed[number - 1],
            )
            for number in clients
        )

    def _service(self) -> list[float]:
        columns = self._told.columns("SERVICE_TIME", self._count, 1)
        if columns is not None:
            return [row[0] for row in columns]
        return [self._told.number("SERVICE_TIME") or 0.0] * self._count

    def _groups(self) -> dict[int, str]:
        groups = self._told.lists("MUTUALLY_EXCLUSIVE_GROUP", self._count) or {}
        found: dict[int, str] = {}
        for number, members in groups.items():
            for member in members:
                if member in found or not 1 <= member <= self._count:
                    line = self._told.lines["MUTUALLY_EXCLUSIVE_GROUP"]
                    remedy = f"give each client once, from 1 to {self._count}"
                    refuse(self._path, line, f"group {number} has {member}", remedy)
                if len(members) > 1:
                    found[member] = str(number)
        return found

    def _shipments(self) -> tuple[Shipment, ...]:
        """LKH's table: demand, window, service, number of the pickup and of the delivery."""
        columns = self._told.columns("PICKUP_AND_DELIVERY", self._count, 6)
        found: list[Shipment] = []
        for number, row in enumerate(columns or [], start=1):
            demand, _, _, _, before, after = row
            if before or not after:
                continue
            other = int(after)
            if not 1 <= other <= self._count or columns is None or columns[other - 1][4] != number:
                line = self._told.lines["PICKUP_AND_DELIVERY"]
                remedy = "let the delivery name this pickup as its own"
                refuse(self._path, line, f"pickup {number} names the delivery {other}", remedy)
            ends = [
                ShipmentEnd(str(at), at - 1, (Window(*columns[at - 1][1:3]),), columns[at - 1][3])
                for at in (number, other)
            ]
            found.append(Shipment(f"{number}-{other}", ends[0], ends[1], (int(demand),)))
        return tuple(found)

    def _vehicles(self) -> tuple[tuple[VehicleType, ...], list[frozenset[str] | None]]:
        """Vehicle types, named by their first vehicle; and by node the types that may serve it."""
        count = self._told.whole("VEHICLES")
        if "ORTEC" in (self._told.text("COMMENT"), self._told.text("NAME")[:5]):
            count = None  # the field is a bound of theirs, not a fleet
        by_attributes: dict[Hashable, list[int]] = {}
        attributes = self._vehicle_attributes(count or 1)
        for number, each in enumerate(attributes, start=1):
            by_attributes.setdefault(each, []).append(number)
        types: list[VehicleType] = []
        allowed: list[set[str]] = [set() for _ in range(self._count)]
        restricted = "VEHICLES_ALLOWED_CLIENTS" in self._told.sections
        for numbers in by_attributes.values():
            each = attributes[numbers[0] - 1]
            capacity, depot, reloads, duration, distance, most_reloads, fixed, rate, clients = each
            opens, closes = self._windows[depot - 1] if self._windows else (0.0, ANY_TIME)
            for client in clients:
                allowed[client - 1].add(str(numbers[0]))
            types.append(
                VehicleType(
                    id=str(numbers[0]),
                    count=len(numbers) if count is not None else None,
                    capacity=capacity or (None,) * len(self._dimensions()),
                    start_depot=str(depot),
                    end_depot=str(depot),
                    shift_starts=opens,
                    shift_ends=closes,
                    fixed_cost=fixed,
                    distance_cost=rate,
                    max_duration=duration,
                    max_distance=distance,
                    reload_depots=tuple(map(str, reloads)),
                    max_reloads=most_reloads,
                    backhauls=Backhauls.LAST if self._kind == "VRPB" else Backhauls.MIXED,
                )
            )
        by_node = [frozenset(each) if restricted else None for each in allowed]
        return tuple(types), by_node

    def _vehicle_attributes(self, count: int) -> list[_VehicleAttributes]:
        told = self._told
        capacity = told.columns("CAPACITY", count)
        whole = told.number("CAPACITY")
        one = (int(whole),) if whole is not None else ()
        depots = told.columns("VEHICLES_DEPOT", count, 1)
        reloads = told.lists("VEHICLES_RELOAD_DEPOT", count) or {}
        clients = told.lists("VEHICLES_ALLOWED_CLIENTS", count) or {}
        most_reloads = self._per_vehicle("VEHICLES_MAX_RELOADS", count, -1.0)
        duration = self._per_vehicle("VEHICLES_MAX_DURATION", count, ANY_TIME)
        if (longest := told.number("DISTANCE")) is not None:
            duration = [min(longest, each) for each in duration]  # CMT: service counts as well
        distance = self._per_vehicle("VEHICLES_MAX_DISTANCE", count, ANY_TIME)
        fixed = self._per_vehicle("VEHICLES_FIXED_COST", count, 0.0)
        rate = self._per_vehicle("VEHICLES_UNIT_DISTANCE_COST", count, 1.0)
        self._check_nodes("VEHICLES_RELOAD_DEPOT", reloads, set(self._depots))
        self._check_nodes("VEHICLES_ALLOWED_CLIENTS", clients, set(range(1, self._count + 1)))
        if depots is not None:
            named = {number: (int(row[0]),) for number, row in enumerate(depots, start=1)}
            self._check_nodes("VEHICLES_DEPOT", named, set(self._depots))
        return [
            (
                tuple(int(each) for each in capacity[at]) if capacity else one,
                int(depots[at][0]) if depots else self._depots[0],
                reloads.get(at + 1, ()),
                duration[at],
                distance[at],
                None if most_reloads[at] < 0 else int(most_reloads[at]),
                fixed[at],
                rate[at],
                clients.get(at + 1, ()),
            )
            for at in range(count)
        ]

    def _per_vehicle(self, name: str, count: int, default: float) -> list[float]:
        columns = self._told.columns(name, count, 1)
        if columns is not None:
            return [row[0] for row in columns]
        one = self._told.number(name)
        return [default if one is None else one] * count

    def _check_nodes(self, name: str, named: dict[int, tuple[int, ...]], known: set[int]) -> None:
        for number, nodes in named.items():
            for node in nodes:
                if node not in known:
                    remedy = "name depots of DEPOT_SECTION, or clients from 1 to DIMENSION"
                    message = f"{name}_SECTION has {node} for vehicle {number}"
                    refuse(self._path, self._told.lines[name], message, remedy)


def _numbers(path: Path, rows: list[Row]) -> Floats:
    """All numbers of a section, quickly where there is no fault."""
    try:
        numbers = np.array([word for row in rows for word in row.words], dtype=np.float64)
    except ValueError:
        numbers = np.array([np.nan])
    if not np.isfinite(numbers).all():
        numbers = np.array([number_at(path, row.line, word) for row in rows for word in row.words])
    return numbers


_VehicleAttributes = tuple[
    tuple[int, ...],
    int,
    tuple[int, ...],
    float,
    float,
    int | None,
    float,
    float,
    tuple[int, ...],
]
