"""The revised NIOSH lifting equation: how heavy a lift may be, and how far a load is beyond it.

`RWL = LC x HM x VM x DM x AM x FM x CM` and ``LI = load / RWL`` (DHHS (NIOSH) 94-110). It is
guidance, no regulation: an index above 1 raises the risk, above 3 calls for another way to work.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from crossdock.comply.rule_value import RuleValue
from crossdock.model import InvalidValueError

Duration = Literal["short", "moderate", "long"]
Coupling = Literal["good", "fair", "poor"]
CITATION = "Applications Manual for the Revised NIOSH Lifting Equation, DHHS (NIOSH) 94-110"

LOAD_LB = RuleValue(51, "lb", CITATION, dt.date(1994, 1, 1))
LOAD_KG = RuleValue(23, "kg", CITATION, dt.date(1994, 1, 1))
"""Load constants; like the multipliers, not compared with the official text."""

RAISED_RISK = RuleValue(1, "lifting index", CITATION, dt.date(1994, 1, 1))
REDESIGN = RuleValue(3, "lifting index", CITATION, dt.date(1994, 1, 1))


@dataclass(frozen=True)
class _Units:
    """The equation in one system of units."""

    load: float
    reach: float
    reach_limit: float
    height_slope: float
    height: float
    height_limit: float
    travel: float
    travel_least: float
    travel_limit: float


_US = _Units(LOAD_LB.value, 10, 25, 0.0075, 30, 70, 1.8, 10, 70)
_METRIC = _Units(LOAD_KG.value, 25, 63, 0.003, 75, 175, 4.5, 25, 175)

_COLUMNS: tuple[Duration, ...] = ("short", "moderate", "long")
_FREQUENCY: tuple[tuple[float, tuple[float, float, float], tuple[float, float, float]], ...] = (
    # lifts a minute; hands at least 30 in high: <= 1 h, <= 2 h, <= 8 h; and lower than that
    (0.2, (1.00, 0.95, 0.85), (1.00, 0.95, 0.85)),
    (0.5, (0.97, 0.92, 0.81), (0.97, 0.92, 0.81)),
    (1, (0.94, 0.88, 0.75), (0.94, 0.88, 0.75)),
    (2, (0.91, 0.84, 0.65), (0.91, 0.84, 0.65)),
    (3, (0.88, 0.79, 0.55), (0.88, 0.79, 0.55)),
    (4, (0.84, 0.72, 0.45), (0.84, 0.72, 0.45)),
    (5, (0.80, 0.60, 0.35), (0.80, 0.60, 0.35)),
    (6, (0.75, 0.50, 0.27), (0.75, 0.50, 0.27)),
    (7, (0.70, 0.42, 0.22), (0.70, 0.42, 0.22)),
    (8, (0.60, 0.35, 0.18), (0.60, 0.35, 0.18)),
    (9, (0.52, 0.30, 0.15), (0.52, 0.30, 0.00)),
    (10, (0.45, 0.26, 0.13), (0.45, 0.26, 0.00)),
    (11, (0.41, 0.23, 0.00), (0.41, 0.00, 0.00)),
    (12, (0.37, 0.21, 0.00), (0.37, 0.00, 0.00)),
    (13, (0.34, 0.00, 0.00), (0.00, 0.00, 0.00)),
    (14, (0.31, 0.00, 0.00), (0.00, 0.00, 0.00)),
    (15, (0.28, 0.00, 0.00), (0.00, 0.00, 0.00)),
)


@dataclass(frozen=True)
class Lift:
    """A lift with two hands; lengths in inches and the load in pounds, or centimetres and kg.

    Attributes
    ----------
    horizontal
        Hands before the ankles.
    vertical
        Height of the hands at the start (or the end) of the lift.
    travel
        Vertical distance of the lift.
    asymmetry_deg
        Twist of the trunk.
    lifts_per_min, duration
        How often, and for how long in a shift: up to 1 h, 2 h, 8 h.
    """

    load: float
    horizontal: float
    vertical: float
    travel: float
    asymmetry_deg: float
    lifts_per_min: float
    duration: Duration
    coupling: Coupling

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, int | float) and not 0 <= value < 1e6:
                raise InvalidValueError(
                    f"{name} of a lift cannot be {value}", remedy="give 0 or more"
                )
        if self.asymmetry_deg > 180:
            raise InvalidValueError(
                f"a trunk does not twist by {self.asymmetry_deg} degrees",
                remedy="give 0 to 180 degrees",
            )


@dataclass(frozen=True)
class LiftingAnswer:
    """Multipliers, recommended weight limit and lifting index.

    Attributes
    ----------
    recommended
        In the unit of the load.
    index
        None: the limit is 0, the lift is not acceptable at any weight.
    """

    hm: float
    vm: float
    dm: float
    am: float
    fm: float
    cm: float
    recommended: float
    index: float | None

    @property
    def risk(self) -> Literal["nominal", "raised", "redesign"]:
        """What the index calls for: nothing, care, or another way to work."""
        if self.index is None or self.index > REDESIGN.value:
            return "redesign"
        return "raised" if self.index > RAISED_RISK.value else "nominal"


def lifting_index(lift: Lift, *, metric: bool = False) -> LiftingAnswer:
    """The recommended weight limit of a lift and its lifting index.

    Notes
    -----
    Between two rows of the frequency table the multiplier is interpolated; up to one lift in
    five minutes the first row holds, above 15 a minute it is 0.
    """
    units = _METRIC if metric else _US
    high = lift.vertical >= units.height
    hm = 0.0 if lift.horizontal > units.reach_limit else units.reach / max(
        units.reach, lift.horizontal
    )  # fmt: skip
    vm = (
        0.0
        if lift.vertical > units.height_limit
        else 1 - units.height_slope * abs(lift.vertical - units.height)
    )
    dm = _distance_multiplier(lift.travel, units)
    am = 0.0 if lift.asymmetry_deg > 135 else 1 - 0.0032 * lift.asymmetry_deg
    fm = _frequency_multiplier(lift.lifts_per_min, lift.duration, high=high)
    cm = {"good": 1.0, "fair": 1.0 if high else 0.95, "poor": 0.90}[lift.coupling]
    recommended = units.load * hm * vm * dm * am * fm * cm
    index = lift.load / recommended if recommended > 0 else None
    return LiftingAnswer(hm, vm, dm, am, fm, cm, recommended, index)


def _distance_multiplier(travel: float, units: _Units) -> float:
    if travel > units.travel_limit:
        return 0.0
    if travel < units.travel_least:
        return 1.0
    return min(1.0, 0.82 + units.travel / travel)


def _frequency_multiplier(lifts_per_min: float, duration: Duration, *, high: bool) -> float:
    column = _COLUMNS.index(duration)
    rows = [(often, (upper if high else lower)[column]) for often, upper, lower in _FREQUENCY]
    if lifts_per_min <= rows[0][0]:
        return rows[0][1]
    for (less, more_fm), (often, fm) in pairwise(rows):
        if lifts_per_min <= often:
            return more_fm + (fm - more_fm) * (lifts_per_min - less) / (often - less)
    return 0.0
