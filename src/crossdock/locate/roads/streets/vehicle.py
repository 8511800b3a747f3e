"""The vehicle whose ways are looked for: what roads allow depends on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crossdock.locate.roads.streets.road_graph import Mode
from crossdock.model.errors import InvalidValueError


@dataclass(frozen=True)
class RoadVehicle:
    """A vehicle as roads see it.

    Parameters
    ----------
    mode
        Which signs hold for it.
    height_m, width_m, length_m, weight_t
        Measures, load included.
    top_kmh
        Fastest that it goes anywhere.
    speed_factor
        Its speed over that of a car on the same road.
    signal_s
        Mean wait at a traffic light.
    """

    name: str
    mode: Mode
    height_m: float
    width_m: float
    length_m: float
    weight_t: float
    top_kmh: float = np.inf
    speed_factor: float = 1.0
    signal_s: float = 2.0

    def __post_init__(self) -> None:
        for field in ("height_m", "width_m", "length_m", "weight_t", "top_kmh", "speed_factor"):
            if not getattr(self, field) > 0:
                raise InvalidValueError(
                    f"{field} of {self.name} is {getattr(self, field)}",
                    remedy="give a number above 0",
                )
        if not 0 <= self.signal_s < np.inf or self.speed_factor == np.inf:
            raise InvalidValueError(
                f"signal_s of {self.name} is {self.signal_s}, speed_factor {self.speed_factor}",
                remedy="give finite numbers, signal_s not below 0",
            )


CAR = RoadVehicle("car", Mode.CAR, height_m=1.8, width_m=1.9, length_m=4.8, weight_t=2.0)
VAN = RoadVehicle("van", Mode.GOODS, height_m=2.8, width_m=2.1, length_m=7.0, weight_t=3.5)
"""A step van of parcels."""
BOX_TRUCK = RoadVehicle(
    "box truck", Mode.HGV, height_m=3.7, width_m=2.6, length_m=10.0, weight_t=11.8, top_kmh=105.0,
    speed_factor=0.95,
)  # fmt: skip
"""A straight truck under 26,000 lb."""
TRUCK = RoadVehicle(
    "truck", Mode.HGV, height_m=4.11, width_m=2.6, length_m=22.0, weight_t=36.3, top_kmh=105.0,
    speed_factor=0.9,
)  # fmt: skip
"""Tractor and 53 ft semitrailer: 13 ft 6 in high, 80,000 lb.

Measures are the US limits (23 CFR 658); ``speed_factor`` of both trucks is an assumption †.
"""

VEHICLES = {"car": CAR, "van": VAN, "box-truck": BOX_TRUCK, "truck": TRUCK}
"""Vehicles by the names that people use for them."""
