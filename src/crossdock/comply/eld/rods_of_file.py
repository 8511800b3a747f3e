"""The record of a day from an ELD file: who, with what, where, how far."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

from crossdock.comply.eld.duty_log import active_changes, timeline_of
from crossdock.comply.eld.order import timed
from crossdock.comply.eld.records import ACTIVE, STATUS_CHANGE, Annotation, EldFile, Event
from crossdock.comply.eld.rods import Remark, RodsDay, RodsForm, rods_day
from crossdock.comply.hos import DRIVING

PlaceOf = Callable[[float, float], str]
"""Words for a latitude and a longitude, such as ``2mi ESE IL Darien``."""

_DRIVING_CODE = 3


def rods_of_file(
    file: EldFile,
    day: dt.date,
    *,
    timezone: str | None = None,
    main_office: str = "",
    place_of: PlaceOf | None = None,
) -> tuple[RodsDay, RodsForm]:
    """The grid and the form of a day of the home terminal.

    Parameters
    ----------
    timezone
        As in `timeline_of`.
    main_office
        Address of the carrier, which no ELD file holds.
    place_of
        Turns positions into places; without it a position is shown as degrees.

    Raises
    ------
    InvalidValueError
        As `timeline_of`.
    """
    header = file.header
    log = timeline_of(file, timezone=timezone)
    whole = rods_day(log, day, period_starts=header.period_starts)
    within = [
        (at_s, event)
        for at_s, event in timed([each for each in file.events if each.status == ACTIVE], log.zone)
        if whole.starts_s <= at_s < whole.ends_s
    ]
    return whole, RodsForm(
        driver=_name(header.driver_last_name, header.driver_first_name),
        codriver=_name(header.codriver_last_name, header.codriver_first_name),
        has_codriver=bool(header.codriver_username),
        licence=" ".join(filter(None, (header.licence_state, header.licence_number))),
        carrier=header.carrier_name,
        usdot_number=header.usdot_number,
        main_office=main_office,
        truck=_trucks(file, [event for _, event in within]),
        trailers=header.trailers,
        shipping_documents=header.shipping_documents,
        period_starts=header.period_starts,
        miles=_miles(file, whole, log.zone),
        certified_at=max(
            (row.at for row in file.certifications if row.certified_date == day), default=None
        ),
        remarks=tuple(_remarks(file, within, place_of)),
    )


def _name(last: str, first: str) -> str:
    return " ".join(filter(None, (first.strip(), last.strip())))


def _trucks(file: EldFile, events: Iterable[Event]) -> str:
    """Power units of the day, in the order in which they were driven."""
    units = {cmv.order: cmv.power_unit for cmv in file.cmvs}
    driven = [units.get(event.cmv_order or 0, "") for event in events]
    return ", ".join(dict.fromkeys(filter(None, driven))) or file.header.power_unit


def _miles(file: EldFile, day: RodsDay, zone: ZoneInfo) -> int | None:
    """Miles while driving: what the counter of the engine's cycle grew by until the next record.

    None where there was driving without a counter. A stretch over midnight counts for the day on
    which it ends, as far as the hourly intermediate records do not split it.
    """
    records = timed([each for each in file.events if each.status == ACTIVE], zone)
    driven = None if day.totals_s[DRIVING] else 0
    driving, before = False, None
    for at_s, event in records:
        if (
            driving
            and before is not None
            and before.miles is not None
            and event.miles is not None
            and event.cmv_order == before.cmv_order
            and event.miles >= before.miles
            and day.starts_s < at_s <= day.ends_s
        ):
            driven = (driven or 0) + event.miles - before.miles
        if event.event_type == STATUS_CHANGE:
            driving = event.code == _DRIVING_CODE
        before = event
    return driven


def _remarks(
    file: EldFile, within: Iterable[tuple[int, Event]], place_of: PlaceOf | None
) -> Iterable[Remark]:
    notes: defaultdict[tuple[int, dt.datetime], list[Annotation]] = defaultdict(list)
    for row in file.annotations:
        notes[row.sequence_id, row.at].append(row)
    places: dict[int, str] = {}
    texts: defaultdict[int, list[str]] = defaultdict(list)
    changes = set(active_changes(file.events))
    for at_s, event in within:
        rows = notes[event.sequence_id, event.at]
        if event not in changes and not rows:
            continue
        told = next((row.location for row in rows if row.location.strip()), "")
        places[at_s] = told or places.get(at_s, "") or _position(event, place_of)
        texts[at_s] += [row.text for row in rows if row.text.strip()]
    for at_s, place in places.items():
        yield Remark(at_s, place, "; ".join(dict.fromkeys(texts[at_s])))


def _position(event: Event, place_of: PlaceOf | None) -> str:
    try:
        latitude, longitude = float(event.latitude), float(event.longitude)
    except ValueError:  # X, M, E or empty
        return ""
    return place_of(latitude, longitude) if place_of else f"{event.latitude}, {event.longitude}"
