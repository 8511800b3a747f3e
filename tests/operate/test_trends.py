"""How the figures came to what they are: the last point is the figure of now."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operate_story import event, folded, frame, hour, journey, plan

from crossdock.operate.cases import Cases
from crossdock.operate.figures import figures, next_cutoff
from crossdock.operate.present import Present
from crossdock.operate.trends import begins_at, trends

PARCELS = ("P1", "P2", "P3")
STRETCHES = ("P1", "P2", "P3", "P4")


def present_of(*events: dict, at: float) -> Present:
    """What is known at an hour."""
    known = Present.of(folded(*events))
    return known.with_found(known.look_around(plan(*PARCELS), hour(at)))[0]


def values(*events: dict, cases: Cases, hours: list[float]) -> dict[str, list[float | None]]:
    present = present_of(*events, at=hours[-1])
    found = trends(present, plan(*PARCELS), cases, [hour(each) for each in hours])
    return {row["name"]: row["values"] for row in found}


def acted(exception_id: str, kind: str, version: int, at: float) -> dict:
    told = event(kind, at, case_id=exception_id, version=version, by="Ann")
    return told | {"source": "desk"}


LIVES = st.lists(
    st.tuples(
        st.sampled_from(STRETCHES),
        st.sampled_from(["picked_up", "arrived_facility", "departed_facility", "attempt_failed",
                         "damaged", "delivered", "lost", "returned"]),
        st.integers(10, 90),
    ),
    min_size=1, max_size=14,
)  # fmt: skip
LOADS = st.lists(
    st.tuples(
        st.sampled_from(["L1", "L2"]),
        st.sampled_from(["load_departed", "load_arrived", "load_cancelled"]),
        st.integers(20, 60),
    ),
    max_size=5,
)


@settings(max_examples=20)
@given(LIVES, LOADS, st.lists(st.integers(20, 95), max_size=4))
def test_the_last_point_is_the_figure_of_now(lives, loads, acts):
    told = [event(kind, at, parcel_id=parcel, facility_id="LAX") for parcel, kind, at in lives]
    told += [event(kind, at, load_id=load, facility_id="LAX") for load, kind, at in loads]
    now = 96.0
    present = present_of(*told, at=now)
    ids = present.standing_exceptions["exception_id"].sort().to_list()
    cases = Cases()
    for number, at in enumerate(sorted(acts)):
        if ids:
            each = ids[number % len(ids)]
            version = cases.of(each).version + 1
            cases = cases.after(frame(acted(each, "case_acknowledged", version, at)))
    found = values(*told, cases=cases, hours=[30.0, 60.0, now])
    said = {row["name"]: row["value"] for row in figures(present, plan(*PARCELS), cases, hour(now))}
    assert {name: series[-1] for name, series in found.items()} == pytest.approx(
        {name: said[name] for name in found}
    )


def test_a_point_tells_what_had_happened_by_then_however_late_it_was_told():
    told = journey("P1")
    told[-1] = event("delivered", 64, received=90, route_id="R1", parcel_id="P1")
    found = values(*told, cases=Cases(), hours=[9, 11, 63, 64, 91])
    assert found["delivered"] == [0, 0, 0, 1, 1]
    assert found["under_way"] == [0, 1, 1, 0, 0]
    assert found["on_time"] == [None, None, None, 1.0, 1.0]
    assert begins_at(present_of(*told, at=91)) == hour(10)
    assert begins_at(Present()) is None


def test_an_exception_counts_from_its_opening_to_its_end_and_is_untouched_until_somebody_acts():
    failed = event("attempt_failed", 62, parcel_id="P1", facility_id="DAL", reason="nobody home")
    told = [*journey("P1")[:-1], failed, event("delivered", 70, parcel_id="P1", route_id="R1")]
    known = Present.of(folded(*told))
    present, _ = known.with_found(known.look_around(plan("P1"), hour(72)))
    (one,) = present.standing_exceptions.to_dicts()
    assert (one["kind"], one["opened_at"], one["closed_at"]) == (
        "attempt_failed", hour(62), hour(70),
    )  # fmt: skip
    cases = Cases().after(frame(acted(one["exception_id"], "case_owned", 1, 65)))
    found = trends(present, plan("P1"), cases, [hour(each) for each in (61, 63, 66, 71)])
    by_name = {row["name"]: row["values"] for row in found}
    assert by_name["exceptions_open"] == [0, 1, 1, 0]
    assert by_name["exceptions_untouched"] == [0, 1, 0, 0]


def test_loads_roll_between_leaving_and_coming_in_and_use_the_space_that_is_paid_for():
    told = [
        event("load_departed", 24, load_id="L1", facility_id="LAX"),
        event("load_arrived", 32, load_id="L1", facility_id="PHX"),
        event("load_departed", 36, load_id="L2", facility_id="PHX"),
    ]
    known = plan("P1")
    loads = known.loads.with_columns(
        volume_m3=pl.Series([6.0, 30.0]), cube_share=pl.Series([0.1, 0.6])
    )
    wide = plan("P1", loads=loads)
    present = Present.of(folded(*told))
    found = trends(present, wide, Cases(), [hour(each) for each in (20, 25, 33, 40)])
    by_name = {row["name"]: row["values"] for row in found}
    assert by_name["loads_rolling"] == [0.0, 0.5, 0.0, 0.5]
    assert by_name["utilisation"] == pytest.approx([None, 0.1, 0.1, 36 / 110])
    said = {row["name"]: row["value"] for row in figures(present, wide, Cases(), hour(40))}
    assert said["utilisation"] == pytest.approx(36 / 110)


def test_what_comes_next_is_a_cut_off_or_a_departure_that_has_not_been():
    left = [event("load_departed", 24, load_id="L1", facility_id="LAX")]
    present = Present.of(folded(*left))

    def coming(hours: float) -> tuple[str, str, float] | None:
        row = next_cutoff(present, plan("P1"), hour(hours))
        if row is None:
            return None
        return row["what"], row["facility_id"], (row["at"] - hour(0)).total_seconds() / 3_600

    assert coming(20) == ("inbound_cutoff", "PHX", 33.0)  # L1 left: its departure is no more
    assert coming(34) == ("departure", "PHX", 36.0)
    assert coming(36) == ("inbound_cutoff", "PHX", 45.0)
    assert coming(60) is None
