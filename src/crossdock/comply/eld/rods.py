"""A day of a duty log as a driver's record of duty status: lines, totals, what is missing.

The items of a record are those of 49 CFR 395.8(d); they were not compared with the official text.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.comply.hos import (
    DRIVING,
    OFF_DUTY,
    ON_DUTY,
    PASSENGER,
    PERSONAL,
    SLEEPER,
    YARD_MOVE,
    Segment,
    Timeline,
)

LINES: tuple[str, ...] = (OFF_DUTY, SLEEPER, DRIVING, ON_DUTY)
"""The lines of the grid from top to bottom (395.8(g))."""
LINE_OF: dict[str, str] = {
    OFF_DUTY: OFF_DUTY,
    PERSONAL: OFF_DUTY,
    SLEEPER: SLEEPER,
    DRIVING: DRIVING,
    ON_DUTY: ON_DUTY,
    YARD_MOVE: ON_DUTY,
    PASSENGER: ON_DUTY,
}
"""The line of each status. The passenger seat is on duty unless 395.1(g)(1)(i)(D) frees it."""
PLACE_CITATION = "49 CFR 395.8(d)(8)"
"""Remarks with city and state at each change of status."""
MARKED: tuple[str, ...] = (PERSONAL, YARD_MOVE, PASSENGER)
"""Statuses that are drawn in another way on their line (App. A 4.8.1.3(c)(2))."""


@dataclass(frozen=True)
class RodsDay:
    """The part of a log that falls into one day of the home terminal.

    Attributes
    ----------
    starts_s, ends_s
        UTC seconds; 23 or 25 hours apart where the clocks change.
    segments
        Clipped to the day.
    """

    day: dt.date
    starts_s: int
    ends_s: int
    timezone: str
    segments: tuple[Segment, ...]

    @property
    def length_s(self) -> int:
        """Seconds of the day."""
        return self.ends_s - self.starts_s

    @property
    def totals_s(self) -> dict[str, int]:
        """Seconds on each line."""
        totals = dict.fromkeys(LINES, 0)
        for activity, start_s, end_s in self.segments:
            totals[LINE_OF[activity]] += end_s - start_s
        return totals

    @property
    def marked_s(self) -> dict[str, int]:
        """Seconds of PC, YM and PS, which are within the totals of their lines."""
        totals = dict.fromkeys(MARKED, 0)
        for activity, start_s, end_s in self.segments:
            if activity in totals:
                totals[activity] += end_s - start_s
        return totals

    @property
    def untold_s(self) -> int:
        """Seconds of the day of which the log says nothing, such as those still to come."""
        return self.length_s - sum(self.totals_s.values())


def rods_day(timeline: Timeline, day: dt.date, *, period_starts: dt.time | None = None) -> RodsDay:
    """The day of a log.

    Parameters
    ----------
    period_starts
        When the carrier's 24-hour period begins; midnight by default.
    """
    begin = period_starts or dt.time()
    starts_s, ends_s = (
        int(dt.datetime.combine(date, begin, timeline.zone).timestamp())
        for date in (day, day + dt.timedelta(days=1))
    )
    clipped = [
        Segment(activity, max(start_s, starts_s), min(end_s, ends_s))
        for activity, start_s, end_s in timeline.segments
        if start_s < ends_s and end_s > starts_s
    ]
    return RodsDay(day, starts_s, ends_s, timeline.timezone, tuple(clipped))


def totals_text(day: RodsDay) -> str:
    """The totals of a day as a plain table; they sum to its length."""
    rows = [(f"{line}", total) for line, total in day.totals_s.items()]
    if day.untold_s:
        rows.append(("not recorded", day.untold_s))
    rows.append(("total", day.length_s))
    wide = max(len(name) for name, _ in rows)
    lines = [f"{name:<{wide}}  {hours_text(total):>8}" for name, total in rows]
    marked = [f"{name} {hours_text(total)}" for name, total in day.marked_s.items() if total]
    return "\n".join([f"{day.day} ({zone_words(day)})", *lines, *(f"of which {m}" for m in marked)])


def zone_words(day: RodsDay) -> str:
    """The zone by its name, or as UTC-6 where only the file's offset is known."""
    _, fixed, hours = day.timezone.partition("Etc/GMT+")
    return f"UTC-{hours}" if fixed else day.timezone


