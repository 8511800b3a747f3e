"""Hazardous materials in parcels: limited quantity, lithium, placards (49 CFR 171-180)."""

from crossdock.comply.hazmat.gate import Hazmat, hazmat_verdicts
from crossdock.comply.hazmat.limited_quantity import (
    LimitedQuantity,
    limited_quantity,
    orm_d_allowed,
)
from crossdock.comply.hazmat.lithium import (
    LithiumAnswer,
    LithiumPackage,
    classify_lithium,
    watt_hours,
)
from crossdock.comply.hazmat.placards import HazmatPackage, Placards, placards

__all__ = [
    "Hazmat",
    "HazmatPackage",
    "LimitedQuantity",
    "LithiumAnswer",
    "LithiumPackage",
    "Placards",
    "classify_lithium",
    "hazmat_verdicts",
    "limited_quantity",
    "orm_d_allowed",
    "placards",
    "watt_hours",
]
