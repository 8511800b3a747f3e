"""The judge of drivers' days sees what is against the law, and the breaks of plans are not."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.comply.breaks import Itinerary, place_breaks
from crossdock.comply.hos import ruleset
from routing.driver_law import HOUR, Before, Span, faults_of_day

MINUTE = 60.0


def day(*told: tuple[str, float], starts: float = 0.0) -> list[Span]:
    """Spans of so many hours, one after the other."""
    ends = list(itertools.accumulate((hours * HOUR for _, hours in told), initial=starts))
    return [Span(told[at][0], ends[at], ends[at + 1]) for at in range(len(told))]


MEAL, REST = ("meal", 0.5), ("rest", 1 / 6)


@pytest.mark.parametrize(
    ("rules", "told", "before", "said"),
    [
        ("US_70_8", day(("driving", 4), MEAL, ("driving", 7), REST, REST), None, ""),
        ("US_70_8", day(("driving", 4), MEAL, ("driving", 7.01), REST, REST), None, "drives 11.01"),
        ("US_70_8",
         day(("work", 3), ("driving", 1), REST, MEAL, ("work", 8), ("driving", 1.5), REST),
         None, "after the window"),
        ("US_70_8", day(("driving", 5), REST, ("driving", 3.01), REST), None, "without a pause"),
        ("US_70_8_SHORT_HAUL", day(("driving", 4.9), MEAL, REST, REST, ("driving", 6)), None, ""),
        ("MX_FREIGHT", day(("driving", 5.1), REST), None, "without a pause"),
        ("US_70_8", day(("driving", 4), ("rest", 0.4), ("work", 0.1), ("driving", 4.1), REST, MEAL),
         None, "no meal in the first 5"),
        ("MEALS_AND_RESTS", day(("work", 4), MEAL, ("work", 2), REST), None, "1 rests, 2 due"),
        ("MEALS_AND_RESTS", day(("work", 3.6)), None, "0 rests, 1 due"),
        ("MEALS_AND_RESTS", day(("work", 3.4)), None, ""),
        ("MEALS_AND_RESTS", day(("work", 5.1), MEAL, ("work", 2), REST, REST), None, "no meal"),
        ("MEALS_AND_RESTS", day(("work", 4), ("meal", 0.4), ("work", 2), REST, REST), None,
         "a meal of 1440 s"),
        ("MEALS_AND_RESTS", day(("work", 4), MEAL, ("work", 6), REST, REST), None,
         "on duty for 10.8"),
        ("MEALS_AND_RESTS", [Span("work", 0, 60), Span("work", 120, 180)], None, "nothing is told"),
        ("US_70_8", day(("driving", 2), starts=10 * HOUR), Before(0, 9.5 * HOUR, 0, 1, 2),
         "drives 11.50"),
        ("US_70_8", day(("driving", 1), starts=13.5 * HOUR), Before(0, 0, 0, 1, 2),
         "after the window"),
    ],
)  # fmt: skip
def test_a_day_against_the_law_is_seen(rules, told, before, said) -> None:
    faults = faults_of_day(rules, told, before)
    if said:
        assert any(said in each for each in faults), faults
    else:
        assert faults == []


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_breaks_of_delivery_tours_are_where_the_law_asks_for_them(data: st.DataObject) -> None:
    rules = data.draw(st.sampled_from([None, "US_70_8", "US_60_7"]))
    count = data.draw(st.integers(1, 14))
    longest = data.draw(st.sampled_from([900, 4_000, 12_000]))
    seconds = st.integers(1, longest)
    drive = data.draw(st.lists(seconds, min_size=count + 1, max_size=count + 1))
    service = data.draw(st.lists(seconds, min_size=count, max_size=count))
    opens = [0] * count
    if data.draw(st.booleans()):
        opens[data.draw(st.integers(0, count - 1))] = data.draw(st.integers(0, 60_000))
    itinerary = Itinerary(
        drive, service, opens, [80_000] * count, 20_000, 80_000, 36_000,
        hours=None if rules is None else ruleset(rules),
    )  # fmt: skip
    timeline = place_breaks(itinerary)
    if timeline is None:
        return
    clock, told = float(timeline.departs_s), list[Span]()
    for leg, length in enumerate(drive):
        for each in timeline.breaks:
            if each.gap == leg:
                told.append(Span(each.kind, each.starts_s, each.ends_s))
                clock = each.ends_s
        told.append(Span("driving", clock, clock + length))
        clock += length
        if leg < count:
            told.append(Span("work", clock, timeline.leaves_s[leg]))  # what waits is on duty
            clock = timeline.leaves_s[leg]
    assert clock == timeline.returns_s
    assert faults_of_day("MEALS_AND_RESTS", told) == []
    if rules is not None:
        assert faults_of_day(rules, told) == []
