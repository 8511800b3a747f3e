"""The board of a facility: what leaves, who is on it, who is not ready, and whether to wait."""

from __future__ import annotations

import datetime as dt
import random

import polars as pl
import pytest
from operate_story import event, frame, hour

from crossdock.model import Network
from crossdock.model.tables import DUTIES, LEGS, LOADS, WAVES, conform
from crossdock.operate.board import ARRIVALS, BOARD_WAVES, DEPARTURES, board
from crossdock.operate.board.advice import Standing, advise
from crossdock.operate.commands import Means
from crossdock.operate.fleet import hours_of, roster
from crossdock.operate.folded import Folded
from crossdock.operate.present import Present
from crossdock.operate.tracking import PlanView

MINUTE = 1 / 60
NO_FILES = Network.of({})
NOW = 35.5
"""L2 leaves MEM for DAL at hour 36; the wave that takes what came by hour 35 is ready at 36:12."""


def plan(**tables: pl.DataFrame) -> PlanView:
    """Ten parcels from LAX (L1) and MEM itself over MEM to DAL (L2), half of the space of L2."""
    ids = [f"P{number}" for number in range(10)]
    parcels = pl.DataFrame({"parcel_id": ids, "destination_facility_id": "DAL", "volume_m3": 0.5})
    loads = pl.DataFrame(
        {
            "load_id": ["L1", "L2", "L3", "L9"],
            "kind": ["loaded", "loaded", "empty", "bought"],
            "from": ["LAX", "MEM", "MEM", "MEM"],
            "to": ["MEM", "DAL", "LAX", "ATL"],
            "departs_at": [hour(24), hour(36), hour(37), hour(60)],
            "arrives_at": [hour(34), hour(44), hour(47), hour(70)],
            "carrier_id": ["own", "own", "own", "swift"],
            "vehicle_type": "53ft",
            "units": 1,
            "parcels": [5, 10, 0, 20],
            "volume_m3": [2.5, 5.0, 0.0, 40.0],
            "cube_share": [0.25, 0.5, 0.0, 0.5],
            "driver_ids": ["D1;D2", "D3", None, None],
        },
        strict=False,
    )
    legs = pl.concat(
        [
            pl.DataFrame(
                {"parcel_id": ids[:5], "seq": [1] * 5, "load_id": "L1", "from": "LAX", "to": "MEM"}
            ),
            pl.DataFrame(
                {"parcel_id": ids, "seq": [2] * 5 + [1] * 5, "load_id": "L2", "from": "MEM",
                 "to": "DAL"}
            ),
        ]
    )  # fmt: skip
    waves = pl.DataFrame(
        {
            "facility_id": ["MEM", "MEM", "DAL"],
            "wave": ["day", "night", "day"],
            "inbound_cutoff_at": [hour(30), hour(35), hour(46)],
            "starts_at": [hour(30), hour(35), hour(46)],
            "ends_at": [hour(32), hour(36), hour(48)],
            "ready_at": [hour(32.2), hour(36.2), hour(48.2)],
            "capacity_parcels": 1_000.0,
        }
    )
    known = {
        "parcels": parcels,
        "loads": conform(loads, LOADS),
        "legs": conform(legs, LEGS),
        "waves": conform(waves, WAVES),
    }
    return PlanView.of({**known, **tables})


def at_mem(at: float, *numbers: int) -> list[dict]:
    """Parcels that came to MEM."""
    return [
        event("arrived_facility", at, parcel_id=f"P{number}", facility_id="MEM")
        for number in numbers
    ]


DAY_SORTED = [*at_mem(29, 5, 6, 7, 8, 9), event("wave_ended", 32, facility_id="MEM", wave="day")]
NIGHT = at_mem(34.5, 0, 1, 2, 3, 4)
STORY = [*DAY_SORTED, *NIGHT]


def present(*told: dict) -> Present:
    return Present.of(Folded().after(frame(*told))) if told else Present()


def shown(
    *told: dict,
    at: float = NOW,
    view: PlanView | None = None,
    net: Network | None = None,
    hours: float = 6.0,
):
    return board(present(*told), view or plan(), net or NO_FILES, "MEM", hour(at), hours=hours)


