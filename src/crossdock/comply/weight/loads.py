"""Axle loads from where the cargo stands: a balance of moments, first on the trailer.

The trailer rests on its kingpin and on the middle of its axles; the tractor carries the kingpin
between its steer axle and the middle of its drive axles. Axles of one group share alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.comply.weight.axles import Axle
from crossdock.model import InvalidValueError


@dataclass(frozen=True)
class PlacedCargo:
    """Cargo by the middle of its weight.

    Attributes
    ----------
    position_ft
        Behind the kingpin of a semitrailer (negative: before it), or behind the front axle of a
        straight truck.
    """

    weight_lb: float
    position_ft: float


@dataclass(frozen=True)
class AxleLayout:
    """Where the axles of a truck or a tractor with one semitrailer are; all behind the front axle.

    Attributes
    ----------
    rear_ft
        Axles of the rear group of a straight truck, or the drive axles of a tractor.
    empty_lb
        Load of each axle with no cargo, front axle first, then rear, then trailer.
    kingpin_ft
        Of the fifth wheel; None: a straight truck.
    trailer_ft
        Axles of the semitrailer.

    Raises
    ------
    InvalidValueError
        Axles out of order, a kingpin without trailer axles, empty loads of another number.
    """

    rear_ft: tuple[float, ...]
    empty_lb: tuple[float, ...]
    kingpin_ft: float | None = None
    trailer_ft: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        positions = (0.0, *self.rear_ft, *self.trailer_ft)
        kingpin_ft, trailer = self.kingpin_ft, self.trailer_ft
        broken = None
        if not self.rear_ft or list(positions) != sorted(set(positions)):
            broken = "axles are not in order from the front axle at 0 ft"
        elif (kingpin_ft is None) != (not trailer):
            broken = "a kingpin and trailer axles belong together"
        elif kingpin_ft is not None and not 0 < kingpin_ft < trailer[0]:
            broken = "the kingpin is not between the front axle and the trailer axles"
        elif len(self.empty_lb) != len(positions):
            broken = f"empty loads of {len(self.empty_lb)} axles do not fit {len(positions)} axles"
        if broken:
            raise InvalidValueError(
                broken, remedy="give positions in feet behind the front axle, and a load for each"
            )


def axle_loads(layout: AxleLayout, cargo: Sequence[PlacedCargo]) -> tuple[Axle, ...]:
    """The load of every axle with the cargo where it is placed, front axle first.

    Weights and moments are kept: the loads sum to the empty loads and the cargo. A negative load
    says that the cargo lifts that axle (see `weight_verdicts`).
    """
    total_lb = sum(item.weight_lb for item in cargo)
    moment = sum(item.weight_lb * item.position_ft for item in cargo)
    trailer_lb = 0.0
    on_truck_lb, on_truck_moment = total_lb, moment
    if layout.kingpin_ft is not None:
        trailer_lb = moment / (_middle(layout.trailer_ft) - layout.kingpin_ft)
        on_truck_lb = total_lb - trailer_lb
        on_truck_moment = on_truck_lb * layout.kingpin_ft
    rear_lb = on_truck_moment / _middle(layout.rear_ft)
    added = [on_truck_lb - rear_lb]
    added += [rear_lb / len(layout.rear_ft)] * len(layout.rear_ft)
    added += [trailer_lb / max(1, len(layout.trailer_ft))] * len(layout.trailer_ft)
    positions = (0.0, *layout.rear_ft, *layout.trailer_ft)
    return tuple(
        Axle(position, empty + more)
        for position, empty, more in zip(positions, layout.empty_lb, added, strict=True)
    )


def _middle(positions_ft: Sequence[float]) -> float:
    return sum(positions_ft) / len(positions_ft)
