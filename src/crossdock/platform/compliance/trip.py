"""A trip to judge, as JSON: the fields of `crossdock.comply.dispatch.Trip`, and its answer."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, cast

import msgspec

from crossdock.comply.dispatch import DispatchAnswer, HosVerdict, HoursAnswer, Trip
from crossdock.model import InputUnusableError
from crossdock.platform.compliance.hos_cases import trip_hours_of
from crossdock.platform.store import read_object


def read_trip(path: Path) -> Trip:
    """The trip of a JSON file.

    Raises
    ------
    InputUnusableError
        No such file, a field that a trip does not have, or a value of another type.
    InvalidValueError
        A value that breaks a rule of its field.
    """
    return trip_of(read_object(path), str(path))


def trip_of(told: dict[str, Any], source: str) -> Trip:
    """The trip of a JSON object; ``source`` names it in errors, which are those of `read_trip`."""
    unknown = next(_unknown_fields(told, Trip, "$"), None)
    if unknown is not None:
        field, known = unknown
        raise InputUnusableError(
            f"{source}: a trip has no field {field}", remedy=f"use: {', '.join(known)}"
        )
    try:
        return msgspec.convert(told, Trip, dec_hook=_hours)
    except msgspec.ValidationError as error:
        raise InputUnusableError(
            f"{source}: {error}", remedy="see docs/compliance.md for the fields of a trip"
        ) from error


def answer_document(answer: DispatchAnswer) -> dict[str, Any]:
    """The answer as an object to write as JSON."""
    return {
        "trip_id": answer.trip_id,
        "allowed": answer.allowed,
        "holds_until": answer.holds_until,
        "failed": [verdict.rule for verdict in answer.failed],
        "not_checked": [verdict.rule for verdict in answer.not_checked],
        "coverage": answer.coverage,
        "verdicts": answer.verdicts,
    }


def _hours(_: type, told: Any) -> HoursAnswer:
    """A file holds the answer of somebody's engine, or the log and the duty, which ours judges."""
    if isinstance(told, dict) and "planned" in told:
        return trip_hours_of(cast("dict[str, Any]", told), "hours")
    return msgspec.convert(told, HosVerdict)


def _unknown_fields(value: Any, kind: Any, path: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Paths of fields that no dataclass has, each with the fields that there are.

    A field misspelled would otherwise be taken for one that is not told.
    """
    if kind is HoursAnswer:
        if isinstance(value, dict) and "planned" in value:
            return  # its fields are asked for one by one
        kind = HosVerdict
    arguments = typing.get_args(kind)
    if isinstance(value, list):
        inner = next((argument for argument in arguments if argument is not Ellipsis), None)
        for number, entry in enumerate(cast("list[Any]", value)):
            yield from _unknown_fields(entry, inner, f"{path}[{number}]")
    elif isinstance(value, dict) and dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        for name, entry in cast("dict[str, Any]", value).items():
            if name not in hints:
                yield f"{path}.{name}", tuple(hints)
            else:
                for member in _members(hints[name]):
                    yield from _unknown_fields(entry, member, f"{path}.{name}")


def _members(hint: Any) -> tuple[Any, ...]:
    """The types of a union, or the one type."""
    if typing.get_origin(hint) in (UnionType, typing.Union):
        return typing.get_args(hint)
    return (hint,)