def departure(
    load_id: str,
    *told: dict,
    at: float = NOW,
    view: PlanView | None = None,
    net: Network | None = None,
) -> dict:
    rows = shown(*told, at=at, view=view, net=net).departures.filter(pl.col("load_id") == load_id)
    return rows.row(0, named=True)


def hold(load_id: str, until: object, at: float, source: str = "desk") -> dict:
    told = event("command_hold_departure", at, load_id=load_id, until=until, by="ann")
    return {**told, "source": source}


class TestWhatIsOnTheBoard:
    def test_a_board_of_nothing_is_empty_and_whole(self):
        found = board(Present(), PlanView.of({}), NO_FILES, "MEM", hour(0))
        assert dict(found.departures.schema) == dict(DEPARTURES)
        assert dict(found.arrivals.schema) == dict(ARRIVALS)
        assert dict(found.waves.schema) == dict(BOARD_WAVES)
        assert (found.departures.height, found.arrivals.height, found.queue) == (0, 0, None)

    def test_it_shows_the_next_hours_and_the_last_one(self):
        assert shown(*STORY).departures["load_id"].to_list() == ["L2", "L3"]
        assert shown(*STORY, hours=1).departures["load_id"].to_list() == ["L2"]
        left = event("load_departed", 36, load_id="L2")
        assert "L2" in shown(*STORY, left, at=36.9).departures["load_id"]
        assert "L2" not in shown(*STORY, left, at=37.1).departures["load_id"]

    def test_what_should_have_left_stays_until_somebody_tells(self):
        row = departure("L2", *STORY, at=40)
        assert (row["state"], row["leaves_at"], row["departed_at"]) == ("planned", hour(36), None)
        # Leaving now at the earliest, it comes as much later.
        assert row["comes_at"] == hour(48)
        assert row["slack_s"] == -2 * 3600

    def test_it_asks_only_what_concerns_the_facility(self):
        found = board(present(*STORY), plan(), NO_FILES, "ATL", hour(NOW))
        assert found.departures.is_empty()
        assert found.queue is None


