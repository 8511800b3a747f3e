"""Rows of a problem on roads: which are too far from them, and the times between them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from crossdock.model import InfeasibleError
from crossdock.plan.routing import Metric, RoadMetric, RoadTimes, metric_over_roads
from crossdock.platform.routing.documents.faults import (
    Faults,
    FaultyDocumentError,
    RowFault,
    who_is,
)
from crossdock.platform.routing.documents.problem_shape import (
    JobRow,
    Roads,
    RouteProblem,
    ShipmentRow,
    VehicleRow,
)
from crossdock.platform.routing.documents.values import Row

if TYPE_CHECKING:
    from crossdock.locate.roads.streets import RoadVehicle
    from crossdock.platform.roads import RoadSource

Numbered = Sequence[tuple[int, Row]]
At = tuple[str | None, float | None, float | None]
"""A place by name, latitude and longitude."""
_TABLES = ("places", "depots", "vehicles", "jobs", "shipments")


def check_on_roads(
    asked: Roads,
    rows: Mapping[str, Numbered],
    faults: Faults,
    roads: RoadSource,
    *,
    vehicles: bool,
) -> None:
    """Add to ``faults`` every position that is farther from all roads than may be.

    Parameters
    ----------
    vehicles
        Look at where vehicles start and end too; those under way are where they are.
    """
    spots = [
        each
        for each in _spots(rows)
        if each[4][1] is not None and each[4][2] is not None and (vehicles or each[0] != "vehicles")
    ]
    if not spots:
        return
    vehicle = _vehicle(asked)
    degrees = np.array([each[4][1:] for each in spots], dtype=np.float64)
    off_m = roads.off_roads(vehicle, degrees[:, 0], degrees[:, 1])
    for (table, number, who, field, _), off in zip(spots, off_m.tolist(), strict=True):
        if off > asked.snap_m:
            reason = f"is {off:,.0f} m from the nearest road that a {vehicle.name} can use"
            remedy = "correct lat and lon, give distances.snap_m more, or name a larger map"
            faults.add(table, number, who, field, reason, remedy)


def names_of(document: RouteProblem, positions: Sequence[At]) -> list[str]:
    """The first row at each position, for people."""
    rows: dict[str, Numbered] = {
        table: list(enumerate(cast("list[Row]", getattr(document, table)))) for table in _TABLES
    }
    found: dict[At, str] = {}
    for table, _, who, field, at in _spots(rows):
        path = field.rpartition(".")[0]
        key = at
        if table == "places":
            key = (cast("str", at[0]), at[1], at[2])
        found.setdefault(key, f"{who} {path}".strip())
    return [found.get(each, f"{each[1]}, {each[2]}") for each in positions]


def road_metric(
    asked: Roads,
    degrees: NDArray[np.float64],
    names: Sequence[str],
    roads: RoadSource | None,
    *,
    all_pairs: bool,
) -> Metric:
    """Times and distances over roads.

    Raises
    ------
    FaultyDocumentError
        Between two places there is no way; they are named.
    """
    if roads is None:
        raise AssertionError("the document was checked without roads")
    try:
        times: RoadTimes = roads.places(
            _vehicle(asked), degrees[:, 0], degrees[:, 1], names, all_pairs=all_pairs
        )
        if asked.speed_factor != 1.0:
            times = _Faster(times, asked.speed_factor)
        return metric_over_roads(times, names) if all_pairs else RoadMetric(times, tuple(names))
    except InfeasibleError as error:
        remedy = "correct where they are, leave one out, or choose another distances.profile"
        fault = RowFault(None, None, "", "distances", f"have no answer: {error}", remedy)
        raise FaultyDocumentError("the problem", [fault], remedy, more=False) from error


@dataclasses.dataclass(frozen=True, eq=False)
class _Faster:
    """The same roads, driven at another speed."""

    roads: RoadTimes
    speed_factor: float

    @property
    def latitude(self) -> NDArray[np.float64]:
        return self.roads.latitude

    @property
    def longitude(self) -> NDArray[np.float64]:
        return self.roads.longitude

    def matrix(
        self, rows: NDArray[np.int64], columns: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        seconds, metres = self.roads.matrix(rows, columns)
        return (seconds / np.float32(self.speed_factor)), metres

    def pairs(
        self, start: NDArray[np.int64], end: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        seconds, metres = self.roads.pairs(start, end)
        return seconds / self.speed_factor, metres


def _vehicle(asked: Roads) -> RoadVehicle:
    from crossdock.locate.roads.streets import VEHICLES  # noqa: PLC0415 SciPy: slow to import

    told = {
        name: value
        for name in ("height_m", "width_m", "length_m", "weight_t")
        if (value := getattr(asked, name)) is not None
    }
    return dataclasses.replace(VEHICLES[asked.profile], **told)


def _spots(rows: Mapping[str, Numbered]) -> Iterator[tuple[str, int, str, str, At]]:
    """Every position that rows tell: table, number, who, field, where."""
    for table in _TABLES:
        for number, row in rows[table]:
            who = who_is(table, number, {"id": getattr(row, "id", None)})
            for path, spot in _parts(row):
                at = (getattr(spot, "place", None), getattr(spot, "lat", None),
                      getattr(spot, "lon", None))  # fmt: skip
                if table == "places":
                    at = (getattr(row, "id", None), *at[1:])
                yield table, number, who, f"{path}lat", at


def _parts(row: Row) -> Iterator[tuple[str, object]]:
    if isinstance(row, VehicleRow):
        yield "start.", row.start
        if row.end is not None:
            yield "end.", row.end
    elif isinstance(row, ShipmentRow):
        yield "pickup.", row.pickup
        yield "delivery.", row.delivery
    elif isinstance(row, JobRow) or hasattr(row, "lat"):
        yield "", row
