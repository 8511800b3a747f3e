"""Prefixed, sortable, deterministic ids: the same plan gives the same ids."""

from __future__ import annotations

from enum import StrEnum


class Prefix(StrEnum):
    """What an id names; the prefix tells a reader and a router at a glance."""

    PARCEL = "P"
    LOAD = "L"
    ROUTE = "R"
    LEDGER = "G"
    DECISION = "D"
    EXCEPTION = "X"
    TENDER = "T"


def sequential_ids(prefix: Prefix, count: int, *, scope: str = "", start: int = 1) -> list[str]:
    """Ids ``P-scope-0000001`` that sort in the order in which they were given.

    Parameters
    ----------
    prefix
        The kind of thing.
    count
        How many ids.
    scope
        Optional middle part, for example an operating day ``20261130``.
    start
        First number.
    """
    head = f"{prefix.value}-{scope}-" if scope else f"{prefix.value}-"
    return [f"{head}{number:07d}" for number in range(start, start + count)]


def joined_scope(*parts: str) -> str:
    """Parts of an id's scope as one; empty parts are left out."""
    return "-".join(part for part in parts if part)
