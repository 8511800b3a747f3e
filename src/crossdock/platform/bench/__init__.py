"""Measure Crossdock itself and write down what was seen."""

from crossdock.platform.bench.bands import BANDS, measure_bands, write_bands
from crossdock.platform.bench.events import EventsRun, measure_events, write_events
from crossdock.platform.bench.house import HOUSE_SIZES, HouseRun, measure_house, write_house
from crossdock.platform.bench.private_postgres import private_postgres

__all__ = [
    "BANDS",
    "HOUSE_SIZES",
    "EventsRun",
    "HouseRun",
    "measure_bands",
    "measure_events",
    "measure_house",
    "private_postgres",
    "write_bands",
    "write_events",
    "write_house",
]
