"""Check values of an ELD output file (49 CFR 395 subpart B, App. A 4.4.5).

The sums, rotations and constants were compared with a copy of the text of 2026-10-06 in a public
repository. Table 3, the value of each character, was not compared with the official text: that
copy left the tables out; several public writers agree on it.
"""

from __future__ import annotations

from collections.abc import Iterable

EVENT_MASK, LINE_MASK, FILE_MASK = 0xC3, 0x96, 0x969C
"""App. A 4.4.5.1.2(b), 4.4.5.2.2(b), 4.4.5.3.2(a)(2)."""

_ALPHANUMERIC = b"123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = bytes(byte - ord("0") if byte in _ALPHANUMERIC else 0 for byte in range(256))
"""Table 3: 1 to 9 as they are, A to Z 17 to 42, a to z 49 to 74, all else nothing."""


def character_sum(text: str) -> int:
    """The values of the characters of a text, summed."""
    return sum(text.encode("ascii", "replace").translate(_VALUES))


def event_check(parts: Iterable[str]) -> str:
    """Check value of an event.

    Parameters
    ----------
    parts
        Type, code, date, time, miles, hours, latitude, longitude, power unit number and ELD
        username, each as it is written in the file.
    """
    return event_check_of_sum(sum(map(character_sum, parts)))


def event_check_of_sum(total: int) -> str:
    """Check value of an event whose characters have that sum."""
    return f"{_rotated(total) ^ EVENT_MASK:02X}"


def line_check(line: str) -> str:
    """Check value of a line, given without it."""
    return f"{_rotated(character_sum(line)) ^ LINE_MASK:02X}"


def file_check(line_checks: Iterable[str]) -> str:
    """Check value of a file from those that stand in its lines."""
    total = sum(int(value, 16) for value in line_checks) & 0xFFFF
    rotated = _rotated(total >> 8) << 8 | _rotated(total)
    return f"{rotated ^ FILE_MASK:04X}"


def _rotated(value: int) -> int:
    """The low byte, rotated left by three bits."""
    byte = value & 0xFF
    return (byte << 3 | byte >> 5) & 0xFF
