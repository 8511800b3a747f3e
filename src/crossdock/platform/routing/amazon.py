"""Routes of the Amazon Last Mile Routing Research Challenge (2021) as problems.

One station, one van of known volume, some 150 stops with packages, service times and windows. The
travel times of the challenge are not in these files: streets are estimated.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from pathlib import Path
from typing import Any, cast

import numpy as np

from crossdock.plan.routing import (
    ANY_TIME,
    Depot,
    Job,
    Problem,
    StreetMetric,
    VehicleType,
    Window,
)
from crossdock.platform.routing.instance import Instance, refuse

_STATION = "Station"


def read_amazon(path: Path, text: str) -> Instance:
    """The problem of one route: seconds since its departure, metres, cubic centimetres."""
    try:
        return _read(path, cast("dict[str, Any]", json.loads(text)))
    except json.JSONDecodeError as error:
        refuse(path, error.lineno, error.msg, "give a JSON object")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        message = f"{type(error).__name__} {error} in a route"
        refuse(path, None, message, "give `route` and `packages` as the challenge spells them")


def _read(path: Path, told: dict[str, Any]) -> Instance:
    route, packages = told["route"], told["packages"]
    stops: dict[str, dict[str, Any]] = route["stops"]
    departs = dt.datetime.fromisoformat(
        f"{route['date_YYYY_MM_DD']}T{route['departure_time_utc']}+00:00"
    )
    stations = [name for name, stop in stops.items() if stop["type"] == _STATION]
    if len(stations) != 1:
        refuse(path, None, f"there are {len(stations)} stations", "give one stop of that type")
    names = [stations[0], *(name for name in stops if name != stations[0])]
    problem = Problem(
        metric=StreetMetric(
            np.array([float(stops[name]["lat"]) for name in names]),
            np.array([float(stops[name]["lng"]) for name in names]),
        ),
        depots=(Depot(stations[0], 0),),
        vehicles=(
            VehicleType(
                id="van",
                count=1,
                capacity=(int(route["executor_capacity_cm3"]),),
                start_depot=stations[0],
                end_depot=stations[0],
            ),
        ),
        jobs=tuple(
            _job(name, place, packages.get(name, {}), departs)
            for place, name in enumerate(names)
            if place
        ),
        dimensions=("volume_cm3",),
    )
    return Instance(path.stem, "TSPTW", problem, numbered=False)


def _job(name: str, place: int, packages: dict[str, Any], departs: dt.datetime) -> Job:
    volume = service = 0.0
    opens, closes = 0.0, ANY_TIME
    for package in packages.values():
        size = package["dimensions"]
        volume += size["depth_cm"] * size["height_cm"] * size["width_cm"]
        service += package["planned_service_time_seconds"]
        window = package["time_window"]
        if window["start_time_utc"] and window["end_time_utc"]:
            start, end = (
                (dt.datetime.fromisoformat(f"{window[key]}+00:00") - departs).total_seconds()
                for key in ("start_time_utc", "end_time_utc")
            )
            opens, closes = max(opens, start), min(closes, max(end, 0.0))
    # Packages of one stop may contradict each other: be there for the last.
    opens = min(opens, closes)
    return Job(name, place, (math.ceil(volume),), windows=(Window(opens, closes),), service=service)