def hours_text(seconds: int) -> str:
    """Hours and minutes, and seconds where there are any."""
    minutes, rest = divmod(seconds, 60)
    shown = f"{minutes // 60}:{minutes % 60:02d}"
    return f"{shown}:{rest:02d}" if rest else shown


@dataclass(frozen=True)
class Remark:
    """What is written to an instant: the place of a change of status, a note."""

    at_s: int
    place: str = ""
    note: str = ""


@dataclass(frozen=True)
class RodsForm:
    """What stands on a record beside the grid; empty where nobody told it.

    Attributes
    ----------
    miles
        Driven on the day.
    certified_at
        When the driver certified the day, on the clock of the home terminal.
    remarks
        Of the changes of the day and of notes.
    """

    driver: str = ""
    codriver: str = ""
    has_codriver: bool = False
    licence: str = ""
    carrier: str = ""
    usdot_number: str = ""
    main_office: str = ""
    truck: str = ""
    trailers: str = ""
    shipping_documents: str = ""
    period_starts: dt.time | None = None
    miles: int | None = None
    certified_at: dt.datetime | None = None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True)
class MissingItem:
    """A required item that a record lacks."""

    item: str
    citation: str
    remedy: str

    def __str__(self) -> str:
        """The item in one line."""
        return f"{self.item} ({self.citation}): {self.remedy}"


def missing_items(form: RodsForm, day: RodsDay) -> tuple[MissingItem, ...]:
    """The required items that are not told.

    A trailer number may be empty: nobody can see from a log whether there was a trailer.
    """
    wanted: Sequence[tuple[object, str, str, str]] = (
        (form.miles is not None, "total miles driven", "(d)(2)", "enter the day's miles"),
        (form.truck, "truck or tractor number", "(d)(3)", "enter the power unit's number"),
        (form.carrier, "name of the carrier", "(d)(4)", "enter the carrier's name"),
        (form.certified_at, "driver's certification", "(d)(5)", "have the driver certify the day"),
        (form.period_starts, "24-hour period starting time", "(d)(6)", "enter when the day starts"),
        (form.main_office, "main office address", "(d)(7)", "enter the carrier's main office"),
        (
            form.codriver or not form.has_codriver,
            "name of the co-driver",
            "(d)(9)",
            "enter the co-driver's name",
        ),
        (
            form.shipping_documents,
            "shipping document number, or shipper and commodity",
            "(d)(11)",
            "enter one of the two",
        ),
    )
    missing = [
        MissingItem(item, f"49 CFR 395.8{part}", remedy)
        for told, item, part, remedy in wanted
        if not told
    ]
    if day.untold_s:
        missing.append(
            MissingItem(
                f"duty status for {hours_text(day.untold_s)} of the day",
                "49 CFR 395.8(d)(10)",
                "the day is not over, or records are missing",
            )
        )
    places = {remark.at_s for remark in form.remarks if remark.place}
    zone = Timeline.of((), timezone=day.timezone).zone
    for at_s in changes_s(day):
        if at_s not in places:
            at = dt.datetime.fromtimestamp(at_s, zone)
            missing.append(
                MissingItem(
                    f"place of the change at {at:%H:%M}",
                    PLACE_CITATION,
                    "enter city and state",
                )
            )
    return tuple(missing)


def changes_s(day: RodsDay) -> list[int]:
    """UTC seconds at which the status changed within the day."""
    return [segment.start_s for segment in day.segments if segment.start_s > day.starts_s]