class TestWhoIsOnIt:
    def test_ready_in_sort_and_to_come_are_told_apart(self):
        row = departure("L2", *DAY_SORTED, *at_mem(34.5, 0, 1))
        assert (row["planned"], row["ready"], row["in_sort"], row["to_come"]) == (10, 5, 2, 3)
        assert (row["planned_share"], row["now_share"]) == (0.5, 0.25)
        assert (row["planned_m3"], row["now_m3"], row["space_m3"]) == (5.0, 2.5, 10.0)

    def test_a_parcel_that_came_after_the_cutoff_is_not_sorted_by_the_end_of_that_wave(self):
        late = at_mem(31, 4)
        row = departure("L2", *DAY_SORTED, *late, at=33)
        assert (row["ready"], row["in_sort"]) == (5, 1)
        found = shown(*DAY_SORTED, *late, at=33)
        assert (found.queue["for_sort"], found.queue["present"]) == (1, 6)

    def test_held_lost_and_rerouted_parcels_are_not_waited_for(self):
        told = [
            *STORY,
            event("held", 35, parcel_id="P5", facility_id="MEM"),
            event("lost", 35, parcel_id="P6"),
            event("departed_facility", 35, parcel_id="P7", facility_id="MEM", load_id="L8"),
        ]
        row = departure("L2", *told)
        assert (row["ready"], row["in_sort"], row["stopped"], row["gone"]) == (2, 5, 1, 2)

    def test_once_it_left_it_holds_who_was_scanned_and_says_who_was_left(self):
        rode = [
            event("departed_facility", 36, parcel_id=f"P{n}", facility_id="MEM", load_id="L2")
            for n in (5, 6, 7, 8)
        ]
        row = departure("L2", *STORY, *rode, event("load_departed", 36.1, load_id="L2"), at=36.5)
        assert (row["state"], row["departed_at"], row["late_s"]) == ("departed", hour(36.1), 360)
        assert (row["loaded"], row["ready"], row["in_sort"]) == (4, 1, 5)
        assert row["now_share"] == pytest.approx(0.2)
        assert (row["advice"]["action"], row["advice"]["reason"]) == (
            "none", "left 6 parcels behind"
        )  # fmt: skip

    def test_a_driver_has_the_hours_that_the_law_leaves(self):
        duty = event("duty_changed", 34, driver_id="D3", activity="ON")
        duties = pl.DataFrame(
            {
                "driver_id": ["D3"] * 4, "load_id": ["L2"] * 4, "activity": ["ON", "D", "OFF", "D"],
                "starts_at": [hour(35.5), hour(36), hour(42), hour(52)],
                "ends_at": [hour(36), hour(42), hour(52), hour(54)],
            }
        )  # fmt: skip
        view = plan(duties=conform(duties, DUTIES))
        (driver,) = departure("L2", *STORY, duty, view=view)["drivers"]
        # 1.5 of 14 hours are over, 11 are to be driven; 6 of the plan before the rest of 10.
        assert driver == {
            "driver_id": "D3", "activity": "ON", "driving_left_h": 11.0, "drive_now_h": 8.0,
            "to_drive_h": 6.0,
        }  # fmt: skip

    def test_of_a_driver_who_rests_the_hours_count_at_the_departure(self):
        worked = [
            event("duty_changed", 15, driver_id="D3", activity="D"),
            event("duty_changed", 26, driver_id="D3", activity="OFF"),
        ]
        (driver,) = departure("L2", *STORY, *worked)["drivers"]
        assert (driver["activity"], driver["driving_left_h"]) == ("OFF", 11.0)

    def test_of_a_driver_nobody_told_of_nothing_is_known(self):
        (driver,) = departure("L2", *STORY)["drivers"]
        assert driver["driver_id"] == "D3"
        assert {driver[name] for name in driver if name != "driver_id"} == {None}

    @pytest.mark.parametrize("resting", [False, True])
    def test_the_hours_are_those_of_the_fleet(self, resting):
        """66 h of work in the days before: of 70 less is left than of 11 and 14."""
        days = [
            ("D3", status, hour(start - 24 * day), hour(end - 24 * day))
            for day in range(6)
            for status, start, end in (("ON", 0, 11), ("OFF", 11, 24))
        ]
        net = Network.of(
            {
                "facilities": pl.DataFrame({"facility_id": "MEM", "timezone": "America/Chicago"}),
                "drivers": pl.DataFrame(
                    {"driver_id": "D3", "carrier_id": "own", "domicile_facility_id": "MEM",
                     "kind": "linehaul"}
                ),
                "duty_log": pl.DataFrame(
                    days, schema=["driver_id", "status", "from", "to"], orient="row"
                ),
            }
        )  # fmt: skip
        told = [*STORY, event("duty_changed", 34.5, driver_id="D3", activity="ON")]
        if resting:
            told.append(event("duty_changed", 35, driver_id="D3", activity="SB"))
        (driver,) = departure("L2", *told, net=net)["drivers"]
        now, means = present(*told), Means(network=net)
        (found,) = hours_of(now, plan(), means, roster(now, plan(), means, driver_ids=["D3"]),
                            hour(NOW))  # fmt: skip
        assert found.clocks is not None
        assert driver["activity"] == ("SB" if resting else "ON")
        assert driver["drive_now_h"] * 3600 == found.clocks.drive_now_s
        assert driver["driving_left_h"] == (3.5 if resting else 3.0)


