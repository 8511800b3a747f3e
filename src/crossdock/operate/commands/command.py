"""What a dispatcher may command: the kinds of commands, their arguments, and how they are read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, cast

import polars as pl

from crossdock.model.errors import InvalidValueError
from crossdock.operate.cases import from_desk

COMMANDS = (
    "hold_departure", "add_load", "cancel_load", "move_stops", "reattempt", "divert",
)  # fmt: skip
"""Names of the commands; what is obeyed is told as an event ``command_<name>``."""
COMMAND_KINDS = tuple(f"command_{name}" for name in COMMANDS)

MOST_PARCELS = 1_000
"""Parcels that one command may name: their ids fit into the payload of an event."""
LONGEST_NAMES = 40_000
LARGEST_VOLUME_M3 = 10_000.0
_FIRST_YEAR, _LAST_YEAR = 1970, 2200

_TOLD_AS = {"from_facility_id": "from", "to_facility_id": "to"}

Fault = tuple[str, str]
"""A field and what is wrong with it."""


@dataclass(frozen=True)
class HoldDeparture:
    """Keep a load at the dock until an instant."""

    load_id: str
    until: dt.datetime


@dataclass(frozen=True)
class AddLoad:
    """Buy a load on a lane; without ``departs_at`` it leaves when the next wave is sorted.

    ``volume_m3``: space that it needs; None: of the parcels that it would save.
    """

    from_facility_id: str
    to_facility_id: str
    departs_at: dt.datetime | None = None
    volume_m3: float | None = None


@dataclass(frozen=True)
class CancelLoad:
    """Do not run a load."""

    load_id: str


@dataclass(frozen=True)
class MoveStops:
    """Give parcels of a delivery route to another one of the same station and day."""

    route_id: str
    to_route_id: str
    parcel_ids: tuple[str, ...]


@dataclass(frozen=True)
class Reattempt:
    """Try to deliver a parcel again on the next delivery day."""

    parcel_id: str


@dataclass(frozen=True)
class DivertLoad:
    """Send a load that is on the road to another facility."""

    load_id: str
    to_facility_id: str


@dataclass(frozen=True)
class DivertParcels:
    """Give parcels that are at a station to a partner for the last mile."""

    parcel_ids: tuple[str, ...]
    carrier_id: str


Command = HoldDeparture | AddLoad | CancelLoad | MoveStops | Reattempt | DivertLoad | DivertParcels


class FaultyCommandError(InvalidValueError):
    """Fields of a command are wrong, each named in ``faults``."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{field}: {said}" for field, said in faults))
        self.faults = tuple(faults)


def given_by_desk() -> pl.Expr:
    """Whether an event is a command that the desk gave: nobody else may use its name."""
    return from_desk() & pl.col("kind").is_in(COMMAND_KINDS)


def name_of(command: Command) -> str:
    """One of `COMMANDS`."""
    return _NAMES[type(command)]


def read_command(name: str, told: Mapping[str, Any]) -> Command:
    """The command ``name`` with the arguments that ``told`` holds; others are ignored.

    Parameters
    ----------
    told
        ``load_id, until, from, to, departs_at, volume_m3, route_id, to_route_id, parcel_ids,
        parcel_id, carrier_id``, as the command needs them; null is absent. Instants are datetimes
        with a time zone, ``parcel_ids`` a list of texts.

    Raises
    ------
    FaultyCommandError
        A needed argument is missing or wrong, or the command is not known.
    """
    if name not in _READERS:
        raise FaultyCommandError([("command", f"is not one of {', '.join(COMMANDS)}")])
    arguments = _Arguments(told)
    command = _READERS[name](arguments)
    if arguments.faults:
        raise FaultyCommandError(arguments.faults)
    return command


def arguments_of(command: Command) -> dict[str, Any]:
    """The arguments as the event of the command tells them: instants in RFC 3339 with ``Z``."""
    told: dict[str, Any] = {}
    for each in fields(command):
        value = getattr(command, each.name)
        if isinstance(value, dt.datetime):
            value = instant_text(value)
        elif isinstance(value, tuple):
            value = ";".join(cast("tuple[str, ...]", value))
        if value is not None:
            told[_TOLD_AS.get(each.name, each.name)] = value
    return told


