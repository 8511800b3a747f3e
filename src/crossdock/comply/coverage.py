"""Who is covered: the first question of compliance, before any rule is applied.

Most parcel vans are under 10,001 lb and outside Parts 390-399; most line-haul is inside.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from crossdock.comply.rule_value import RuleValue
from crossdock.comply.verdict import Verdict, not_checked, passed
from crossdock.model import InvalidValueError

Commerce = Literal["interstate", "intrastate"]
CdlClass = Literal["A", "B", "C"]

_CMV_COPY = "49 U.S.C. 31132(1) and a vendor's summary of 390.5 (stored copies)"
_CDL_COPY = "383.91(a) (stored copy of the eCFR)"

CMV_WEIGHT_LB = RuleValue(
    10_001, "lb", "49 CFR 390.5T", dt.date(1988, 11, 15), compared_with=_CMV_COPY
)
"""Rating or weight from which a vehicle in interstate commerce is a commercial motor vehicle."""

CMV_SEATS_FOR_COMPENSATION = RuleValue(
    9, "people", "49 CFR 390.5T", dt.date(2001, 1, 11), compared_with=_CMV_COPY
)
"""People, driver included, from which a vehicle for compensation is one ("more than 8")."""

CMV_SEATS = RuleValue(16, "people", "49 CFR 390.5T", dt.date(1988, 11, 15), compared_with=_CMV_COPY)
"""People, driver included, from which any vehicle is one ("more than 15")."""

CDL_WEIGHT_LB = RuleValue(
    26_001, "lb", "49 CFR 383.91(a)", dt.date(1988, 11, 15), compared_with=_CDL_COPY
)
"""Rating or weight of a single vehicle, or of a combination, that needs class B or A."""

CDL_TOWED_LB = RuleValue(
    10_000, "lb", "49 CFR 383.91(a)", dt.date(1988, 11, 15), compared_with=_CDL_COPY
)
"""Towed rating or weight above which a heavy combination needs class A."""

CDL_SEATS = RuleValue(
    16, "people", "49 CFR 383.91(a)(3)", dt.date(1988, 11, 15), compared_with=_CDL_COPY
)
"""People, driver included, from which a lighter vehicle needs class C."""

TANK_GAL = RuleValue(1_000, "gal", "49 CFR 383.5", dt.date(2012, 5, 9))
"""Aggregate capacity of tanks that makes a tank vehicle. Not compared with the official text."""

_OUTSIDE_390 = (
    "driver qualification (Part 391)",
    "parts and cargo securement (Part 393)",
    "hours of service (Part 395)",
    "inspection, repair and DVIR (Part 396)",
)
_OF_CDL = ("commercial licence (Part 383)", "drug and alcohol testing, Clearinghouse (Part 382)")


@dataclass(frozen=True)
class VehicleRating:
    """What decides whether a vehicle is covered; None is not known.

    Attributes
    ----------
    gvwr_lb, weight_lb
        Rating of the power unit and its actual gross weight.
    gcwr_lb
        Combination rating on the power unit's label; counts only when it tows.
    trailers
        Units towed.
    towed_gvwr_lb, towed_weight_lb
        Ratings and actual weights of the towed units, summed.
    seats
        People that it is designed to carry, driver included.
    tank_gal
        Aggregate capacity of tanks for liquid or gas in bulk.
    """

    gvwr_lb: float | None = None
    weight_lb: float | None = None
    gcwr_lb: float | None = None
    trailers: int = 0
    towed_gvwr_lb: float | None = None
    towed_weight_lb: float | None = None
    seats: int = 1
    for_compensation: bool = False
    tank_gal: float = 0.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and not 0 <= value < 1e9:
                raise InvalidValueError(
                    f"{name} {value} is not a weight, number or capacity of a vehicle",
                    remedy="give a number that is not negative, or leave it out",
                )

    @property
    def towing(self) -> bool:
        """Whether another vehicle is towed."""
        return self.trailers > 0 or self.towed_lb is not None

    @property
    def single_lb(self) -> float | None:
        """The power unit's rating or actual weight, whichever is greater."""
        return _greater(self.gvwr_lb, self.weight_lb)

    @property
    def towed_lb(self) -> float | None:
        """The towed units' rating or actual weight, whichever is greater."""
        return _greater(self.towed_gvwr_lb, self.towed_weight_lb)

    @property
    def combined_lb(self) -> float | None:
        """Combination rating or weight, whichever is greater; of the vehicle when it tows none.

        The rating is the greater of the label and the sum of the units (390.5T).
        """
        if not self.towing:
            return self.single_lb
        known = (self.single_lb, self.towed_lb)
        parts = [part for part in known if part is not None]
        return _greater(self.gcwr_lb, sum(parts) if parts else None)


@dataclass(frozen=True)
class LicenceNeed:
    """The licence that a vehicle and its cargo need.

    Attributes
    ----------
    cdl_class
        Class of commercial licence; None: an ordinary licence will do.
    endorsements
        Of ``H`` hazardous materials, ``N`` tank, ``T`` doubles and triples, ``P`` passengers.
    """

    cdl_class: CdlClass | None
    endorsements: tuple[str, ...]
    reason: str
    citation: str = "49 CFR 383.91, 383.93"