class TestHeldCancelledAddedDelayed:
    @pytest.mark.parametrize("until", [hour(36.5).isoformat(), int(hour(36.5).timestamp())])
    def test_a_hold_moves_the_departure_and_the_arrival(self, until):
        row = departure("L2", *STORY, hold("L2", until, 35.4))
        assert (row["state"], row["held_until"], row["held_by"]) == ("held", hour(36.5), "ann")
        assert (row["departs_at"], row["leaves_at"]) == (hour(36), hour(36.5))
        assert (row["late_s"], row["comes_at"]) == (1800, hour(44.5))

    def test_the_newest_hold_counts_and_one_until_the_plan_releases(self):
        first, second = hold("L2", hour(38).isoformat(), 35), hold("L2", hour(36).isoformat(), 35.2)
        row = departure("L2", *STORY, second, first)
        assert (row["state"], row["leaves_at"]) == ("planned", hour(36))

    def test_a_hold_that_is_over_holds_no_more(self):
        row = departure("L2", *STORY, hold("L2", hour(36.2).isoformat(), 35), at=36.4)
        assert (row["state"], row["leaves_at"]) == ("planned", hour(36.2))

    def test_what_others_call_a_hold_of_the_desk_is_none(self):
        row = departure("L2", *STORY, hold("L2", hour(38).isoformat(), 35, source="scanner"))
        assert row["state"] == "planned"

    def test_a_cancelled_load_is_shown_with_who_needs_another_way(self):
        row = departure("L2", *STORY, event("load_cancelled", 35, load_id="L2"))
        assert (row["state"], row["advice"]["action"]) == ("cancelled", "none")
        assert row["advice"]["reason"] == "cancelled; 10 parcels need another way"
        by_desk = event("command_cancel_load", 35, load_id="L2", by="ann") | {"source": "desk"}
        assert departure("L2", *STORY, by_desk)["state"] == "cancelled"

    @pytest.mark.parametrize("as_told", [lambda at: int(at.timestamp()), dt.datetime.isoformat])
    def test_a_load_that_was_bought_later_is_on_the_board(self, as_told):
        added = event(
            "load_added", 35, load_id="L-EXTRA", from_="MEM", to="ATL", kind_="pooled",
            carrier_id="swift", vehicle_type="pallet", units=2, driver_mode="solo", miles=390.2,
            departs_at=as_told(hour(38)), arrives_at=as_told(hour(46)), volume_m3=6.5,
            weight_kg=900.0,
        )  # fmt: skip
        row = departure("L-EXTRA", *STORY, added)
        assert (row["added"], row["state"], row["kind"], row["units"]) == (
            True, "planned", "pooled", 2
        )  # fmt: skip
        assert (row["departs_at"], row["comes_at"], row["to"]) == (hour(38), hour(46), "ATL")
        assert (row["space_m3"], row["planned"], row["carrier_id"]) == (6.5, 0, "swift")
        assert row["advice"]["reason"] == "no parcel is planned on it"

    def test_a_load_that_the_desk_bought_is_there_once_as_it_was_bought(self):
        asked = event(
            "command_add_load", 35, load_id="L-ADDED", from_="MEM", to="ATL", volume_m3=6.5,
            departs_at=hour(37).isoformat(), arrives_at=hour(45).isoformat(), carrier_id="swift",
        ) | {"source": "desk"}  # fmt: skip
        row = departure("L-ADDED", *STORY, asked)
        assert (row["added"], row["departs_at"], row["space_m3"]) == (True, hour(37), 6.5)
        # Who has it bought may tell of another departure, and that clock may be behind.
        bought = event(
            "load_added", 34.9, load_id="L-ADDED", from_="MEM", to="ATL",
            departs_at=int(hour(38).timestamp()), arrives_at=int(hour(46).timestamp()),
        )  # fmt: skip
        row = departure("L-ADDED", *STORY, asked, bought)
        assert (row["departs_at"], row["comes_at"]) == (hour(38), hour(46))
        assert (row["space_m3"], row["carrier_id"]) == (6.5, "swift")
        stranger = asked | {"source": "anybody"}
        assert "L-ADDED" not in shown(*STORY, stranger).departures["load_id"]

    def test_a_load_that_was_sent_elsewhere_is_on_the_board_of_where_it_goes(self):
        left = event("load_departed", 26, load_id="L1")
        sent = event(
            "command_divert", 30, load_id="L1", to="ATL", arrives_at=hour(36).isoformat()
        ) | {"source": "desk"}  # fmt: skip
        now = present(left, sent)
        there = board(now, plan(), NO_FILES, "ATL", hour(33)).arrivals
        there = there.filter(pl.col("load_id") == "L1")
        assert there.select("from", "state", "comes_at").row(0) == ("LAX", "rolling", hour(36))
        assert "L1" not in board(now, plan(), NO_FILES, "MEM", hour(33)).arrivals["load_id"]

    @pytest.mark.parametrize("as_told", [lambda at: int(at.timestamp()), dt.datetime.isoformat])
    def test_a_delay_is_told_as_a_new_arrival_and_moves_the_departure(self, as_told):
        late = event("load_delayed", 35, load_id="L2", expected_at=as_told(hour(45.5)))
        row = departure("L2", *STORY, late)
        assert (row["state"], row["leaves_at"], row["comes_at"]) == (
            "planned", hour(37.5), hour(45.5)
        )  # fmt: skip
        assert row["slack_s"] == 1800