def instant_text(instant: dt.datetime) -> str:
    """An instant in RFC 3339 with ``Z``."""
    return instant.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")


class _Arguments:
    """Reads arguments one by one and notes what is wrong."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told
        self.faults: list[Fault] = []

    def given(self, field: str) -> bool:
        return self._told.get(field) is not None

    def text(self, field: str) -> str:
        found = self._told.get(field)
        if not isinstance(found, str) or not found.strip():
            self.faults.append((field, "is needed"))
            return ""
        return found

    def texts(self, field: str) -> tuple[str, ...]:
        found: object = self._told.get(field)
        named = tuple(dict.fromkeys(map(str, found))) if isinstance(found, list | tuple) else ()  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
        if not named or not all(each.strip() for each in named):
            self.faults.append((field, "name at least one"))
        elif len(named) > MOST_PARCELS:
            self.faults.append((field, f"name at most {MOST_PARCELS:,}"))
        elif sum(map(len, named)) > LONGEST_NAMES:
            self.faults.append((field, f"ids are longer than {LONGEST_NAMES:,} characters"))
        elif any(";" in each for each in named):
            self.faults.append((field, "an id must not hold a semicolon"))
        return named

    def instant(self, field: str) -> dt.datetime:
        found = self._told.get(field)
        said = "is needed"
        if isinstance(found, dt.datetime):
            if found.tzinfo is None:
                said = "needs a time zone, such as Z"
            elif not _FIRST_YEAR <= found.year <= _LAST_YEAR:
                said = "is not an instant of our time"
            else:
                return found.astimezone(dt.UTC)
        self.faults.append((field, said))
        return dt.datetime(_FIRST_YEAR, 1, 1, tzinfo=dt.UTC)

    def volume(self, field: str) -> float:
        found = self._told[field]
        # Not a comparison alone: no number is greater than NaN, and none is less.
        if not isinstance(found, int | float) or not 0 < found <= LARGEST_VOLUME_M3:
            self.faults.append((field, f"must be above 0 and at most {LARGEST_VOLUME_M3:,.0f}"))
            return 1.0
        return float(found)


def _read_hold(told: _Arguments) -> Command:
    return HoldDeparture(told.text("load_id"), told.instant("until"))


def _read_add(told: _Arguments) -> Command:
    start, end = told.text("from"), told.text("to")
    if start and start == end:
        told.faults.append(("to", "must be another facility"))
    return AddLoad(
        start,
        end,
        told.instant("departs_at") if told.given("departs_at") else None,
        told.volume("volume_m3") if told.given("volume_m3") else None,
    )


def _read_cancel(told: _Arguments) -> Command:
    return CancelLoad(told.text("load_id"))


def _read_move(told: _Arguments) -> Command:
    start, end = told.text("route_id"), told.text("to_route_id")
    if start and start == end:
        told.faults.append(("to_route_id", "must be another route"))
    return MoveStops(start, end, told.texts("parcel_ids"))


def _read_reattempt(told: _Arguments) -> Command:
    return Reattempt(told.text("parcel_id"))


def _read_divert(told: _Arguments) -> Command:
    if told.given("carrier_id") or told.given("parcel_ids"):
        if told.given("load_id") or told.given("to"):
            told.faults.append(
                ("load_id", "divert a load (load_id, to) or parcels (parcel_ids, carrier_id)")
            )
        return DivertParcels(told.texts("parcel_ids"), told.text("carrier_id"))
    return DivertLoad(told.text("load_id"), told.text("to"))


_READERS: Mapping[str, Callable[[_Arguments], Command]] = MappingProxyType(
    {
        "hold_departure": _read_hold,
        "add_load": _read_add,
        "cancel_load": _read_cancel,
        "move_stops": _read_move,
        "reattempt": _read_reattempt,
        "divert": _read_divert,
    }
)
_NAMES: Mapping[type[Command], str] = MappingProxyType(
    {
        HoldDeparture: "hold_departure",
        AddLoad: "add_load",
        CancelLoad: "cancel_load",
        MoveStops: "move_stops",
        Reattempt: "reattempt",
        DivertLoad: "divert",
        DivertParcels: "divert",
    }
)
