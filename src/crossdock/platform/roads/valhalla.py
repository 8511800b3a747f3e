"""Road times of a Valhalla server: its service ``/sources_to_targets``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from crossdock.locate.roads.streets import Mode, RoadMatrix, RoadVehicle
from crossdock.platform.roads.road_server import (
    Asking,
    Floats,
    Matrices,
    NoWayError,
    RoadServer,
    ask_matrix,
)

_NO_WAY = 442
_METRES_PER_KM = 1000.0
_OK = 200


def valhalla_matrix(
    server: RoadServer,
    vehicle: RoadVehicle,
    sources: Floats,
    targets: Floats,
    names: tuple[Sequence[str], Sequence[str]] | None = None,
) -> RoadMatrix:
    """Seconds and metres by a Valhalla server, trucks by their measures.

    Parameters
    ----------
    sources, targets
        Latitudes and longitudes, (n, 2).
    names
        Of sources and targets, for messages.

    Raises
    ------
    InfeasibleError
        There is no way between two places; they are named.
    ServiceUnavailableError
        The server cannot be reached, or is none.
    InvalidValueError
        The server refuses the request; its words are told.
    """
    asking = Asking(server)

    def ask(asking: Asking, sources: Floats, targets: Floats) -> Matrices:
        return _tile(asking, vehicle, sources, targets)

    try:
        return ask_matrix(asking, ask, sources, targets, names)
    finally:
        asking.close()


def _tile(asking: Asking, vehicle: RoadVehicle, sources: Floats, targets: Floats) -> Matrices:
    body = {
        "sources": _locations(sources),
        "targets": _locations(targets),
        "units": "kilometers",
        "verbose": False,
        **_costing(vehicle),
    }
    status, told = asking.json("POST", "/sources_to_targets", json=body)
    if status != _OK:
        if told.get("error_code") == _NO_WAY:
            raise NoWayError
        raise asking.refused(str(told.get("error", f"status {status}")))
    shape = (len(sources), len(targets))
    seconds, kilometers = _columns(told.get("sources_to_targets"))
    return asking.cells(seconds, shape), asking.cells(kilometers, shape, _METRES_PER_KM)


def _locations(places: Floats) -> list[dict[str, float]]:
    return [{"lat": latitude, "lon": longitude} for latitude, longitude in places.tolist()]


def _costing(vehicle: RoadVehicle) -> dict[str, Any]:
    costing = "truck" if vehicle.mode is Mode.HGV else "auto"
    measures = {"height": vehicle.height_m, "width": vehicle.width_m}
    if vehicle.mode is Mode.HGV:
        measures |= {"length": vehicle.length_m, "weight": vehicle.weight_t}
    if np.isfinite(vehicle.top_kmh):
        measures["top_speed"] = vehicle.top_kmh
    return {"costing": costing, "costing_options": {costing: measures}}


def _columns(told: object) -> tuple[object, object]:
    """Seconds and kilometers, from the short form of an answer or the long one of older servers."""
    if isinstance(told, dict):
        short = cast("dict[str, object]", told)
        return short.get("durations"), short.get("distances")
    try:
        rows = cast("list[list[dict[str, object]]]", told)
        seconds = [[cell["time"] for cell in row] for row in rows]
        return seconds, [[cell["distance"] for cell in row] for row in rows]
    except (TypeError, KeyError):
        return None, None
