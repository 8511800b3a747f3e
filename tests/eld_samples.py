"""An ELD file of a driver's day, as a device would have written it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from crossdock.comply.eld import (
    Annotation,
    Certification,
    Cmv,
    EldFile,
    EngineEvent,
    Event,
    Header,
    Login,
    Malfunction,
    UnidentifiedEvent,
    User,
    stamped,
)

DAY = dt.date(2026, 3, 4)
HEADER = Header(
    driver_last_name="Smith",
    driver_first_name="John",
    driver_username="smithj",
    licence_state="IL",
    licence_number="S53012345678",
    power_unit="T-1187",
    vin="1FUJGHDV0CLBP8834",
    trailers="T53-204 T53-877",
    usdot_number="1000003",
    carrier_name="Crossdock Demo Lines",
    multiday_basis=8,
    period_starts=dt.time(),
    utc_offset_h=6,
    shipping_documents="BOL-77120",
    output_date=dt.date(2026, 3, 5),
    output_time=dt.time(8, 30),
    latitude="41.88",
    longitude="-87.63",
    total_miles=120_913,
    total_engine_h=4331.2,
    registration_id="ZA10",
    eld_identifier="1001ZE",
    authentication="bGthamRrZmpha3NkamZsa2pz",
    comment="7353930",
)
USERS = (
    User(1, "D", "Smith", "John"),
    User(2, "S", "Ortiz", "Maria"),
    User(3, "D", "Unidentified", "Driver"),
)
CMVS = (Cmv(1, "T-1187", "1FUJGHDV0CLBP8834"),)
UNSTAMPED = EldFile(HEADER, USERS, CMVS)


def event(
    number: int,
    at: str,
    event_type: int,
    code: int,
    *,
    origin: int = 1,
    status: int = 1,
    miles: int | None = 0,
    where: tuple[str, str] = ("41.88", "-87.63"),
    user: int = 1,
    username: str = "smithj",
) -> Event:
    when = dt.datetime.fromisoformat(at)
    made = Event(
        number,
        status,
        origin,
        event_type,
        code,
        when.date(),
        when.time(),
        miles,
        0.5,
        *where,
        cmv_order=1,
        user_order=user,
    )
    return stamped(UNSTAMPED, made, username)


JOLIET, PEORIA = ("41.53", "-88.08"), ("40.69", "-89.59")
EVENTS = (
    event(0x10, "2026-03-03T18:00", 1, 2, origin=2),
    event(0x13, "2026-03-04T05:30", 1, 4, origin=2),
    event(0x14, "2026-03-04T05:30", 3, 2, origin=2),
    event(0x15, "2026-03-04T05:50", 3, 0, origin=2),
    event(0x16, "2026-03-04T06:00", 1, 3),
    event(0x17, "2026-03-04T07:00", 2, 1, miles=48, where=JOLIET),
    event(0x18, "2026-03-04T09:10", 1, 1, miles=141, where=PEORIA, origin=2),
    event(0x19, "2026-03-04T09:45", 1, 3, miles=141, where=PEORIA),
    event(0x1A, "2026-03-04T13:30", 1, 4, miles=330, where=("38.63", "-90.20")),
    event(0x1B, "2026-03-04T15:00", 1, 3, miles=330, where=("38.63", "-90.20")),
    event(0x1C, "2026-03-04T18:20", 1, 4, miles=508, where=("39.80", "-89.65")),
    event(0x1D, "2026-03-04T18:35", 1, 1, miles=508, where=("X", "X"), origin=2),
    event(0x1E, "2026-03-04T19:00", 3, 1, miles=508, where=("39.8", "-89.6"), origin=2),
    event(0x1F, "2026-03-04T19:20", 3, 0, miles=514, where=("39.8", "-89.7"), origin=2),
    event(0x20, "2026-03-04T20:00", 1, 2, miles=514, where=("39.80", "-89.65"), origin=2),
    event(0x24, "2026-03-05T06:15", 1, 4, origin=2, where=("39.80", "-89.65")),
)


def sample(events: Sequence[Event] = EVENTS) -> EldFile:
    return replace(
        UNSTAMPED,
        events=tuple(reversed(events)),
        annotations=(
            Annotation(0x1E, "smithj", "Bobtail to supper", DAY, dt.time(19), "Springfield; IL"),
            Annotation(0x1D, "smithj", "", DAY, dt.time(18, 35), "Truck stop; Springfield IL"),
            Annotation(0x14, "smithj", "Moving trailers in yard 4", DAY, dt.time(5, 30)),
        ),
        certifications=(Certification(0x23, 1, dt.date(2026, 3, 5), dt.time(6, 1), DAY, 1),),
        malfunctions=(Malfunction(0x21, 1, "L", DAY, dt.time(18, 30), 120_900, 4330.1, 1),),
        logins=(
            Login(0x12, 1, "smithj", DAY, dt.time(5, 28), 120_399, 4318.0),
            Login(0x0F, 2, "smithj", dt.date(2026, 3, 3), dt.time(18, 1), 120_399, 4317.9),
        ),
        engine_events=(
            EngineEvent(
                0x11,
                1,
                DAY,
                dt.time(5, 25),
                120_399,
                4318.0,
                "41.88",
                "-87.63",
                "T-1187",
                "1FUJGHDV0CLBP8834",
                "T53-204",
                "BOL-77120",
            ),
        ),
        unidentified_events=(
            UnidentifiedEvent(
                0x0E, 1, 1, 1, 4, dt.date(2026, 3, 3), dt.time(16, 40), 12, 0.4, cmv_order=1
            ),
            UnidentifiedEvent(
                0x0D, 1, 1, 1, 3, dt.date(2026, 3, 3), dt.time(16), 3, 0.2, cmv_order=1
            ),
        ),
    )
