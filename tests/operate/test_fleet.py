"""The fleet's drivers: whole logs of what was told, logged and planned; hours left; what if."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operate_story import START, event, folded, hour

from crossdock.comply.hos import (
    US_70_8,
    PlanOptions,
    PlanStop,
    Segment,
    Timeline,
    audit,
    ruleset,
)
from crossdock.comply.hos import plan as planned_route
from crossdock.comply.hos.planning import clocks_of_log
from crossdock.model import Network, NotFoundError
from crossdock.model.tables import DUTIES, LOADS, TOURS, conform
from crossdock.operate.commands import Means
from crossdock.operate.fleet import (
    DriverHours,
    Standing,
    Trip,
    coverage_of,
    hours_of,
    load_trip,
    log_days,
    places,
    planned_duties,
    reasons,
    roster,
    what_if,
)
from crossdock.operate.fleet.resting import gone_on
from crossdock.operate.fleet.trips import trip_of, with_late_rests
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView

H = 3_600
MIDNIGHT_S = int(START.timestamp())
"""18:00 the day before in Memphis."""


def network(*, log: list[tuple] = (), **drivers: dict) -> Network:
    listed = {"ANN": {}, **drivers}
    rows = [
        {
            "driver_id": name, "carrier_id": "own", "domicile_facility_id": "MEM",
            "kind": "linehaul", **more,
        }
        for name, more in listed.items()
    ]  # fmt: skip
    tables = {
        "facilities": pl.DataFrame({"facility_id": ["MEM"], "timezone": ["America/Chicago"]}),
        "drivers": pl.DataFrame(rows),
        "vehicle_types": pl.DataFrame(
            [("tractor", "tractor", 36_287.0), ("cargo_van", "van", 4_490.0),
             ("step_van", "van", 7_257.0), ("mystery", "van", None),
             ("pallet", "pallet_space", 0.0)],
            schema=["vehicle_type", "class", "gvwr_kg"], orient="row",
        ),
        "vehicles": pl.DataFrame(
            [("V1", "cargo_van", "MEM", "own"), ("V2", "tractor", "MEM", "own"),
             ("V3", "cargo_van", "DAL", "own"), ("V4", "step_van", "DAL", "own")],
            schema=["vehicle_id", "vehicle_type", "home_facility_id", "carrier_id"], orient="row",
        ),
    }  # fmt: skip
    if log:
        tables["duty_log"] = pl.DataFrame(
            [(driver, status, hour(start), hour(end)) for driver, status, start, end in log],
            schema=["driver_id", "status", "from", "to"], orient="row",
        )  # fmt: skip
    return Network.of(tables)


def plan(*duties: tuple[str, str, str, float, float]) -> PlanView:
    """Loads L1 from MEM to DAL and L2 without a duty; duties of driver, load, status, hours."""
    loads = pl.DataFrame(
        {
            "load_id": ["L1", "L2"],
            "kind": "loaded",
            "from": ["MEM", "MEM"],
            "to": ["DAL", "ATL"],
            "departs_at": [hour(20), hour(30)],
            "arrives_at": [hour(27), hour(38)],
            "miles": [350.0, 400.0],
            "vehicle_type": "tractor",
        }
    )
    rows = [
        {
            "duty_id": f"{driver}/{load}", "driver_id": driver, "carrier_id": "own",
            "domicile_facility_id": "MEM", "load_id": load, "seq": seq, "activity": activity,
            "starts_at": hour(start), "ends_at": hour(end),
        }
        for seq, (driver, load, activity, start, end) in enumerate(duties)
    ]  # fmt: skip
    duties_frame = conform(pl.DataFrame(rows), DUTIES) if rows else conform(pl.DataFrame(), DUTIES)
    return PlanView.of({"loads": conform(loads, LOADS), "duties": duties_frame})


OF_L1 = (
    ("ANN", "L1", "ON", 19.5, 20),
    ("ANN", "L1", "D", 20, 27),
    ("ANN", "L1", "ON", 27, 27.5),
)


def duty(at: float, activity: str, driver: str = "ANN", **more: object) -> dict:
    return event("duty_changed", at, driver_id=driver, activity=activity, **more)


def at(
    hours: float,
    *told: dict,
    view: PlanView | None = None,
    net: Network | None = None,
    driver: str = "ANN",
) -> DriverHours:
    present, known = Present.of(folded(*told)), view or plan()
    means = Means(network=net or network())
    (found,) = roster(present, known, means, driver_ids=[driver])
    return hours_of(present, known, means, [found], hour(hours))[0]


def spans(found: DriverHours) -> list[tuple]:
    """Status, hours and source of the past."""
    return [
        (each.activity, (each.start_s - MIDNIGHT_S) / H, (each.end_s - MIDNIGHT_S) / H, each.source)
        for each in found.log.past
    ]


class TestLogs:
    def test_what_was_told_counts_before_the_log_and_the_plan_fills_gaps(self):
        net = network(log=[("ANN", "OFF", 0, 10), ("ANN", "D", 10, 14), ("ANN", "ON", 13, 15)])
        view = plan(("ANN", "L0", "D", 16, 17), *OF_L1)
        found = at(21, duty(14.5, "OFF"), duty(19, "ON"), duty(20.5, "D"), net=net, view=view)
        assert spans(found) == [
            ("OFF", 0, 10, "log"), ("D", 10, 14, "log"), ("ON", 14, 14.5, "log"),
            ("OFF", 14.5, 19, "told"), ("ON", 19, 20.5, "told"), ("D", 20.5, 21, "told"),
        ]  # fmt: skip
        # Of the plan only what is to come is left.
        assert [each.start_s - MIDNIGHT_S for each in found.log.planned] == [21 * H, 27 * H]
        assert found.log.told_s == MIDNIGHT_S + int(20.5 * H)

    def test_a_gap_is_what_was_planned_and_rest_where_nothing_was(self):
        net = network(log=[("ANN", "ON", 0, 10)])
        view = plan(("ANN", "L0", "D", 12, 14))
        found = at(18, duty(16, "ON"), net=net, view=view)
        assert spans(found) == [
            ("ON", 0, 10, "log"), ("OFF", 10, 12, "assumed"), ("D", 12, 14, "plan"),
            ("OFF", 14, 16, "assumed"), ("ON", 16, 18, "told"),
        ]  # fmt: skip

    def test_after_the_last_entry_of_a_log_it_goes_on_as_planned(self):
        net = network(log=[("ANN", "OFF", 0, 12)])
        found = at(21, net=net, view=plan(*OF_L1))
        assert spans(found)[-1] == ("D", 20, 21, "plan")
        assert found.log.told_s == MIDNIGHT_S + 12 * H

    def test_nothing_that_comes_later_is_known(self):
        assert at(10, duty(9, "D"), duty(11, "OFF")).now == at(10, duty(9, "D")).now

    def test_a_status_that_no_rule_knows_is_work(self):
        assert [each[0] for each in spans(at(10, duty(9, "lunch")))] == ["ON"]

    def test_the_plan_alone_makes_nothing_known(self):
        found = at(21, view=plan(*OF_L1))
        assert (found.standing, found.clocks, found.now) == (Standing.UNKNOWN, None, None)


class TestHours:
    def test_the_clocks_are_those_of_the_whole_log(self):
        found = at(12, duty(0, "OFF"), duty(4, "ON"), duty(5, "D"))
        assert found.clocks is not None
        left = found.clocks
        assert (left.driving_s, left.window_s, left.until_break_s) == (4 * H, 6 * H, 1 * H)
        assert (left.drive_now_s, found.drives_until_s) == (1 * H, MIDNIGHT_S + 13 * H)
        assert found.standing is Standing.SHORT
        assert found.since_s == MIDNIGHT_S + 5 * H

    @pytest.mark.parametrize(
        ("hours", "told", "standing"),
        [
            (12, [duty(11, "ON")], Standing.WORKING),
            (12, [duty(2, "D")], Standing.IN_VIOLATION),
            (12, [duty(2, "D"), duty(11.9, "ON")], Standing.OUT_OF_HOURS),
            (18, [duty(0, "D"), duty(11, "OFF")], Standing.RESTING),
            (18, [duty(0, "D"), duty(7, "OFF")], Standing.RESTED),
        ],
    )
    def test_where_a_driver_stands(self, hours, told, standing):
        assert at(hours, *told).standing is standing

    def test_who_may_not_drive_may_after_the_rest_that_is_lacking(self):
        assert at(18, duty(0, "D"), duty(11, "OFF")).legal_again_s == MIDNIGHT_S + 21 * H
        # Of the 8 h without a pause 30 minutes are lacking, no more.
        assert at(8.25, duty(0, "D"), duty(8, "OFF")).legal_again_s == MIDNIGHT_S + int(8.5 * H)

    def test_a_spent_cycle_waits_for_the_midnight_that_gives_enough_back(self):
        # 8 days of 9 h: 72 in the cycle on the eighth, and the first of them drops at midnight.
        days = [
            ("ANN", status, day * 24 + start, day * 24 + end)
            for day in range(8)
            for status, start, end in (("OFF", 6, 12), ("ON", 12, 21), ("OFF", 21, 30))
        ]
        found = at(7 * 24 + 22, net=network(log=days))
        assert found.clocks is not None
        assert found.clocks.cycle_s == 0
        # Midnight in Memphis is 6 in UTC; by then the reset of ten hours is not there yet.
        assert found.legal_again_s == MIDNIGHT_S + (7 * 24 + 31) * H

    def test_the_rules_are_those_of_the_driver(self):
        found = at(12, duty(11, "ON"), net=network(ANN={"hos_ruleset": "property_60_7"}))
        assert (found.driver.rules.name, found.clocks.cycle_s) == ("US_60_7", 59 * H)

    def test_those_with_the_fewest_hours_come_first(self):
        told = [
            duty(5, "D", "SHORT"), duty(11, "D", "FRESH"), duty(8, "D", "REST"),
            duty(10, "OFF", "REST"), duty(2, "D", "OVER"),
        ]  # fmt: skip
        present, view = Present.of(folded(*told)), plan()
        means = Means(network=network(VAN={"kind": "last_mile"}))
        found = hours_of(present, view, means, roster(present, view, means), hour(12))
        found.sort(key=lambda each: (*each.urgency, each.driver.driver_id))
        names = [each.driver.driver_id for each in found]
        assert names == ["OVER", "SHORT", "FRESH", "REST", "ANN", "VAN"]


class TestWhoIsRegulated:
    def coverage(self, driver: str, net: Network, tours: pl.DataFrame | None = None):
        means = Means(network=net) if tours is None else Means(network=net, tours=tours)
        (found,) = roster(Present(), plan(), means, driver_ids=[driver])
        return found

    def test_who_drives_a_light_van_is_not(self):
        van = self.coverage("VAN", network(VAN={"kind": "last_mile"}))
        assert van.coverage.regulated is False
        assert "9,899 lb" in van.coverage.reason
        found = at(12, duty(11, "D", "VAN"), net=network(VAN={"kind": "last_mile"}), driver="VAN")
        assert (found.standing, found.clocks) == (Standing.NOT_REGULATED, None)

    def test_the_heaviest_vehicle_that_is_planned_decides(self):
        tours = conform(
            pl.DataFrame({"driver_id": ["VAN"] * 2, "vehicle_type": ["cargo_van", "step_van"]}),
            TOURS,
        )
        van = self.coverage("VAN", network(VAN={"kind": "last_mile"}), tours)
        assert van.coverage.regulated is True

    def test_a_line_haul_driver_with_a_van_today_is_judged_for_the_trucks_at_home(self):
        view = plan(*OF_L1)
        view = replace(view, loads=view.loads.with_columns(vehicle_type=pl.lit("cargo_van")))
        (ann,) = roster(Present(), view, Means(network=network()), driver_ids=["ANN"])
        assert ann.coverage.regulated is True

    @pytest.mark.parametrize("home", ["DAL", "NOWHERE"])
    def test_of_whom_no_vehicle_is_known_is_judged_as_if(self, home):
        net = network(VAN={"kind": "last_mile", "domicile_facility_id": home})
        van = self.coverage("VAN", net)
        assert (van.coverage.regulated, van.is_regulated) == (None, True)

    def test_a_type_without_a_weight_is_not_known(self):
        assert coverage_of(network(), ["mystery"]).regulated is None
        assert coverage_of(network(), ["mystery", "tractor"]).regulated is True
        assert coverage_of(network(), ["pallet"]).regulated is None
        assert coverage_of(network(), []).regulated is None

    def test_whom_only_an_event_names_is_there_too(self):
        present = Present.of(folded(duty(1, "D", "X/\n1")))
        means = Means(network=network())
        found = roster(present, plan(), means)
        assert [each.driver_id for each in found] == ["ANN", "X/\n1"]
        assert [each.driver_id for each in roster(present, plan(), means, asked="x/")] == ["X/\n1"]
        assert [each.driver_id for each in roster(present, plan(), means, facility_id="MEM")] == [
            "ANN"
        ]


TRUCK = coverage_of(network(), ["tractor"])


def asked(found: DriverHours, drive_h: float, work_h: float = 0.0, start: float | None = None):
    from_s = found.at_s if start is None else MIDNIGHT_S + int(start * H)
    return what_if(found, Trip(int(drive_h * H), int(work_h * H)), from_s, TRUCK)


DAYS = st.lists(
    st.tuples(st.sampled_from(["D", "D", "ON", "OFF", "SB"]), st.integers(1, 12)),
    min_size=1,
    max_size=14,
)
JOURNEYS = st.lists(
    st.tuples(st.sampled_from(["D", "D", "ON"]), st.integers(1, 7)), min_size=1, max_size=4
)


def log_of(parts: list[tuple[str, int]]) -> Timeline:
    """Statuses, each so many hours, with the midnight of Memphis on the way."""
    now_s, found = MIDNIGHT_S, list[Segment]()
    for status, hours in parts:
        found.append(Segment(status, now_s, now_s + hours * H))
        now_s += hours * H
    return Timeline.of(found, timezone="America/Chicago")


def trip_over(parts: list[tuple[str, int]]) -> tuple[Trip, int]:
    """A trip with this pattern, and how long it is without a rest."""
    pattern = log_of(parts).segments
    return trip_of(pattern), pattern[-1].end_s - pattern[0].start_s


class TestWhatIf:
    def test_what_fits_is_allowed_and_says_what_is_left(self):
        found = at(12, duty(0, "OFF"), duty(10, "ON"))
        answer = asked(found, 6, 1)
        assert answer.allowed is True
        assert answer.ends_s == MIDNIGHT_S + 19 * H
        assert (answer.after.driving_s, answer.after.window_s) == (5 * H, 5 * H)
        assert (answer.binding.limit.rule, answer.binding.left_s) == ("break_30min_8h", 2 * H)
        assert answer.legal_from_s == found.at_s
        assert "2 h would be left" in reasons(found, answer)[0].text

    def test_what_does_not_fit_names_the_limit_and_when_it_would(self):
        found = at(12, duty(0, "OFF"), duty(2, "ON"))
        answer = asked(found, 6)
        assert answer.allowed is False
        assert answer.binding.limit.rule == "window_14h"
        assert (answer.binding.left_s, answer.binding.at_s) == (-2 * H, MIDNIGHT_S + 16 * H)
        assert answer.legal_from_s == MIDNIGHT_S + 22 * H
        # Driving to the end of the window, ten hours of rest, two hours more.
        assert answer.completes_s == MIDNIGHT_S + 28 * H
        first = reasons(found, answer)[0]
        assert first.citation == "49 CFR 395.3(a)(2)"
        assert "Mon 10:00 CST" in first.text
        assert "2 h beyond" in first.text

    def test_the_pause_that_is_due_is_part_of_the_trip(self):
        answer = asked(at(12, duty(0, "OFF"), duty(11, "D")), 10)
        assert answer.allowed is True
        assert [each.activity for each in answer.segments] == ["D", "OFF", "D"]
        assert answer.ends_s == MIDNIGHT_S + int(22.5 * H)
        assert answer.after.driving_s == 0

    def test_more_than_a_day_of_driving_is_never_legal_without_a_rest(self):
        answer = asked(at(12, duty(0, "OFF")), 12)
        assert (answer.allowed, answer.legal_from_s) == (False, None)
        # The rest that is due anyway is taken where the pause is due: that saves the pause.
        assert answer.completes_s == MIDNIGHT_S + (12 + 8 + 10 + 4) * H

    @pytest.mark.parametrize("drive_h", [0.0, 5.0, 9.0, 14.0, 26.0])
    @pytest.mark.parametrize("worked", [0.0, 3.0, 7.5])
    def test_its_answers_pass_the_audit(self, drive_h, worked):
        found = at(20, duty(0, "OFF"), duty(20 - worked, "D"))
        answer = asked(found, drive_h, 1.0)
        rules, log = found.driver.rules, found.log.timeline("America/Chicago")
        assert (answer.allowed is True) == (not audit(gone_on(log, answer.segments), rules))
        if answer.legal_from_s is not None:
            start = (answer.legal_from_s - MIDNIGHT_S) / H
            assert asked(found, drive_h, 1.0, start).allowed is True
            if answer.legal_from_s > found.at_s:
                assert asked(found, drive_h, 1.0, start - 1 / 60).allowed is False
        trip = Trip(int(drive_h * H), H)
        done = with_late_rests(log, trip.stops, rules)
        assert audit(gone_on(log, done), rules) == []
        assert sum(e - s for a, s, e in done if a == "D") == int(drive_h * H)

    @settings(max_examples=60, deadline=None)
    @given(DAYS, JOURNEYS)
    def test_its_end_is_legal_and_never_later_than_with_each_rest_as_late_as_it_may_be(
        self, days, tour
    ):
        log, (trip, whole) = log_of(days), trip_over(tour)
        late = with_late_rests(log, trip.stops, US_70_8)
        found = trip.completes_s(log, US_70_8)
        if late is None:
            return
        assert found <= late[-1].end_s
        assert found >= log.ends_s + whole
        before = len(audit(log, US_70_8))
        assert len(audit(gone_on(log, late), US_70_8)) == before
        exact = planned_route(trip.stops, clocks_of_log(log), PlanOptions())
        segments = late if exact.completes_s > found - log.ends_s else exact.duty_log(
            start_s=log.ends_s
        )  # fmt: skip
        assert segments[-1].end_s == found
        assert len(audit(gone_on(log, segments), US_70_8)) == before

    def test_of_a_rule_set_for_which_no_plan_is_made_rests_are_as_late_as_they_may_be(self):
        canada = ruleset("CA_SOUTH_CYCLE_1")
        log = log_of([("OFF", 10)])
        trip = Trip(14 * H, H)
        late = with_late_rests(log, trip.stops, canada)
        assert trip.completes_s(log, canada) == late[-1].end_s
        assert audit(gone_on(log, late), canada) == []

    def test_a_load_is_driven_in_the_order_of_its_duty(self):
        pattern = [
            Segment("OFF", -H, 0), Segment("ON", 0, H), Segment("D", H, 5 * H),
            Segment("OFF", 5 * H, 6 * H), Segment("D", 6 * H, 8 * H), Segment("ON", 8 * H, 9 * H),
            Segment("D", 9 * H, 10 * H), Segment("OFF", 10 * H, 20 * H),
        ]  # fmt: skip
        assert trip_of(pattern).stops == [
            PlanStop(0, H), PlanStop(6 * H, H), PlanStop(H, 0)
        ]  # fmt: skip

    def test_of_whom_nothing_is_known_nothing_is_allowed_or_refused(self):
        found = at(12)
        answer = asked(found, 6)
        assert answer.allowed is None
        assert answer.after.driving_s == 5 * H
        assert "nothing is known" in reasons(found, answer)[-1].text

    def test_a_short_log_is_said_to_be_short(self):
        found = at(12, duty(0, "OFF"))
        told = [each.text for each in reasons(found, asked(found, 1))]
        assert any("the log begins Sun 18:00 CST" in each for each in told)

    def test_a_light_vehicle_is_outside_of_the_rules(self):
        found = at(12, duty(0, "D"))
        light = coverage_of(network(), ["cargo_van"])
        answer = what_if(found, Trip(9 * H, 0), found.at_s, light)
        assert (answer.allowed, answer.binding) == (True, None)
        told = reasons(found, answer)
        assert [each.citation for each in told] == [light.citation, "49 CFR 395.2"]

    def test_until_it_begins_the_driver_works_as_planned(self):
        found = at(19, duty(0, "OFF"), view=plan(*OF_L1))
        answer = asked(found, 5, start=28)
        assert answer.before.driving_s == 4 * H
        assert answer.allowed is False
        assert asked(found, 4, start=28).allowed is True

    def test_other_planned_work_is_a_clash(self):
        found = at(12, duty(0, "OFF"), view=plan(*OF_L1))
        answer = asked(found, 7.75)
        assert answer.allowed is True
        assert (answer.clashes[0].load_id, answer.spoiled) == ("L1", ())
        assert "planned for L1 from Mon 13:30 CST" in reasons(found, answer)[1].text

    def test_what_it_makes_illegal_of_later_duties_is_told(self):
        found = at(12, duty(0, "OFF"), view=plan(*OF_L1))
        answer = asked(found, 6)
        assert (answer.allowed, answer.clashes) == (True, ())
        assert {each.rule for each in answer.spoiled} == {"driving_11h", "window_14h"}

    def test_a_load_is_its_planned_duty_and_its_own_driver_is_not_asked_twice(self):
        found = at(12, duty(0, "OFF"), view=plan(*OF_L1))
        load = load_trip(Present(), plan(*OF_L1), hour(12), "L1", "ANN")
        assert (load.trip.drive_s, load.trip.work_s) == (7 * H, H)
        assert load.begins_s == MIDNIGHT_S + int(19.5 * H)
        answer = what_if(found, load.trip, load.begins_s, TRUCK)
        assert (answer.allowed, answer.clashes, answer.spoiled) == (True, (), ())

    def test_a_load_that_is_held_begins_later(self):
        held = event(
            "command_hold_departure", 12, load_id="L1", until=hour(22).isoformat(), by="ann"
        )
        present = Present.of(folded({**held, "source": "desk"}))
        load = load_trip(present, plan(*OF_L1), hour(12), "L1", "BOB")
        assert load.begins_s == MIDNIGHT_S + int(21.5 * H)

    def test_a_load_without_a_duty_is_judged_by_its_miles(self):
        load = load_trip(Present(), plan(), hour(12), "L2", "ANN")
        assert (load.trip.drive_s, load.assumption) == (8 * H, "400 miles at 50 mph")

    def test_a_load_that_nobody_knows_is_not_there(self):
        with pytest.raises(NotFoundError):
            load_trip(Present(), plan(), hour(12), "L9", "ANN")


class TestRecords:
    def test_a_day_has_its_hours_on_four_lines(self):
        told = [duty(0, "OFF"), duty(6, "ON"), duty(7, "D"), duty(10, "PC"), duty(12, "SB")]
        found = at(15, *told)
        today, yesterday = log_days(found.log.past, found.driver.timezone, found.at_s, 8)[:2]
        assert today.date == dt.date(2026, 11, 30)
        assert today.totals_s == {"OFF": 2 * H, "SB": 3 * H, "D": 3 * H, "ON": H}
        assert yesterday.totals_s == {"OFF": 6 * H, "SB": 0, "D": 0, "ON": 0}

    def test_a_day_on_which_clocks_change_is_as_long_as_it_is(self):
        end = int(dt.datetime(2026, 11, 2, tzinfo=dt.UTC).timestamp())
        days = log_days([], "America/Chicago", end, 3)
        assert [(each.ends_s - each.starts_s) / H for each in days] == [25, 24, 24]

    def test_remarks_know_where_a_load_leaves_and_comes_to(self):
        told = [
            duty(19.5, "ON", load_id="L1"), duty(20, "D", load_id="L1"), duty(23, "OFF"),
            duty(23.5, "D", load_id="L1"), duty(27.5, "ON", load_id="L1"),
            event("load_departed", 20, load_id="L1"), event("load_arrived", 27.5, load_id="L1"),
        ]  # fmt: skip
        found = at(28, *told)
        where = places(Present.of(folded(*told)), plan(), found)
        assert [where.get(each) for each in found.log.past] == ["MEM", "MEM", None, None, "DAL"]

    def test_planned_duties_are_judged_after_what_was_done(self):
        view = plan(*OF_L1, ("ANN", "L2", "D", 40, 44))
        rested, tired = at(19, duty(0, "OFF"), view=view), at(19, duty(10, "ON"), view=view)
        assert [bool(each.broken) for each in planned_duties(rested)] == [False, False]
        first, second = planned_duties(tired)
        assert {each.rule for each in first.broken} == {"window_14h"}
        assert (first.load_ids, first.drive_s, second.broken) == (("L1",), 7 * H, ())
        assert planned_duties(at(19, view=view))[0].broken is None
