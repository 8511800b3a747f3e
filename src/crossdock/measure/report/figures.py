"""How the page writes numbers, times and names; filters of its templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

UNKNOWN = "–"
MINUS = "−"


def count(value: float | None) -> str:
    """``12,345``."""
    return UNKNOWN if value is None else _signed(f"{value:,.0f}")


def number(value: float | None, digits: int = 1) -> str:
    """``1,234.5``."""
    return UNKNOWN if value is None else _signed(f"{value:,.{digits}f}")


def share(value: float | None, digits: int = 1) -> str:
    """``97.3 %``."""
    return UNKNOWN if value is None else _signed(f"{100 * value:.{digits}f}") + " %"


def usd(value: float | None, digits: int = 2) -> str:
    """``$1,234.50``, a minus before the dollar sign."""
    if value is None:
        return UNKNOWN
    text = f"{abs(value):,.{digits}f}"
    negative = value < 0 and float(text.replace(",", "")) != 0
    return f"{MINUS if negative else ''}${text}"


def usd_change(value: float | None) -> str:
    """``+$0.12`` or ``−$0.12``."""
    return f"+{usd(value)}" if value is not None and value > 0 else usd(value)


def span(interval: tuple[float, float] | None) -> str:
    """``88.1–94.9 %``: the ends of an interval of shares."""
    if interval is None:
        return ""
    low, high = (f"{100 * end:.1f}" for end in interval)
    return f"{low}–{high} %"


def signed(value: float | None, digits: int = 1) -> str:
    """``+1.2`` or ``−1.2``."""
    text = number(value, digits)
    return f"+{text}" if value is not None and value > 0 and text.strip("0.,") else text


def signed_share(value: float | None, digits: int = 1) -> str:
    """``+1.2 %`` or ``−1.2 %``."""
    return UNKNOWN if value is None else f"{signed(100 * value, digits)} %"


def clock(instant: dt.datetime | None, zone: str | None) -> str:
    """``Tue 1 Dec 05:00 PST``, in the time of a place."""
    if instant is None:
        return UNKNOWN
    local = instant.astimezone(ZoneInfo(zone or "UTC"))
    return f"{local:%a} {local.day} {local:%b %H:%M %Z}"


def time_of_day(instant: dt.datetime | None, zone: str | None) -> str:
    """``05:00``, in the time of a place."""
    return UNKNOWN if instant is None else f"{instant.astimezone(ZoneInfo(zone or 'UTC')):%H:%M}"


def day(date: dt.date | None) -> str:
    """``Tue 1 Dec``."""
    return UNKNOWN if date is None else f"{date:%a} {date.day} {date:%b}"


def sentence(text: str) -> str:
    """``text`` with a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]


def _signed(text: str) -> str:
    if not text.startswith("-"):
        return text
    return text[1:] if not text.strip("-0.,") else MINUS + text[1:]


FILTERS: Mapping[str, Callable[..., Any]] = {
    "count": count,
    "number": number,
    "share": share,
    "sentence": sentence,
    "signed": signed,
    "signed_share": signed_share,
    "span": span,
    "usd": usd,
    "usd_change": usd_change,
    "clock": clock,
    "time_of_day": time_of_day,
    "day": day,
}
