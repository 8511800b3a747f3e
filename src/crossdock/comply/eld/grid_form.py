"""What stands around the grid of a day: who, with what, and the remarks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from crossdock.comply.eld.rods import (
    PLACE_CITATION,
    MissingItem,
    Remark,
    RodsDay,
    RodsForm,
    hours_text,
    zone_words,
)
from crossdock.comply.eld.svg import INK, PALE, PAPER, RULE, WARNING, Drawing

WIDTH, MARGIN = 1200, 30
"""Of the picture."""
_COLUMNS, _FIELD_H = 4, 46
_DAY_S = 24 * 3600
_FLAG_GAP = 20.0
MOST_REMARKS = 120
"""A day with more is not a day; the rest is counted."""
_FEW_PLACES = 3
_COLUMN_W = 560.0
_PLACE_W = 375.0


@dataclass(frozen=True)
class NumberedRemark:
    """A remark of the day with its number under the grid."""

    number: int
    at_s: int
    status: str
    place: str
    note: str
    is_change: bool


def numbered(day: RodsDay, remarks: Sequence[Remark]) -> list[NumberedRemark]:
    """Every change of the day, with what is remarked to it, and remarks to other instants."""
    told = {remark.at_s: remark for remark in remarks}
    activity = {segment.start_s: segment.activity for segment in day.segments}
    instants = sorted(
        {at_s for at_s in told if day.starts_s <= at_s < day.ends_s}
        | {at_s for at_s in activity if at_s > day.starts_s}
    )
    return [
        NumberedRemark(
            number,
            at_s,
            activity.get(at_s, ""),
            told[at_s].place if at_s in told else "",
            told[at_s].note if at_s in told else "",
            is_change=at_s in activity and at_s > day.starts_s,
        )
        for number, at_s in enumerate(instants, start=1)
    ]


def draw_form(drawing: Drawing, day: RodsDay, form: RodsForm) -> float:
    """Heading and fields; where the grid may begin."""
    drawing.text(MARGIN, 46, "Driver's daily log", size=26, fill=INK, font_weight=700, room=400)
    drawing.text(
        WIDTH / 2,
        46,
        f"{day.day:%A, %B} {day.day.day}, {day.day.year}",
        size=20,
        fill=INK,
        font_weight=600,
        text_anchor="middle",
    )
    drawing.text(WIDTH - MARGIN, 46, _zone_line(day), size=13, fill=PALE, text_anchor="end")
    fields = _fields(form)
    wide = (WIDTH - 2 * MARGIN) / _COLUMNS
    for place, (label, value, needed) in enumerate(fields):
        row, column = divmod(place, _COLUMNS)
        x, y = MARGIN + column * wide, 68 + row * _FIELD_H
        drawing.path(f"M{x},{y + 38} h{wide - 16}", stroke=RULE)
        drawing.text(x, y + 12, label, size=11, fill=PALE)
        if value:
            drawing.text(x, y + 31, value, size=15, fill=INK, room=wide - 20)
        elif needed:
            _warn(drawing, x, y + 31, "missing")
        else:
            drawing.text(x, y + 31, "\u2013", size=15, fill=PALE)
    return 68 + _FIELD_H * -(-len(fields) // _COLUMNS) + 14


def draw_remarks(
    drawing: Drawing,
    remarks: Sequence[NumberedRemark],
    missing: Sequence[MissingItem],
    zone: ZoneInfo,
    *,
    x_of: Callable[[int], float],
    top: float,
) -> float:
    """Numbers under the grid, their remarks in two columns, what is missing; where that ends."""
    beyond = len(remarks) - MOST_REMARKS
    remarks = remarks[:MOST_REMARKS]
    depth = _draw_flags(drawing, remarks, x_of, top)
    y = top + 34 + depth * 20
    drawing.text(MARGIN, y, "Remarks", size=15, fill=INK, font_weight=700)
    y += 8
    half = -(-len(remarks) // 2)
    ends = [
        _draw_column(drawing, part, zone, MARGIN + place * (_COLUMN_W + 20), y)
        for place, part in enumerate((remarks[:half], remarks[half:]))
    ]
    if not remarks:
        drawing.text(MARGIN, y + 18, "no change of status", size=13, fill=PALE)
        ends.append(y + 24)
    y = max(ends) + 24
    if beyond > 0:
        drawing.text(MARGIN, y, f"and {beyond:,} more", size=13, fill=PALE)
        y += 24
    return _draw_missing(drawing, missing, y) + MARGIN if missing else y


def _zone_line(day: RodsDay) -> str:
    length = "" if day.length_s == _DAY_S else f" \u00b7 a day of {hours_text(day.length_s)} h"
    return f"Home terminal time, {zone_words(day)}{length}"


def _fields(form: RodsForm) -> list[tuple[str, str, bool]]:
    """Label, value, whether it must be there."""
    starts = f"{form.period_starts:%H:%M}" if form.period_starts is not None else ""
    certified = f"{form.certified_at:%Y-%m-%d %H:%M}" if form.certified_at is not None else ""
    return [
        ("Driver", form.driver, True),
        ("Licence", form.licence, False),
        ("Co-driver", form.codriver, form.has_codriver),
        ("Truck or tractor", form.truck, True),
        ("Carrier", form.carrier, True),
        ("USDOT number", form.usdot_number, False),
        ("Main office", form.main_office, True),
        ("Trailers", form.trailers, False),
        ("Shipping documents", form.shipping_documents, True),
        ("Miles driven", "" if form.miles is None else f"{form.miles:,}", True),
        ("24-hour period starts", starts, True),
        ("Certified by the driver", certified, True),
    ]


def _warn(drawing: Drawing, x: float, y: float, words: str) -> None:
    drawing.path(f"M{x + 1},{y} h12 l-6,-11 z", fill=WARNING)
    drawing.text(x + 18, y, words, size=14, fill=WARNING, font_weight=600)


def _draw_flags(
    drawing: Drawing,
    remarks: Sequence[NumberedRemark],
    x_of: Callable[[int], float],
    top: float,
) -> int:
    """Numbers at their instants, lower where they would touch; how many rows they took."""
    last_x: list[float] = []
    for remark in remarks:
        x = x_of(remark.at_s)
        row = next((row for row, taken in enumerate(last_x) if x - taken >= _FLAG_GAP), len(last_x))
        last_x[row : row + 1] = [x]
        y = top + 20 + row * 20
        drawing.path(f"M{x:.2f},{top} V{y - 9:.2f}", stroke=PALE)
        drawing.circle(
            x, y, 9, fill=INK if remark.is_change else PAPER, stroke=INK, stroke_width=1.2
        )
        drawing.text(
            x,
            y + 3.5,
            str(remark.number),
            size=10,
            fill=PAPER if remark.is_change else INK,
            text_anchor="middle",
            font_weight=700,
        )
    return max(len(last_x), 1)


def _draw_column(
    drawing: Drawing, remarks: Sequence[NumberedRemark], zone: ZoneInfo, x: float, y: float
) -> float:
    for remark in remarks:
        y += 24
        at = dt.datetime.fromtimestamp(remark.at_s, zone)
        clock = f"{at:%H:%M}" if at.second == 0 else f"{at:%H:%M:%S}"
        clock += " 2nd" if at.fold else ""  # of the hour that the clock shows twice
        drawing.text(x + 24, y, str(remark.number), size=13, fill=PALE, text_anchor="end")
        drawing.text(x + 36, y, clock, size=13, fill=INK, font_weight=600)
        drawing.text(x + 130, y, remark.status or "note", size=13, fill=INK, font_weight=600)
        if remark.place:
            drawing.text(x + 172, y, remark.place, size=13, fill=INK, room=_PLACE_W)
        elif remark.is_change:
            _warn(drawing, x + 172, y, "place missing")
        if remark.note:
            y += 17
            drawing.text(
                x + 172, y, remark.note, size=12, fill=PALE, font_style="italic", room=_PLACE_W
            )
    return y


def _draw_missing(drawing: Drawing, missing: Sequence[MissingItem], y: float) -> float:
    """The items that 395.8(d) wants and nobody told, as many to a line as fit."""
    count = "1 required item is" if len(missing) == 1 else f"{len(missing)} required items are"
    _warn(drawing, MARGIN, y + 12, f"{count} missing")
    y += 12
    for line in _lines(_merged(missing)):
        y += 18
        drawing.text(MARGIN + 18, y, line, size=12, fill=INK, room=WIDTH - 2 * MARGIN - 18)
    return y


def _merged(missing: Sequence[MissingItem]) -> list[str]:
    """The items in words; places, which stand at their remarks already, as a count."""
    places = [each for each in missing if each.citation == PLACE_CITATION]
    shown = missing if len(places) <= _FEW_PLACES else [e for e in missing if e not in places]
    words = [f"{each.item} ({each.citation})" for each in shown]
    if len(places) > _FEW_PLACES:
        words.append(f"places of {len(places)} changes ({PLACE_CITATION})")
    return words


def _lines(words: Sequence[str], most: int = 165) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) + 2 <= most:
            lines[-1] += f"; {word}"
        else:
            lines.append(word)
    return lines