class TestDoors:
    def test_trailers_that_stand_together_have_doors_of_their_own(self):
        rows = shown(*STORY).departures.select("load_id", "door").rows()
        assert rows == [("L2", 1), ("L3", 2)]

    def test_a_load_that_comes_or_is_held_moves_no_other(self):
        before = dict(shown(*STORY).departures.select("load_id", "door").rows())
        added = event(
            "load_added", 35, load_id="L0", from_="MEM", to="ATL",
            departs_at=int(hour(36.5).timestamp()), arrives_at=int(hour(46).timestamp()),
        )  # fmt: skip
        told = [added, hold("L2", hour(37).isoformat(), 35.3)]
        after = dict(shown(*STORY, *told).departures.select("load_id", "door").rows())
        assert after == {**before, "L0": 3}


class TestArrivals:
    def test_what_comes_says_when_and_how_late_against_the_cutoff(self):
        told = [
            event("load_departed", 25.5, load_id="L1"),
            *(
                event("departed_facility", 25.5, parcel_id=f"P{n}", facility_id="LAX", load_id="L1")
                for n in range(4)
            ),
        ]
        (row,) = shown(*told, at=33).arrivals.to_dicts()
        assert (row["load_id"], row["from"], row["state"]) == ("L1", "LAX", "rolling")
        assert (row["parcels"], row["late_s"], row["comes_at"]) == (4, 5400, hour(35.5))
        # It was to meet the wave of hour 35.
        assert (row["cutoff_at"], row["slack_s"]) == (hour(35), -1800)

    def test_who_comes_with_a_late_load_is_ready_after_the_wave_it_meets(self):
        told = [
            *DAY_SORTED,
            event("load_departed", 24.5, load_id="L1"),
            *(
                event("departed_facility", 24.5, parcel_id=f"P{n}", facility_id="LAX", load_id="L1")
                for n in range(5)
            ),
        ]
        row = departure("L2", *told, at=33)
        # It comes at 34.5, in time for the wave that is ready 12 minutes after the departure.
        assert (row["to_come"], row["advice"]["action"], row["advice"]["saves"]) == (5, "hold", 5)

    def test_it_is_gone_an_hour_after_it_came(self):
        told = [event("load_departed", 24, load_id="L1"), event("load_arrived", 34, load_id="L1")]
        assert shown(*told, at=34.5).arrivals["state"].to_list() == ["arrived"]
        assert shown(*told, at=35.1).arrivals.is_empty()


class TestWaves:
    def test_they_count_down_and_say_who_waits(self):
        rows = {row["wave"]: row for row in shown(*STORY, at=34.6).waves.to_dicts()}
        assert set(rows) == {"night"}
        assert (rows["night"]["state"], rows["night"]["waiting"]) == ("planned", 5)
        assert rows["night"]["inbound_cutoff_at"] == hour(35)

    def test_they_begin_and_end_as_it_is_told(self):
        begun = event("wave_started", 35, facility_id="MEM", wave="night")
        ended = event("wave_ended", 36.1, facility_id="MEM", wave="night", sorted=3, left=2)
        (row,) = shown(*STORY, begun, at=35.5).waves.to_dicts()
        assert row["state"] == "sorting"
        (row,) = shown(*STORY, begun, ended, at=36.2).waves.to_dicts()
        assert (row["state"], row["left"], row["waiting"]) == ("ended", 2, 0)


