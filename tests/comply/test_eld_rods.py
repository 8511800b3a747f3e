"""The record of a day: totals that sum to its length, what is missing, a picture for everyone."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.comply.eld import (
    Remark,
    RodsForm,
    draw_grid,
    missing_items,
    rods_day,
    rods_of_file,
    totals_text,
)
from crossdock.comply.hos import STATUSES, Timeline
from eld_samples import DAY, EVENTS, HEADER, sample

NEW_YORK = ZoneInfo("America/New_York")
SVG = "{http://www.w3.org/2000/svg}"
H = 3600


def days_of(*hours_on: tuple[str, int]) -> Timeline:
    """A log from midnight in New York on, over the spring change of 8 March 2026."""
    at_s = int(dt.datetime(2026, 3, 7, tzinfo=NEW_YORK).timestamp())
    segments: list[tuple[str, int, int]] = []
    for activity, hours in hours_on:
        segments.append((activity, at_s, at_s + hours * H))
        at_s += hours * H
    return Timeline.of(segments, timezone="America/New_York")


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]


def test_totals_of_the_sample_day():
    day, form = rods_of_file(sample(), DAY)
    assert day.totals_s == {"OFF": 2 * H, "SB": 9.5 * H, "D": 10.25 * H, "ON": 2.25 * H}
    assert day.marked_s == {"PC": 1200, "YM": 1200, "PS": 0}
    assert (day.untold_s, day.length_s) == (0, 24 * H)
    assert form.miles == 508
    assert form.certified_at == dt.datetime(2026, 3, 5, 6, 1)  # noqa: DTZ001
    assert "total     24:00" in totals_text(day)


@pytest.mark.parametrize(("day", "hours"), [(dt.date(2026, 3, 7), 24), (dt.date(2026, 3, 8), 23)])
def test_a_day_on_which_the_clocks_change_has_its_own_length(day: dt.date, hours: int):
    whole = rods_day(days_of(("SB", 20), ("D", 10), ("OFF", 30)), day)
    assert whole.length_s == hours * H == sum(whole.totals_s.values())
    assert f"{hours}:00" in totals_text(whole)


def test_the_hours_of_a_25_hour_day_show_the_repeated_one():
    day = dt.date(2026, 11, 1)
    at_s = int(dt.datetime(2026, 11, 1, tzinfo=NEW_YORK).timestamp())
    log = Timeline.of([("OFF", at_s, at_s + 25 * H)], timezone="America/New_York")
    said = texts(draw_grid(rods_day(log, day), RodsForm()))
    hours = said[said.index("Mid.") : said.index("Total")]
    assert [label for label in hours if not label.startswith(("4.", "(not"))][:4] == [
        "Mid.",
        "1",
        "1 2nd",
        "2",
    ]
    assert "= 25:00" in said
    assert any("a day of 25:00 h" in text for text in said)


def test_a_day_starts_when_the_carrier_says():
    log = days_of(("SB", 20), ("D", 10), ("OFF", 30))
    day = rods_day(log, dt.date(2026, 3, 7), period_starts=dt.time(6))
    assert day.totals_s == {"OFF": 0, "SB": 14 * H, "D": 9 * H, "ON": 0}
    assert day.length_s == 23 * H


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(STATUSES)), st.integers(1, 40_000)),
        max_size=20,
    ),
    st.integers(-2, 4),
)
def test_totals_sum_to_the_length_of_any_day(stretches: list[tuple[str, int]], later: int):
    at_s = int(dt.datetime(2026, 10, 31, 5, 17, tzinfo=NEW_YORK).timestamp())
    segments: list[tuple[str, int, int]] = []
    for activity, length_s in stretches:
        segments.append((activity, at_s, at_s + length_s))
        at_s += length_s
    log = Timeline.of(segments, timezone="America/New_York")
    day = rods_day(log, dt.date(2026, 10, 31) + dt.timedelta(days=later))
    assert sum(day.totals_s.values()) + day.untold_s == day.length_s
    assert day.untold_s >= 0
    ET.fromstring(draw_grid(day, RodsForm()))


def test_what_a_day_lacks_is_named_with_its_paragraph():
    day, form = rods_of_file(sample(), DAY)
    assert [(each.item, each.citation) for each in missing_items(form, day)] == [
        ("main office address", "49 CFR 395.8(d)(7)")
    ]
    assert missing_items(replace(form, main_office="1 Dock Rd, Joliet IL"), day) == ()
    bare = missing_items(RodsForm(has_codriver=True), day)
    assert {each.citation.partition("(d)")[2] for each in bare} == {
        "(2)",
        "(3)",
        "(4)",
        "(5)",
        "(6)",
        "(7)",
        "(8)",
        "(9)",
        "(11)",
    }


def test_a_change_without_a_place_and_a_day_that_is_not_over_are_named():
    placeless = tuple(
        replace(e, latitude="X", longitude="X") if e.sequence_id == 0x18 else e for e in EVENTS
    )
    day, form = rods_of_file(sample(placeless), DAY)
    assert "place of the change at 09:10" in {each.item for each in missing_items(form, day)}
    today, form = rods_of_file(sample(), DAY + dt.timedelta(days=1))
    assert "duty status for 15:30 of the day" in {each.item for each in missing_items(form, today)}


def test_positions_become_places():
    _, form = rods_of_file(sample(), DAY, place_of=lambda lat, lon: f"near {lat:.0f} {lon:.0f}")
    places = [remark.place for remark in form.remarks]
    assert "near 41 -90" in places
    assert "Springfield; IL" in places  # what the driver wrote comes first


def test_the_picture_says_in_words_what_it_shows():
    day, form = rods_of_file(sample(), DAY)
    root = ET.fromstring(draw_grid(day, form))
    assert root.get("role") == "img"
    labels = (root.get("aria-labelledby") or "").split()
    named = {element.get("id"): element.text or "" for element in root}
    assert named[labels[0]] == "Record of duty status of John Smith, 2026-03-04"
    assert "driving 10:15" in named[labels[1]]
    assert "together 24:00" in named[labels[1]]
    said = texts(draw_grid(day, form))
    assert {"PC", "YM", "10:15", "= 24:00", "Springfield; IL", "Bobtail to supper"} <= set(said)


def test_every_text_of_the_picture_is_escaped():
    hostile = "<script>alert('x')</script>&\x00\"\u202e"
    day, form = rods_of_file(
        replace(sample(), header=replace(HEADER, carrier_name=hostile, driver_last_name=hostile)),
        DAY,
    )
    form = replace(
        form, main_office=hostile, remarks=(Remark(day.segments[1].start_s, hostile, hostile),)
    )
    svg = draw_grid(day, form)
    assert "<script" not in svg
    assert "\x00" not in svg
    tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(svg).iter()}
    assert tags <= {"svg", "title", "desc", "rect", "path", "circle", "text", "defs", "pattern"}


def test_the_picture_needs_no_style_that_a_content_policy_forbids():
    svg = draw_grid(*rods_of_file(sample(), DAY))
    assert not re.search(r"\sstyle=|<style|href", svg)
