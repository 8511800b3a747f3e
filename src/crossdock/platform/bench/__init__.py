"""Measure Crossdock itself, in fresh processes, and write down what was seen."""

from crossdock.platform.bench.house import HOUSE_SIZES, HouseRun, measure_house, write_house

__all__ = ["HOUSE_SIZES", "HouseRun", "measure_house", "write_house"]
