"""Values of one case, each checked when it is asked for, with an error that names its field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

LARGEST = 1e9
"""No weight, length, price or rate of a case is larger; it bounds what is calculated with them."""


class FieldError(Exception):
    """A value of a case that cannot be used."""

    def __init__(self, field: str, reason: str, remedy: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason
        self.remedy = remedy


@dataclass(frozen=True)
class Fields:
    """The object of a case, or one inside it.

    Attributes
    ----------
    path
        What stands before the names of its fields in an error, such as ``axles[2].``.
    """

    values: Mapping[str, Any]
    path: str = ""

    def number(
        self,
        name: str,
        *,
        above: float | None = None,
        at_least: float | None = 0.0,
        at_most: float = LARGEST,
    ) -> float:
        """A finite number, by default not negative."""
        value = self._value(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise FieldError(self.path + name, f"{value!r} is not a number", "give a JSON number")
        if above is not None and value <= above:
            raise FieldError(
                self.path + name, f"{value} is not above {above:g}", f"give more than {above:g}"
            )
        least = -LARGEST if at_least is None else at_least
        if not least <= value <= at_most:
            raise FieldError(
                self.path + name,
                f"{value} is out of range",
                f"give a number from {least:g} to {at_most:g}",
            )
        return float(value)

    def whole(self, name: str, *, at_least: int) -> int:
        """A whole number."""
        value = self.number(name, at_least=at_least)
        if value != int(value):
            raise FieldError(self.path + name, f"{value} is not whole", "give a whole number")
        return int(value)

    def flag(self, name: str) -> bool:
        """``true`` or ``false``."""
        value = self._value(name)
        if not isinstance(value, bool):
            raise FieldError(
                self.path + name, f"{value!r} is neither true nor false", "give true or false"
            )
        return value

    def choice(self, name: str, options: Sequence[str]) -> str:
        """One of several words."""
        value = self._value(name)
        if value not in options:
            raise FieldError(
                self.path + name, f"{value!r} is unknown", f"use one of: {', '.join(options)}"
            )
        return cast("str", value)

    def objects(self, name: str) -> list[Fields]:
        """A list of objects."""
        value = self._value(name)
        if not isinstance(value, list):
            raise FieldError(self.path + name, "it is no list", "give a list of objects")
        entries = cast("list[Any]", value)
        for number, entry in enumerate(entries):
            if not isinstance(entry, dict):
                raise FieldError(
                    f"{self.path}{name}[{number}]", "it is no object", "give an object"
                )
        return [
            Fields(entry, f"{self.path}{name}[{number}].") for number, entry in enumerate(entries)
        ]

    def _value(self, name: str) -> Any:
        if name not in self.values:
            raise FieldError(self.path + name, "it is missing", f"give {self.path}{name}")
        return self.values[name]
