"""The present, kept up to date batch by batch, is what a fold of everything gives."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from operate_story import event, folded, frame, hour, journey, plan

from crossdock.operate.exceptions import exception_history
from crossdock.operate.present import Present
from crossdock.operate.tracking import parcel_statuses

TOLD = st.builds(
    lambda kind, at, parcel_id, late: event(
        kind, at, received=at + late, parcel_id=parcel_id, facility_id="PHX", load_id="L1"
    ),
    st.sampled_from(
        ["picked_up", "arrived_facility", "departed_facility", "attempt_failed", "missorted",
         "damaged", "delivered", "lost", "returning", "vehicle_down", "load_departed", "strange"]
    ),
    st.integers(0, 100),
    st.sampled_from(["P1", "P2", "P3", None]),
    st.integers(0, 30),
)  # fmt: skip


def everything(told: list[dict], view, at):
    states = folded(*told)
    return (
        parcel_statuses(states.tracking),
        exception_history(states.exceptions, states.tracking, view, at),
    )


@settings(deadline=None, max_examples=16)
@given(
    st.lists(TOLD, min_size=1, max_size=14, unique_by=lambda each: each["source_event_id"]),
    st.integers(1, 5),
    st.integers(1, 6),
    st.integers(20, 300),
    st.randoms(use_true_random=False),
)
def test_looking_at_what_was_touched_finds_what_looking_at_everything_finds(
    told, repeats, size, at, random
):
    """Any order, any number of deliveries, any batch: the same parcels, the same exceptions."""
    view, now = plan("P1", "P2"), hour(at)
    again = told * repeats
    random.shuffle(again)
    present = Present()
    present, _ = present.with_found(present.look_around(view, now))
    for start in range(0, len(again), size):
        present, statuses = present.after(frame(*again[start : start + size]))
        named = statuses["parcel_id"]
        present, _ = present.with_found(present.look_at(named, view, now), among=named)
    parcels, exceptions = everything(told, view, now)
    assert present.parcels.drop("revision").sort("parcel_id").equals(parcels)
    own = pl.col("subject").eq_missing(pl.col("parcel_id"))
    ids = exceptions.filter(own)["exception_id"].sort()
    kept = present.standing_exceptions.filter(own)["exception_id"].sort()
    assert kept.to_list() == ids.to_list()
    present, _ = present.with_found(present.look_around(view, now))
    columns = exceptions.columns
    whole = present.standing_exceptions.select(columns).sort("opened_at", "kind", "subject")
    assert whole.drop("evidence").equals(exceptions.drop("evidence"))


def test_what_is_found_twice_is_told_once():
    view, now = plan(), hour(70)
    present, statuses = Present().after(
        frame(*journey()[:8], event("attempt_failed", 64, parcel_id="P1", route_id="R1"))
    )
    assert statuses["status"].to_list() == ["attempt_failed"]
    present, first = present.with_found(present.look_at(statuses["parcel_id"], view, now))
    again, second = present.with_found(present.look_around(view, now))
    assert first.select("kind", "change").rows() == [("attempt_failed", "opened")]
    assert second.is_empty()
    assert again is present


def test_an_exception_that_a_late_scan_disproves_is_withdrawn():
    """A missort was seen; the scan that tells of another plan comes afterwards."""
    view, now = plan(), hour(30)
    strayed = [*journey()[:4], event("missorted", 26, parcel_id="P1", facility_id="ABQ")]
    present, statuses = Present().after(frame(*strayed))
    among = statuses["parcel_id"]
    present, opened = present.with_found(present.look_at(among, view, now), among=among)
    earlier = event("missorted", 25, received=29, parcel_id="P1", facility_id="ABQ")
    present, _ = present.after(frame(earlier))
    present, changed = present.with_found(present.look_at(among, view, now), among=among)
    assert opened.filter(pl.col("kind") == "missort")["change"].to_list() == ["opened"]
    # The first event is another one now, and so is the exception: one opens, one never was.
    assert sorted(changed["change"]) == ["opened", "withdrawn"]
    assert present.standing_exceptions.filter(pl.col("kind") == "missort").height == 1


def test_what_was_heard_since_a_look_is_not_overwritten_by_it():
    view = plan()
    present, _ = Present().after(frame(*journey()[:5]))
    stale = present.look_around(view, hour(200))
    assert "lost_suspected" in stale["kind"].to_list()
    present, statuses = present.after(frame(*journey()[5:]))
    touched = statuses["parcel_id"]
    present, changed = present.with_found(stale, besides=touched)
    assert changed.is_empty()
    assert present.standing_exceptions.is_empty()


@pytest.mark.parametrize("delivered", [False, True])
def test_what_ends_is_closed(delivered):
    view = plan()
    present, statuses = Present().after(frame(*journey()[:8]))
    among = statuses["parcel_id"]
    present, opened = present.with_found(present.look_around(view, hour(81)))
    assert "late" in opened["kind"].to_list()
    if delivered:
        present, statuses = present.after(frame(event("delivered", 82, parcel_id="P1")))
    present, changed = present.with_found(present.look_at(among, view, hour(83)), among=among)
    closed = changed.filter(pl.col("kind") == "late", pl.col("change") == "closed")
    assert closed.height == (1 if delivered else 0)
