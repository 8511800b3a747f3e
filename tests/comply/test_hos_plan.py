"""Plans that are legal: never later than by trying everything, and right in every clock."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_checker import faults, log_faults
from plan_instances import HALF_HOUR, US, clocks_of, routes, small_limits
from plan_oracle import grid_end

from crossdock.comply.hos import RULE_SETS, US_60_7, US_70_8, Timeline, audit
from crossdock.comply.hos.planning import (
    FRESH,
    HosPlan,
    PlanClocks,
    PlanOptions,
    PlanStop,
    Relay,
    RouteArrays,
    check_route,
    check_routes,
    limits_of,
    plan,
)
from crossdock.comply.hos.planning.route_labels import OVERFLOW, ROW, route_end
from crossdock.comply.hos.planning.schedule import schedule
from crossdock.comply.hos.planning.search import search
from crossdock.model import InvalidValueError
from crossdock.platform.store.reference_data import data_root

EXAMPLES = data_root() / "compliance" / "hos_plan_examples.json"
HOUR = 3_600
DAY = 24 * HOUR
BUSY = {"deadline": None, "derandomize": True}


def stop(drive_h: float, service_h: float = 1.0, *windows_h: tuple[float, float]) -> PlanStop:
    windows = tuple((round(opens * HOUR), round(closes * HOUR)) for opens, closes in windows_h)
    drive_s, service_s = round(drive_h * HOUR), round(service_h * HOUR)
    return PlanStop(drive_s, service_s, windows) if windows else PlanStop(drive_s, service_s)


def ends_h(*stops: PlanStop, clocks: PlanClocks = FRESH, **options: object) -> float | None:
    found = plan(stops, clocks, PlanOptions(**options))
    return None if found.completes_s is None else found.completes_s / HOUR


def kinds(found: HosPlan) -> list[tuple[str, float]]:
    return [(each.kind, (each.end_s - each.start_s) / HOUR) for each in found.segments]


@pytest.mark.skipif(not EXAMPLES.is_file(), reason="the shared compliance cases are not here")
def test_the_shared_examples_end_when_they_should():
    for case in json.loads(EXAMPLES.read_text(encoding="utf-8"))["cases"]:
        stops = [
            PlanStop(
                each["drive_min"] * 60,
                each["service_min"] * 60,
                ((each["open_min"] * 60, each["close_min"] * 60),),
            )
            for each in case["stops"]
        ]
        found = plan(stops)
        minutes = None if found.completes_s is None else found.completes_s // 60
        assert minutes == case["expect"]["earliest_completion_min"], case["id"]
        assert not found.feasible or faults(found, stops, US) == []


@settings(max_examples=150, **BUSY)
@given(data=st.data())
def test_no_way_ends_earlier_under_rules_of_any_size(data):
    limits = data.draw(small_limits())
    stops, clocks = data.draw(routes(1, 14)), data.draw(clocks_of(limits, 1))
    latest = max(each.windows[-1][1] for each in stops) + 10
    found = search(stops, clocks, PlanOptions(), limits=limits)
    assert (found.label and found.label.present_s) == grid_end(stops, limits, clocks, 1, latest)
    if found.label is not None:
        planned = HosPlan(found.label.present_s, schedule(found.label, limits))
        assert faults(planned, stops, limits, clocks) == []


@settings(max_examples=40, **BUSY)
@given(data=st.data())
def test_no_way_on_a_grid_of_half_hours_ends_earlier(data):
    stops, clocks = data.draw(routes(HALF_HOUR, 30)), data.draw(clocks_of(US, HALF_HOUR))
    latest = max(each.windows[-1][1] for each in stops) + 10 * HALF_HOUR
    found = plan(stops, clocks)
    assert found.completes_s == grid_end(stops, US, clocks, HALF_HOUR, latest)
    if found.feasible:
        assert faults(found, stops, US, clocks) == []
    else:
        assert found.failed_stop is not None
        assert found.why


@settings(max_examples=60, **BUSY)
@given(data=st.data())
def test_off_the_grid_a_plan_is_legal_and_no_later_than_on_a_coarser_one(data):
    """Seconds rounded up to half hours make a harder question: its answer bounds the plan's."""
    exact = data.draw(routes(1_237, 40))
    found = plan(exact)
    if found.feasible:
        assert faults(found, exact, US) == []
    coarse = [
        PlanStop(
            -(-each.drive_s // HALF_HOUR) * HALF_HOUR,
            -(-each.service_s // HALF_HOUR) * HALF_HOUR,
            ((-(-each.windows[0][0] // HALF_HOUR) * HALF_HOUR, 400 * HALF_HOUR),),
        )
        for each in exact
    ]
    loose = [PlanStop(e.drive_s, e.service_s, ((e.windows[0][0], 400 * HALF_HOUR),)) for e in exact]
    bound = grid_end(coarse, US, FRESH, HALF_HOUR, 400 * HALF_HOUR)
    loosely = plan(loose).completes_s
    assert bound is None or (loosely is not None and loosely <= bound)


@settings(max_examples=100, **BUSY)
@given(data=st.data())
def test_a_plan_kept_as_a_log_has_no_violation(data):
    stops = data.draw(routes(HALF_HOUR, 40))
    for options in (PlanOptions(), PlanOptions(rules=US_60_7, splits=True)):
        found = plan(stops, options=options)
        log = Timeline.of(found.duty_log(start_s=0))
        assert audit(log, options.rules.without(options.rules.cycle.rule)) == []


@settings(max_examples=100, **BUSY)
@given(data=st.data())
def test_the_check_of_a_route_says_what_the_plan_says(data):
    asked = [data.draw(routes(data.draw(st.sampled_from((60, HALF_HOUR))), 40)) for _ in range(3)]
    clocks = [data.draw(clocks_of(US, 60)) for _ in asked]
    not_before_s = data.draw(st.sampled_from((0, 5 * HOUR)))
    compiled = check_routes(RouteArrays.of(asked), US, clocks, not_before_s=not_before_s)
    for stops, driver, end_s in zip(asked, clocks, compiled.tolist(), strict=True):
        assert end_s == check_route(stops, US, driver, not_before_s=not_before_s)
        found = search(stops, driver, PlanOptions(), not_before_s=not_before_s)
        failed_stop = found.failed_stop or 0
        assert end_s == (found.label.present_s if found.label else -1 - failed_stop)


def test_a_check_that_runs_out_of_room_says_so_and_the_callers_make_more():
    long = [stop(17, 0.25, *((day * 24 + 7, day * 24 + 8) for day in range(14))) for _ in range(6)]
    window_from = [14 * place for place in range(len(long) + 1)]
    opens, closes = zip(*(window for each in long for window in each.windows), strict=True)
    small = [[0] * (2 * ROW) for _ in range(4)]
    told = ([each.drive_s for each in long], [each.service_s for each in long], window_from)
    limits = (US.driving_s, US.window_s, US.drive_before_pause_s, US.pause_s, US.reset_s)
    assert route_end(0, 6, *told, opens, closes, (0, 1, 0, 0, 0, 0, 0), limits, *small) == OVERFLOW
    completes_s = plan(long).completes_s
    assert completes_s is not None
    assert check_route(long, US) == completes_s
    assert check_routes(RouteArrays.of([long]), US).tolist() == [completes_s]


def test_one_drivers_clocks_serve_many_routes_and_a_wrong_number_of_them_is_refused():
    many = RouteArrays.of([[stop(5)], [stop(8.5)], []])
    assert check_routes(many, US, PlanClocks(4 * HOUR, 4 * HOUR, 4 * HOUR)).tolist() == [
        round(6.5 * HOUR),
        19.5 * HOUR,
        0,
    ]
    with pytest.raises(InvalidValueError, match="2 drivers for 3 routes"):
        check_routes(many, US, [FRESH, FRESH])


def test_eight_hours_on_each_side_of_a_rest_beat_eleven_with_a_pause():
    found = plan([stop(16)])
    assert kinds(found) == [("drive", 8), ("rest", 10), ("drive", 8), ("service", 1)]
    assert found.segments[1].reason


def test_departure_is_postponed_where_that_saves_the_window():
    """At once, the dock would be waited for; the 14 hours would end on the way to the second."""
    found = plan([stop(2, 1, (9, 10)), stop(8, 1, (18, 19.5))])
    assert found.completes_s == 19 * HOUR
    assert kinds(found)[:2] == [("wait", 7), ("drive", 2)]
    assert found.latest_departure_s == 8 * HOUR
    assert found.binding == "time_window"


def test_waiting_for_a_dock_and_a_short_service_make_one_pause():
    """20 minutes before the window and 10 of service: no further pause, though none is alone."""
    clocks = PlanClocks(6 * HOUR, 6 * HOUR, 6 * HOUR)
    dock, last = stop(1, 1 / 6, (4 / 3, 2)), stop(3, 0)
    assert ends_h(dock, last, clocks=clocks) == 4.5


def test_a_checkpoint_without_service_may_be_kept_in_the_middle_of_a_rest():
    stops = [stop(11, 0, (14, 15)), stop(9, 1, (0, 31))]
    found = plan(stops)
    assert found.completes_s == (11.5 + 10 + 9.5 + 1) * HOUR
    assert faults(found, stops, US) == []
    assert [kind for kind, _ in kinds(found)].count("rest") == 2


def test_later_windows_are_used_where_the_first_is_missed():
    assert ends_h(stop(12, 1, (0, 11), (24, 30))) == 25
    assert ends_h(stop(12, 1, (0, 11), (13, 14))) is None


def test_rest_that_is_under_way_counts():
    used = PlanClocks(11 * HOUR, 13 * HOUR, 3 * HOUR, resting_s=6 * HOUR)
    assert ends_h(stop(2), clocks=used) == 4 + 3


def test_a_rest_before_the_first_work_is_told_with_its_reason():
    found = plan([stop(2)], PlanClocks(11 * HOUR, 14 * HOUR))
    assert kinds(found) == [("rest", 10), ("drive", 2), ("service", 1)]
    assert found.segments[0].reason


def test_what_cannot_be_served_is_named_with_the_reason():
    found = plan([stop(3), stop(9, 1, (0, 16))])
    assert (found.feasible, found.failed_stop, found.segments) == (False, 1, ())
    assert found.why == (
        "stop 1 can be reached 23:00 h after the start at the earliest, and its last window closes "
        "16:00 h after it"
    )
    assert found.binding == "driving_11h"


def test_clocks_at_the_end_say_what_is_left():
    left = plan([stop(5), stop(3)]).left
    assert left is not None
    assert (left.driving_s, left.window_s, left.until_break_s) == (3 * HOUR, 4 * HOUR, 8 * HOUR)
    assert left.cycle_s is None


def test_a_buffer_keeps_time_free_on_every_limit():
    assert ends_h(stop(11, 1)) == 12.5
    assert ends_h(stop(11, 1), buffer_s=1800) == 22
    with pytest.raises(InvalidValueError, match="leaves no driving"):
        plan([stop(1)], options=PlanOptions(buffer_s=8 * HOUR))


@settings(max_examples=60, **BUSY)
@given(data=st.data())
def test_not_a_second_later_than_the_latest_departure(data):
    stops, clocks = data.draw(routes(HALF_HOUR, 30)), data.draw(clocks_of(US, HALF_HOUR))
    found = plan(stops, clocks)
    latest_s = found.latest_departure_s
    if latest_s is not None:
        assert check_route(stops, US, clocks, not_before_s=latest_s) >= 0
        assert check_route(stops, US, clocks, not_before_s=latest_s + 1) < 0


def test_a_midnight_gives_hours_of_the_cycle_back():
    ten_hours = (0, *(10 * HOUR,) * 7)[-7:]
    clocks = PlanClocks(on_duty_by_day_s=(*ten_hours, 0), at_s=20_000 * DAY)
    found = plan([stop(5)], clocks)
    assert kinds(found) == [("wait", 24), ("drive", 5), ("service", 1)]
    assert found.left is not None
    assert found.left.cycle_s == 4 * HOUR
    assert found.binding == "cycle_70_8"
    assert plan([stop(5)]).completes_s == 6 * HOUR


def test_a_restart_is_taken_where_midnights_give_too_little():
    worked = (*(2 * HOUR,) * 6, 58 * HOUR, 0)
    found = plan([stop(9)], PlanClocks(on_duty_by_day_s=worked, at_s=20_000 * DAY))
    assert kinds(found)[0] == ("rest", 34)
    assert "34 h" in found.segments[0].reason


@settings(max_examples=60, **BUSY)
@given(data=st.data())
def test_a_plan_with_a_cycle_kept_as_a_log_has_no_violation(data):
    stops = data.draw(routes(HALF_HOUR, 30))
    prior = tuple(data.draw(st.lists(st.integers(0, 28), min_size=7, max_size=7)))
    prior_s = tuple(half * HALF_HOUR for half in prior)
    at_s = 20_000 * DAY
    found = plan(stops, PlanClocks(on_duty_by_day_s=(*prior_s, 0), at_s=at_s))
    without = plan(stops)
    if found.completes_s is None:
        return
    assert without.completes_s is not None
    assert without.completes_s <= found.completes_s
    assert faults(found, stops, US) == []
    log = Timeline.of(found.duty_log(start_s=at_s), prior_on_duty_s=prior_s)
    assert audit(log, US_70_8) == []


def test_a_split_saves_what_a_whole_rest_would_cost():
    """Eight hours in the berth between two docks, two more later: the second dock is not missed."""
    docks = (stop(5, 2), stop(4, 2, (0, 20)), stop(5, 1, (0, 31)))
    whole, split = plan(docks), plan(docks, options=PlanOptions(splits=True))
    assert split.completes_s is not None
    assert whole.completes_s is None or split.completes_s <= whole.completes_s
    log = Timeline.of(split.duty_log(start_s=0))
    assert audit(log) == []


@settings(max_examples=25, **BUSY)
@given(data=st.data())
def test_splits_are_legal_and_never_end_later(data):
    stops = data.draw(routes(HALF_HOUR, 30, 3))
    whole, split = plan(stops), plan(stops, options=PlanOptions(splits=True))
    if whole.completes_s is not None:
        assert split.completes_s is not None
        assert split.completes_s <= whole.completes_s
    assert audit(Timeline.of(split.duty_log(start_s=0)), US_70_8.without("cycle_70_8")) == []


@settings(max_examples=25, **BUSY)
@given(data=st.data())
def test_a_team_is_legal_in_both_logs(data):
    stops, clocks = data.draw(routes(HALF_HOUR, 30, 3)), data.draw(clocks_of(US, HALF_HOUR))
    found = plan(stops, clocks, PlanOptions(partner=FRESH))
    if found.feasible:
        assert faults(found, stops, US, clocks, FRESH) == []


def test_a_team_drives_on_while_one_of_them_sleeps():
    found = plan([stop(22)], options=PlanOptions(partner=FRESH))
    assert found.completes_s is not None
    assert found.completes_s <= 24 * HOUR
    assert plan([stop(22)]).completes_s > found.completes_s  # pyright: ignore[reportOptionalOperand]
    assert {each.driver for each in found.segments if each.kind == "drive"} == {0, 1}
    asleep = [each for each in found.duty_log(1) if each.activity == "SB"]
    assert asleep


def test_a_fresh_driver_at_a_relay_drives_on_at_once():
    stops = (stop(10, 1), stop(9, 1))
    assert ends_h(*stops) == 10 + 0.5 + 1 + 1 + 10 + 8 + 1
    relay = Relay(after_stop=0, ready_s=6 * HOUR)
    found = plan(stops, options=PlanOptions(relays=(relay,)))
    assert found.completes_s == (10.5 + 1 + 9.5 + 1) * HOUR
    assert faults(found, list(stops), US) == []
    late = plan(stops, options=PlanOptions(relays=(Relay(0, ready_s=15 * HOUR),)))
    assert late.completes_s == (15 + 9.5 + 1) * HOUR
    tired = PlanClocks(10 * HOUR, 11 * HOUR, 2 * HOUR)
    used = plan(stops, options=PlanOptions(relays=(Relay(0, tired, 11 * HOUR),)))
    assert used.completes_s == (11.5 + 1 + 10 + 8 + 1) * HOUR
    second = [(each.activity, each.start_s - 11 * HOUR, each.end_s - 11 * HOUR)
              for each in used.duty_log(1) if each.start_s >= 11 * HOUR]  # fmt: skip
    assert log_faults(second, US, tired) == []


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: plan([]), "there is no stop"),
        (lambda: PlanStop(-1, 0), "drive_s of a stop is -1"),
        (lambda: PlanStop(0, 0, ((5, 4),)), "open from 5 to 4"),
        (lambda: PlanStop(0, 0, ((5, 9), (8, 10))), "overlap"),
        (lambda: PlanStop(0, 0, ()), "no window"),
        (lambda: PlanClocks(driving_s=9, window_s=5), "less than the 9 seconds driven"),
        (lambda: PlanClocks(since_break_s=-1), "since_break_s of the clocks is -1"),
        (lambda: PlanClocks(timezone="Mars/Base"), "no time zone"),
        (lambda: plan([stop(1)], options=PlanOptions(relays=(Relay(0),))), "a relay is after"),
        (lambda: PlanOptions(partner=FRESH, splits=True), "neither splits nor relays"),
        (lambda: limits_of(RULE_SETS["CA_SOUTH_CYCLE_1"]), "cannot be made for CA_SOUTH"),
    ],
)
def test_what_makes_no_sense_is_refused(ask, said):
    with pytest.raises(InvalidValueError, match=said):
        ask()


def test_short_haul_drivers_need_no_pause_in_a_plan():
    assert ends_h(stop(11), rules=RULE_SETS["US_70_8_SHORT_HAUL"]) == 12
    assert check_routes(
        RouteArrays.of([[stop(11)]]), limits_of(RULE_SETS["US_70_8_SHORT_HAUL"])
    ).tolist() == [12 * HOUR]


def test_arrays_of_routes_are_as_they_were_told():
    arrays = RouteArrays.of([[stop(1), stop(2, 1, (1, 2), (3, 4))], [stop(3)]])
    assert arrays.stop_from.tolist() == [0, 2, 3]
    assert arrays.window_from.tolist() == [0, 1, 3, 4]
    assert np.array_equal(arrays.drive_s, [HOUR, 2 * HOUR, 3 * HOUR])
