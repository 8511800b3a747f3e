"""Distributions by group, shrunk to the group above where data are thin.

A group is a path of names, ``"relay/500-1000/1"``; above it are ``"relay/500-1000"``, ``"relay"``
and ``""``, which is everything. A group that history never showed is answered by the nearest one
above it, so a new station is like the average one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BODY = (0.0, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_TAIL = (0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 1.0)
LEVELS = np.array([*_BODY, *_TAIL])
"""Knots of a quantile function: 21, closer where a late parcel is decided."""

_DIGITS = 7
_BELIEF = 2.0


@dataclass(frozen=True)
class Curves:
    """Quantile functions by group; row 0 is everything."""

    groups: tuple[str, ...]
    values: Floats

    def rows(self, groups: Sequence[str]) -> Ints:
        """Row of each group, or of the nearest one above it."""
        return _rows(self.groups, groups)

    def at(self, levels: Floats) -> Floats:
        """Value of every group at each level: one row a group."""
        left = np.clip(np.searchsorted(LEVELS, levels, side="right") - 1, 0, len(LEVELS) - 2)
        share = (levels - LEVELS[left]) / (LEVELS[left + 1] - LEVELS[left])
        return self.values[:, left] * (1.0 - share) + self.values[:, left + 1] * share

    def cells(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {"groups": list(self.groups), "values": self.values.tolist()}

    @classmethod
    def of(cls, cells: Mapping[str, Any]) -> Curves:
        """What `cells` gave."""
        values = np.asarray(cells["values"], dtype=np.float64)
        return cls(tuple(cells["groups"]), values)


@dataclass(frozen=True)
class Shares:
    """Probabilities of outcomes by group; row 0 is everything, each row sums to 1."""

    groups: tuple[str, ...]
    values: Floats

    def rows(self, groups: Sequence[str]) -> Ints:
        """Row of each group, or of the nearest one above it."""
        return _rows(self.groups, groups)

    def at(self, levels: Floats) -> Ints:
        """Outcome of every group at each level: one row a group."""
        bounds = np.cumsum(self.values, axis=1)[:, :-1]
        # The rare outcomes, which come last, are met at the highest levels.
        return (levels[None, None, :] >= bounds[:, :, None]).sum(axis=1)

    def cells(self) -> dict[str, Any]:
        """Plain JSON data."""
        return {"groups": list(self.groups), "values": self.values.tolist()}

    @classmethod
    def of(cls, cells: Mapping[str, Any]) -> Shares:
        """What `cells` gave."""
        values = np.asarray(cells["values"], dtype=np.float64)
        return cls(tuple(cells["groups"]), values)


def fit_curves(seen: pl.DataFrame, *, weight: float, otherwise: Sequence[float]) -> Curves:
    """Empirical quantile functions.

    Parameters
    ----------
    seen
        ``group, value``.
    weight
        How many observations the group above is worth: with as many of its own, a group is half
        its own and half the other.
    otherwise
        Values that are taken where nothing at all was seen.
    """
    values = {
        name: np.quantile(group["value"].to_numpy(), LEVELS, method="median_unbiased")
        for name, group in _by_group(seen)
    }
    counts = _counts(seen)
    whole = values.get("", np.quantile(np.asarray(otherwise, dtype=np.float64), LEVELS))
    return Curves(*_shrunk(values, counts, np.asarray(whole), weight))


def fit_shares(
    seen: pl.DataFrame, *, outcomes: int, weight: float, otherwise: Sequence[float]
) -> Shares:
    """Shares of outcomes 0 to ``outcomes - 1``; parameters as `fit_curves`.

    ``otherwise`` counts as `_BELIEF` observations of everything, so that what has not been seen yet
    is unlikely, not impossible.
    """
    values = {
        name: np.bincount(group["value"].clip(0, outcomes - 1).cast(pl.Int64), minlength=outcomes)
        / group.height
        for name, group in _by_group(seen)
    }
    believed = np.asarray(otherwise, dtype=np.float64)
    whole = (seen.height * values.get("", believed) + _BELIEF * believed) / (seen.height + _BELIEF)
    groups, shrunk = _shrunk(values, _counts(seen), whole, weight)
    rest = 1.0 - shrunk[:, 1:].sum(axis=1)
    return Shares(groups, np.column_stack([rest, shrunk[:, 1:]]).round(_DIGITS))


def _by_group(seen: pl.DataFrame) -> list[tuple[str, pl.DataFrame]]:
    """Every group and every group above one, with its observations."""
    if seen.is_empty():
        return []
    depth = seen["group"].str.count_matches("/", literal=True).max()
    found: list[tuple[str, pl.DataFrame]] = [("", seen)]
    for parts in range(1, int(depth or 0) + 2):  # pyright: ignore[reportArgumentType]
        names = pl.col("group").str.split("/").list.head(parts).list.join("/")
        deep = pl.col("group").str.count_matches("/", literal=True) >= parts - 1
        cut = seen.filter(deep & (pl.col("group") != "")).with_columns(names.alias("group"))
        found += [(str(key[0]), rows) for key, rows in cut.group_by("group")]
    return found


def _counts(seen: pl.DataFrame) -> dict[str, int]:
    return {name: rows.height for name, rows in _by_group(seen)}


def _shrunk(
    values: Mapping[str, Floats], counts: Mapping[str, int], whole: Floats, weight: float
) -> tuple[tuple[str, ...], Floats]:
    """Groups, everything first, each drawn to the one above it."""
    done: dict[str, Floats] = {"": whole}
    for name in sorted(values, key=lambda name: (name.count("/") if name else -1, name)):
        if name:
            own, above = counts[name], done[_above(name)]
            done[name] = (own * values[name] + weight * above) / (own + weight)
    return tuple(done), np.array(list(done.values())).round(_DIGITS)


def _above(name: str) -> str:
    return name.rpartition("/")[0]


def _rows(known: Sequence[str], groups: Sequence[str]) -> Ints:
    row_of = {name: at for at, name in enumerate(known)}
    answers: dict[str, int] = {}
    for asked in set(groups):
        name = asked
        while name not in row_of:
            name = _above(name)
        answers[asked] = row_of[name]
    return np.fromiter((answers[name] for name in groups), np.int64, len(groups))