class TestAdvice:
    def test_a_hold_that_saves_who_is_still_in_sort(self):
        advice = departure("L2", *STORY)["advice"]
        assert advice == {
            "action": "hold",
            "hold_min": 15,
            "saves": 5,
            "reason": "5 of 10 parcels still in sort, ready 12 min after departure: "
            "hold 15 min saves 5",
        }

    def test_nobody_is_waited_for_once_the_wave_has_ended(self):
        ended = event("wave_ended", 35.4, facility_id="MEM", wave="night")
        advice = departure("L2", *STORY, ended)["advice"]
        assert (advice["action"], advice["reason"]) == ("go", "nobody is waited for")

    def test_a_hold_that_saves_somebody_stands_and_one_that_does_not_is_released(self):
        good = departure("L2", *STORY, hold("L2", hour(36.5).isoformat(), 35))["advice"]
        assert (good["action"], good["saves"]) == ("hold", 5)
        assert good["reason"] == "held for 5 of 10 parcels, ready 18 min before it leaves"
        ended = event("wave_ended", 35.4, facility_id="MEM", wave="night")
        idle = departure("L2", *STORY, ended, hold("L2", hour(36.5).isoformat(), 35))["advice"]
        assert idle["action"] == "go"

    def test_a_hold_that_misses_the_next_cutoff_is_not_advised(self):
        late = event("load_delayed", 35, load_id="L2", expected_at=hour(45.9).isoformat())
        told = [*STORY, late, hold("L2", hour(36).isoformat(), 34)]
        # It leaves at 37.9 now, when all are ready: nothing is missed by going.
        assert departure("L2", *told)["advice"]["action"] == "go"
        tight = standing(slack_s=10 * 60)
        assert advise(tight).action == "go"
        assert "misses the cut-off at the other end by 5 min" in advise(tight).reason

    def test_a_hold_that_the_driver_has_no_hours_for_is_not_advised(self):
        short = advise(standing(hours_spare_h=0.1))
        assert short.action == "go"
        assert "more than the 6 min that the driver has to spare" in short.reason
        assert advise(standing(hours_spare_h=0.5)).action == "hold"
        # Who has too few hours without a hold needs another driver, hold or not.
        assert advise(standing(hours_spare_h=-1)).action == "hold"

    def test_a_hold_that_breaks_something_is_to_be_released(self):
        held = advise(standing(held_until=hour(36.5), slack_s=10 * 60))
        assert held.action == "go"
        assert held.reason.endswith("but the hold misses the cut-off at the other end by 20 min")

    def test_of_two_waves_the_one_that_can_still_be_met_is_waited_for(self):
        two = ((hour(36.2), 5), (hour(36.75), 3))
        assert (advise(standing(ready=two)).hold_min, advise(standing(ready=two)).saves) == (45, 8)
        tight = advise(standing(ready=two, slack_s=20 * 60))
        assert (tight.hold_min, tight.saves) == (15, 5)

    def test_who_is_ready_after_an_hour_or_at_no_known_time_is_not_waited_for(self):
        far = advise(standing(ready=((hour(38), 5),)))
        assert (far.action, far.saves) == ("go", 0)
        assert "120 min after departure at the earliest" in far.reason
        unknown = advise(standing(ready=(), in_sort=0, to_come=5))
        assert unknown.reason == (
            "5 of 10 parcels not here yet, and nobody knows when they are ready"
        )


def standing(**more) -> Standing:
    usual = {
        "base_at": hour(36), "held_until": None, "planned": 10, "in_sort": 5, "to_come": 0,
        "ready": ((hour(36.2), 5),), "slack_s": None, "hours_spare_h": None,
    }  # fmt: skip
    return Standing(**{**usual, **more})


def test_a_board_is_the_same_for_any_order_batch_and_number_of_deliveries():
    told = [
        *STORY, hold("L2", hour(36.5).isoformat(), 35), hold("L2", hour(36.4).isoformat(), 35.1),
        event("load_added", 35, load_id="LX", from_="MEM", to="ATL",
              departs_at=hour(38).isoformat(), arrives_at=hour(46).isoformat()),
        event("load_cancelled", 35, load_id="L3"),
    ]  # fmt: skip
    whole = shown(*told)
    for seed in range(5):
        mixed = told * 2
        random.Random(seed).shuffle(mixed)
        folded = Folded()
        for start in range(0, len(mixed), 4):
            folded = folded.after(frame(*mixed[start : start + 4]))
        again = Folded.from_frames(folded.to_frames())
        found = board(Present.of(again), plan(), NO_FILES, "MEM", hour(NOW))
        assert found.departures.equals(whole.departures)
        assert found.waves.equals(whole.waves)
        assert found.queue == whole.queue


@pytest.mark.parametrize(
    "payload",
    ["{", "[]", "7", '{"load_id":7}', '{"load_id":"L2","until":true}',
     '{"load_id":"L2","until":"soon"}', '{"load_id":"L2","until":1e30}',
     '{"load_id":"L2","until":"0001-01-01T00:00:00+14:00"}', None],
)  # fmt: skip
def test_a_command_that_makes_no_sense_holds_nothing(payload):
    odd = {**hold("L2", 0, 35), "payload": payload}
    assert departure("L2", *STORY, odd)["state"] == "planned"
