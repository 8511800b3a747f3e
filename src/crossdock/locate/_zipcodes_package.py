# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false
"""Typed door to the untyped ``zipcodes`` package, whose data ship inside the wheel."""

from __future__ import annotations

from typing import TypedDict, cast

import zipcodes


class ZipRecord(TypedDict):
    """One ZIP as the package lists it; coordinates are text, empty or 0 where unknown."""

    zip_code: str
    zip_code_type: str
    active: bool
    city: str
    acceptable_cities: list[str]
    unacceptable_cities: list[str]
    state: str
    timezone: str | None
    lat: str
    long: str


def zip_records() -> list[ZipRecord]:
    """Every ZIP of the package, retired ones included."""
    return cast("list[ZipRecord]", zipcodes.list_all())
