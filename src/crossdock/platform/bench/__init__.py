"""Measure Crossdock itself and write down what was seen."""

from crossdock.platform.bench.bands import BANDS, measure_bands, write_bands
from crossdock.platform.bench.dispatch import DispatchRow, measure_dispatch, write_dispatch
from crossdock.platform.bench.events import EventsRun, measure_events, write_events
from crossdock.platform.bench.hos import HosRow, measure_hos, write_hos
from crossdock.platform.bench.house import HOUSE_SIZES, HouseRun, measure_house, write_house
from crossdock.platform.bench.lastmile import (
    PEERS,
    BenchRow,
    BenchRun,
    measure_lastmile,
    write_lastmile,
)
from crossdock.platform.bench.private_postgres import private_postgres
from crossdock.platform.bench.roads import RoadsRow, measure_roads, write_roads_page
from crossdock.platform.bench.server_process import ServerProcess, make_key
from crossdock.platform.bench.tower import TowerFigures, measure_tower, write_tower

__all__ = [
    "BANDS",
    "HOUSE_SIZES",
    "PEERS",
    "BenchRow",
    "BenchRun",
    "DispatchRow",
    "EventsRun",
    "HosRow",
    "HouseRun",
    "RoadsRow",
    "ServerProcess",
    "TowerFigures",
    "make_key",
    "measure_bands",
    "measure_dispatch",
    "measure_events",
    "measure_hos",
    "measure_house",
    "measure_lastmile",
    "measure_roads",
    "measure_tower",
    "private_postgres",
    "write_bands",
    "write_dispatch",
    "write_events",
    "write_hos",
    "write_house",
    "write_lastmile",
    "write_roads_page",
    "write_tower",
]