@dataclass(frozen=True)
class Coverage:
    """What applies to a trip.

    Attributes
    ----------
    regulated
        Whether Parts 390-399 apply; None: the vehicle's weight is not known.
    licence
        The licence it needs; None: the weights that decide it are not known.
    applies, does_not_apply
        Parts of 49 CFR by name.
    """

    regulated: bool | None
    reason: str
    citation: str
    licence: LicenceNeed | None
    applies: tuple[str, ...]
    does_not_apply: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """The answer as one of the verdicts of a gate."""
        if self.regulated is None:
            return not_checked("coverage", self.citation, self.reason)
        return passed("coverage", self.citation, self.reason)


def regulated(vehicle: VehicleRating, *, placarded: bool, commerce: Commerce) -> Coverage:
    """Whether the federal motor carrier rules apply to a trip, and which licence it needs.

    Parameters
    ----------
    placarded
        Whether the cargo needs hazmat placards (see `crossdock.comply.hazmat`).
    commerce
        Within one state, Parts 390-399 give way to the state's own rules, which are not in this
        engine; commercial licences and drug testing stay federal.
    """
    licence = licence_needed(vehicle, placarded=placarded)
    covered, reason = _covered(vehicle, placarded=placarded)
    if covered and commerce == "intrastate":
        covered = False
        reason = "the trip stays in one state: Parts 390-399 give way to rules of that state"
    applies, outside = _parts(covered, licence)
    return Coverage(covered, reason, "49 CFR 390.3T, 390.5T", licence, applies, outside)


def licence_needed(vehicle: VehicleRating, *, placarded: bool) -> LicenceNeed | None:
    """The licence class and endorsements for a vehicle and its cargo, in any commerce.

    None when weights that decide the class are not known.
    """
    endorsements = _endorsements(vehicle, placarded=placarded)
    heavy, towed_limit = CDL_WEIGHT_LB.value, CDL_TOWED_LB.value
    combined, single, towed = vehicle.combined_lb, vehicle.single_lb, vehicle.towed_lb
    if vehicle.towing and towed is None:
        return None
    if towed is not None and combined is not None and combined >= heavy and towed > towed_limit:
        return LicenceNeed(
            "A",
            endorsements,
            f"a combination of {combined:,.0f} lb that tows {towed:,.0f} lb needs class A",
        )
    if single is None:
        return None
    if single >= heavy:
        return LicenceNeed(
            "B", endorsements, f"a vehicle of {single:,.0f} lb needs at least class B"
        )
    if placarded or vehicle.seats >= CDL_SEATS.value:
        why = "placarded cargo" if placarded else f"{vehicle.seats} people"
        return LicenceNeed("C", endorsements, f"{why} in a lighter vehicle needs class C")
    return LicenceNeed(
        None, (), f"a vehicle of {single:,.0f} lb without placards needs no commercial licence"
    )


def _covered(vehicle: VehicleRating, *, placarded: bool) -> tuple[bool | None, str]:
    weight_lb = vehicle.combined_lb
    limit_lb = CMV_WEIGHT_LB.value
    if weight_lb is not None and weight_lb >= limit_lb:
        return (
            True,
            f"a rating or weight of {weight_lb:,.0f} lb makes it a commercial motor vehicle",
        )
    if placarded:
        return True, "placarded cargo makes any vehicle a commercial motor vehicle"
    seats = CMV_SEATS_FOR_COMPENSATION if vehicle.for_compensation else CMV_SEATS
    if vehicle.seats >= seats.value:
        return True, f"a vehicle for {vehicle.seats} people is a commercial motor vehicle"
    if weight_lb is None or (vehicle.towing and None in (vehicle.single_lb, vehicle.towed_lb)):
        return None, (
            "the rating of the vehicle is not told: it is judged as a commercial motor vehicle"
        )
    return False, (
        f"a vehicle of {weight_lb:,.0f} lb without placards is under {limit_lb:,.0f} lb: "
        "outside Parts 390-399, state rules may still apply"
    )


def _parts(
    covered: bool | None, licence: LicenceNeed | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    applies: list[str] = []
    outside: list[str] = []
    (outside if covered is False else applies).extend(_OUTSIDE_390)
    (applies if licence is None or licence.cdl_class else outside).extend(_OF_CDL)
    return tuple(applies), tuple(outside)


def _endorsements(vehicle: VehicleRating, *, placarded: bool) -> tuple[str, ...]:
    needs = {
        "H": placarded,
        "N": vehicle.tank_gal >= TANK_GAL.value,
        "P": vehicle.seats >= CDL_SEATS.value,
        "T": vehicle.trailers > 1,
    }
    return tuple(letter for letter, needed in needs.items() if needed)


def _greater(first: float | None, second: float | None) -> float | None:
    known = [value for value in (first, second) if value is not None]
    return max(known, default=None)
