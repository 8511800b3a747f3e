"""What the routes of drivers answer, as the OpenAPI document shows it."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from crossdock.operate.fleet import Standing

MOST_H = 100.0


class DriverClocks(BaseModel):
    """Seconds that the law leaves, each with how many there are at most."""

    drive_now_s: int = Field(description="Driving from now on without a break: the least of all.")
    driving_s: int = Field(description="Before the next long rest.")
    driving_most_s: int
    window_s: int = Field(description="Until driving must end, breaks counted.")
    window_most_s: int
    until_break_s: int | None = Field(description="Driving before a pause; null: none is due.")
    until_break_most_s: int | None
    cycle_s: int = Field(description="On duty, over the days of the cycle.")
    cycle_most_s: int
    cycle_days: int
    cycle_whole: bool = Field(
        description="False: the log does not reach back over the days of the cycle, and the days "
        "before it count as rest."
    )


class DriverRow(BaseModel):
    """A driver, what is done now, and the hours left."""

    driver_id: str
    kind: str | None = Field(description="linehaul, last_mile, crowd; null: no file names it.")
    carrier_id: str | None
    facility_id: str | None = Field(description="Home.")
    team_with: str | None
    timezone: str = Field(description="Of the home: its midnights bound the days of the log.")
    ruleset: str
    regulated: bool | None = Field(description="null: not known, and judged as if.")
    standing: Standing
    activity: str | None = Field(description="OFF, SB, D, ON, PC, YM, PS; null: not known.")
    since: dt.datetime | None
    source: Literal["told", "log", "plan", "assumed"] | None = Field(
        description="Where the present status is from."
    )
    told_at: dt.datetime | None = Field(description="Of the last word about the driver.")
    load_id: str | None
    route_id: str | None
    clocks: DriverClocks | None = Field(description="null: not known, or not regulated.")
    drives_until: dt.datetime | None = Field(description="Driving on from now without a break.")
    legal_again_at: dt.datetime | None = Field(
        description="Of who may not drive now: after rest from now on."
    )
    next_duty_at: dt.datetime | None
    next_load_id: str | None


class DriverPage(BaseModel):
    """Drivers, those with the fewest hours left first."""

    at: dt.datetime
    items: list[DriverRow]
    next_cursor: str | None


class DriverLimit(BaseModel):
    """A limit of the driver's rules."""

    rule: str
    text: str
    limit_s: int
    left_s: int
    citation: str


class DriverSplit(BaseModel):
    """The clocks if the last long rest becomes the first of a pair, and what that obliges to."""

    driving_s: int
    window_s: int
    drive_now_s: int
    rested_from: dt.datetime
    rested_to: dt.datetime
    owed_s: int = Field(description="Length of the second rest.")
    in_berth: bool = Field(description="It must be in the sleeper berth.")
    by: dt.datetime = Field(description="It must begin by then.")
    citation: str | None


class DriverChange(BaseModel):
    """An instant at which a clock grows."""

    what: Literal["midnight", "reset", "pause", "restart", "split"]
    at: dt.datetime
    rule: str
    text: str = Field(description="The limit.")
    gains_s: int
    in_berth: bool
    citation: str


class DriverFinding(BaseModel):
    """Driving that a rule forbids."""

    rule: str
    text: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    seconds: int
    severity: str = Field(description="nominal below 15 minutes, egregious beyond 3 hours.")
    citation: str


class DutySegment(BaseModel):
    """A piece of a log."""

    activity: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    source: Literal["told", "log", "plan", "assumed"]
    load_id: str | None
    route_id: str | None
    place: str | None = Field(description="Where it began, as far as its load says.")


class DutyDay(BaseModel):
    """A day at home: 23 to 25 hours, with the hours on each line of the record."""

    date: dt.date
    starts_at: dt.datetime
    ends_at: dt.datetime
    off_s: int
    sb_s: int
    d_s: int
    on_s: int


class NextDuty(BaseModel):
    """A planned duty that is under way or to come."""

    duty_id: str | None
    starts_at: dt.datetime
    ends_at: dt.datetime
    load_ids: list[str]
    drive_s: int = Field(description="Still to be driven.")
    legal: bool | None = Field(description="By what is known now; null: nothing is.")
    findings: list[DriverFinding]


class DriverDetail(DriverRow):
    """A driver with clocks, what gives hours back, findings, the log, and what comes."""

    at: dt.datetime
    coverage: str = Field(description="Why the rules are for the driver, or are not.")
    coverage_citation: str
    counted_from: dt.datetime | None = Field(
        description="Where the log begins; before it the driver counts as rested."
    )
    limits: list[DriverLimit]
    if_split: DriverSplit | None
    changes: list[DriverChange] = Field(description="What gives hours back, soonest first.")
    findings: list[DriverFinding] = Field(description="Of the last 8 days, the newest first.")
    segments: list[DutySegment] = Field(description="Of the last 8 days, up to now.")
    planned: list[DutySegment]
    days: list[DutyDay] = Field(description="The newest first.")
    duties: list[NextDuty]


class WhatIfAsked(BaseModel):
    """A load, or hours of driving and other work."""

    load_id: str | None = Field(default=None, min_length=1, max_length=200)
    drive_h: float = Field(default=0.0, ge=0.0, le=MOST_H)
    work_h: float = Field(
        default=0.0, ge=0.0, le=MOST_H, description="On duty before the driving, such as loading."
    )
    from_: AwareDatetime | None = Field(
        default=None,
        alias="from",
        description="When it would begin; without it as soon as it can: now, or as the load "
        "leaves.",
    )


class WhatIfReason(BaseModel):
    """A sentence, and where it is written."""

    text: str
    citation: str | None


class WhatIfBinding(BaseModel):
    """The limit that decides."""

    rule: str
    text: str
    citation: str
    left_s: int = Field(description="At the tightest moment; negative: driven beyond it.")
    at: dt.datetime | None = Field(description="When it is used up; null: it is not.")


class WhatIfAnswer(BaseModel):
    """Whether the driver may take it."""

    at: dt.datetime
    driver_id: str
    load_id: str | None
    allowed: bool | None = Field(
        description="By the hours of service; null: nothing is known of the driver's hours, and "
        "the rest is said of a rested driver."
    )
    regulated: bool | None = Field(description="Whether the rules are for this trip.")
    starts_at: dt.datetime
    ends_at: dt.datetime
    late_s: int | None = Field(description="How much later than the load's own start it begins.")
    drive_s: int
    work_s: int
    binding: WhatIfBinding | None
    before: DriverClocks | None
    after: DriverClocks | None
    legal_from: dt.datetime | None = Field(
        description="First start with which it is legal, after rest until then; null: none is."
    )
    completes_at: dt.datetime | None = Field(
        description="The earliest legal end with every rest on the way, not begun sooner than "
        "asked; null: never."
    )
    clash_at: dt.datetime | None = Field(description="Other planned work begins before it is over.")
    clash_load_id: str | None
    spoils: list[DriverFinding] = Field(description="What it makes illegal of later duties.")
    findings: list[DriverFinding]
    segments: list[DutySegment]
    reasons: list[WhatIfReason]
