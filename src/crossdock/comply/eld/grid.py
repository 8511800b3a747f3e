"""The grid of a day as a drawing: four lines, PC and YM marked, totals (49 CFR 395.8(g))."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from crossdock.comply.eld.grid_form import (
    MARGIN,
    WIDTH,
    draw_form,
    draw_remarks,
    numbered,
)
from crossdock.comply.eld.rods import (
    LINE_OF,
    LINES,
    MARKED,
    RodsDay,
    RodsForm,
    hours_text,
    missing_items,
    zone_words,
)
from crossdock.comply.eld.svg import INK, PALE, PAPER, RULE, Drawing
from crossdock.comply.hos import STATUSES, Segment, Timeline

_BAND, _EVERY_OTHER = INK, "#f4f6f9"
_TINTS = {"OFF": "#d7dde6", "SB": "#d9cdec", "D": "#bfe3c6", "ON": "#fbe0a8"}
_NAMES = {"OFF": "Off duty", "SB": "Sleeper berth", "D": "Driving", "ON": "On duty"}
_UNDER_NAMES = {"ON": "(not driving)"}

_LEFT, _RIGHT = 172.0, 1094.0
_HEAD_H, _ROW_H = 28.0, 46.0
_HOUR_S, _QUARTER_S = 3600, 900
_NOON = 12


def draw_grid(day: RodsDay, form: RodsForm) -> str:
    """The record of a day as SVG.

    The hours are those of the home terminal; a day on which the clocks change has 23 or 25. Time of
    which the log says nothing is hatched. The picture has a title and a description, escapes every
    text, and needs no style sheet.
    """
    drawing = Drawing(f"rods-{day.day}", WIDTH, _title(day, form), _description(day))
    zone = Timeline.of((), timezone=day.timezone).zone
    missing = missing_items(form, day)
    top = draw_form(drawing, day, form)
    remarks = numbered(day, form.remarks)
    _draw_frame(drawing, day, zone, top)
    bottom = top + _HEAD_H + len(LINES) * _ROW_H
    _draw_untold(drawing, day, top + _HEAD_H)
    _draw_log(drawing, day, top + _HEAD_H)
    _draw_totals(drawing, day, top)
    below = draw_remarks(
        drawing, remarks, missing, zone, x_of=lambda at_s: _x(day, at_s), top=bottom
    )
    return drawing.done(below)


def _title(day: RodsDay, form: RodsForm) -> str:
    driver = f" of {form.driver}" if form.driver else ""
    return f"Record of duty status{driver}, {day.day}"


def _description(day: RodsDay) -> str:
    parts = [f"{STATUSES[line]} {hours_text(total)}" for line, total in day.totals_s.items()]
    parts += [f"of which {name} {hours_text(s)}" for name, s in day.marked_s.items() if s]
    if day.untold_s:
        parts.append(f"not recorded {hours_text(day.untold_s)}")
    told = f"{', '.join(parts)}; together {hours_text(day.length_s)} in {zone_words(day)}."
    return f"{told} {len(day.segments)} stretches."


def _x(day: RodsDay, at_s: int) -> float:
    return _LEFT + (at_s - day.starts_s) / day.length_s * (_RIGHT - _LEFT)


def _middle(line: str, top: float) -> float:
    return top + (LINES.index(line) + 0.5) * _ROW_H


def _draw_frame(drawing: Drawing, day: RodsDay, zone: ZoneInfo, top: float) -> None:
    rows = top + _HEAD_H
    drawing.rect(MARGIN, top, WIDTH - 2 * MARGIN, _HEAD_H, fill=_BAND)
    for number, line in enumerate(LINES):
        y = rows + number * _ROW_H
        drawing.rect(
            MARGIN,
            y,
            WIDTH - 2 * MARGIN,
            _ROW_H,
            fill=_EVERY_OTHER if number % 2 else PAPER,
            stroke=RULE,
        )
        second = _UNDER_NAMES.get(line)
        drawing.text(
            MARGIN + 8,
            y + (20 if second else 28),
            f"{number + 1}. {_NAMES[line]}",
            size=14,
            fill=INK,
            font_weight=600,
        )
        if second:
            drawing.text(MARGIN + 24, y + 36, second, size=11, fill=PALE)
    ticks = "".join(_ticks(day, zone, rows))
    drawing.path(ticks, stroke=RULE, stroke_width=1, fill="none")
    for at_s, label in _hours(day, zone):
        drawing.text(
            _x(day, at_s),
            top + 18,
            label,
            size=11 if len(label) > 2 else 13,  # a digit or two, or a word
            fill=PAPER,
            text_anchor="middle",
        )


def _hours(day: RodsDay, zone: ZoneInfo) -> Iterator[tuple[int, str]]:
    """Whole hours of the clock, with midnight and noon as words, a repeated hour as such."""
    before = -1
    for at_s in range(_first(day, zone, _HOUR_S), day.ends_s + 1, _HOUR_S):
        hour = dt.datetime.fromtimestamp(at_s, zone).hour
        if hour == before:
            label = f"{hour % _NOON or _NOON} 2nd"
        elif hour % _NOON:
            label = str(hour % _NOON)
        else:
            label = "Noon" if hour else "Mid."
        yield at_s, label
        before = hour


def _first(day: RodsDay, zone: ZoneInfo, step_s: int) -> int:
    """The first whole hour, or quarter, of the clock in the day."""
    begin = dt.datetime.fromtimestamp(day.starts_s, zone)
    return day.starts_s + -(begin.minute * 60 + begin.second) % step_s


def _ticks(day: RodsDay, zone: ZoneInfo, rows: float) -> Iterator[str]:
    """Full lines at the hours, half ones at half hours, short ones at quarters, in every row."""
    hour_s = _first(day, zone, _HOUR_S)
    for at_s in range(_first(day, zone, _QUARTER_S), day.ends_s + 1, _QUARTER_S):
        x = _x(day, at_s)
        part = (at_s - hour_s) % _HOUR_S
        if part == 0:
            yield f"M{x:.2f},{rows} V{rows + len(LINES) * _ROW_H}"
            continue
        height = 18.0 if part == 2 * _QUARTER_S else 10.0
        for number in range(len(LINES)):
            y = rows + (number + 1) * _ROW_H
            yield f"M{x:.2f},{y} v{-height}"


def _draw_untold(drawing: Drawing, day: RodsDay, rows: float) -> None:
    gaps = list(_gaps(day))
    if not gaps:
        return
    fill = drawing.hatch("untold", RULE)
    for start_s, end_s in gaps:
        x, width = _x(day, start_s), _x(day, end_s) - _x(day, start_s)
        drawing.rect(x, rows, width, len(LINES) * _ROW_H, fill=PAPER, fill_opacity=0.75)
        drawing.rect(x, rows, width, len(LINES) * _ROW_H, fill=fill)
        if width > 90:  # the words fit
            _tag(drawing, x + width / 2, rows + 2 * _ROW_H + 5, "not recorded", PALE)


def _gaps(day: RodsDay) -> Iterator[tuple[int, int]]:
    at_s = day.starts_s
    for _, start_s, end_s in day.segments:
        if start_s > at_s:
            yield at_s, start_s
        at_s = end_s
    if at_s < day.ends_s:
        yield at_s, day.ends_s


def _draw_log(drawing: Drawing, day: RodsDay, rows: float) -> None:
    for segment in day.segments:
        line = LINE_OF[segment.activity]
        x, until = _x(day, segment.start_s), _x(day, segment.end_s)
        y = rows + LINES.index(line) * _ROW_H
        drawing.rect(x, y + 4, until - x, _ROW_H - 8, fill=_TINTS[line], fill_opacity=0.7)
    drawing.path(
        "".join(_uprights(day.segments, day, rows)), stroke=INK, stroke_width=2.5, fill="none"
    )
    for segment in day.segments:
        _draw_stretch(drawing, segment, day, rows)


def _uprights(segments: Sequence[Segment], day: RodsDay, rows: float) -> Iterator[str]:
    for one, other in pairwise(segments):
        if one.end_s == other.start_s and LINE_OF[one.activity] != LINE_OF[other.activity]:
            x = _x(day, other.start_s)
            above = _middle(LINE_OF[one.activity], rows)
            yield f"M{x:.2f},{above} V{_middle(LINE_OF[other.activity], rows)}"


def _draw_stretch(drawing: Drawing, segment: Segment, day: RodsDay, rows: float) -> None:
    y = _middle(LINE_OF[segment.activity], rows)
    x, until = _x(day, segment.start_s), _x(day, segment.end_s)
    if segment.activity not in MARKED:
        drawing.path(f"M{x:.2f},{y} H{until:.2f}", stroke=INK, stroke_width=4, fill="none")
        return
    drawing.path(
        f"M{x:.2f},{y} H{until:.2f}",
        stroke=INK,
        stroke_width=4,
        stroke_dasharray="4 2.5",
        fill="none",
    )
    # On the side where no upright can be: above the top line, below the bottom one.
    beside = y - 7 if LINES.index(LINE_OF[segment.activity]) == 0 else y + 18
    _tag(drawing, (x + until) / 2, beside, segment.activity, INK)


def _tag(drawing: Drawing, x: float, y: float, words: str, colour: str) -> None:
    width = 8 + 7.2 * len(words)
    drawing.rect(x - width / 2, y - 12, width, 16, rx=3, fill=PAPER, fill_opacity=0.9)
    drawing.text(x, y, words, size=12, fill=colour, text_anchor="middle", font_weight=700)


def _draw_totals(drawing: Drawing, day: RodsDay, top: float) -> None:
    x = WIDTH - MARGIN - 10
    drawing.text(x, top + 18, "Total", size=13, fill=PAPER, text_anchor="end")
    rows = top + _HEAD_H
    for line, total in day.totals_s.items():
        drawing.text(
            x,
            _middle(line, rows) + 5,
            hours_text(total),
            size=16 if total % 60 == 0 else 14,
            fill=INK,
            text_anchor="end",
            font_weight=600,
        )
    below = rows + len(LINES) * _ROW_H + 20
    recorded = day.length_s - day.untold_s
    drawing.text(
        x, below, f"= {hours_text(recorded)}", size=16, fill=INK, text_anchor="end", font_weight=700
    )
    if day.untold_s:
        drawing.text(
            x, below + 16, f"of {hours_text(day.length_s)}", size=12, fill=PALE, text_anchor="end"
        )
