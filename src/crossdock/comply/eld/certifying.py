"""Days that the driver certified, and those that still want it (App. A 4.3.2.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from crossdock.comply.eld.driving import local_log, local_time
from crossdock.comply.eld.order import next_sequence_id
from crossdock.comply.eld.records import Certification, EldFile

MOST_COUNTED = 9
"""Code of the ninth certification of a day and of every later one (7.20)."""


def certify(file: EldFile, day: dt.date, at: dt.datetime) -> EldFile:
    """The driver certifies a day, at a time of the home terminal's clock."""
    done = sum(row.certified_date == day for row in file.certifications)
    row = Certification(
        next_sequence_id(file),
        min(done + 1, MOST_COUNTED),
        at.date(),
        at.time().replace(microsecond=0),
        day,
    )
    return replace(file, certifications=(row, *file.certifications))


def days_to_certify(file: EldFile) -> tuple[dt.date, ...]:
    """Days before that of the file which have a log and no certification."""
    log = local_log(file)
    certified = {row.certified_date for row in file.certifications}
    today = file.header.output_date
    return tuple(
        day for day, _, _ in log.days() if day not in certified and (today is None or day < today)
    )


def days_that_differ(before: EldFile, after: EldFile) -> tuple[dt.date, ...]:
    """Days, certified before, on which the log of one file is not that of the other."""
    certified = {row.certified_date for row in before.certifications}
    days = {day for from_s, to_s in _differences(before, after) for day in _days(from_s, to_s)}
    return tuple(sorted(days & certified))


def _differences(before: EldFile, after: EldFile) -> Iterator[tuple[int, int]]:
    one, other = local_log(before), local_log(after)
    cuts = sorted({at_s for log in (one, other) for each in log.segments for at_s in each[1:]})
    for from_s, to_s in pairwise(cuts):
        if one.status_at(from_s) != other.status_at(from_s):
            yield from_s, to_s


def _days(from_s: int, to_s: int) -> Iterator[dt.date]:
    day = local_time(from_s).date()
    while day <= local_time(to_s - 1).date():
        yield day
        day += dt.timedelta(days=1)
