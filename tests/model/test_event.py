"""The vocabulary of events agrees with itself and with the published crosswalk."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from crossdock.model import InvalidValueError
from crossdock.model.event import (
    EVENT_KINDS,
    EVENTS,
    EXCEPTION_KINDS,
    PARCEL_STATUSES,
    TERMINAL_STATUSES,
    TRANSITIONS,
    check_events,
    follows,
)
from crossdock.platform.store.reference_data import data_root

NOON = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)


def codes(name: str) -> pl.DataFrame:
    file = data_root() / "tower" / "codes" / name
    if not file.is_file():
        pytest.skip("CROSSDOCK_DATA has no tower/codes")
    return pl.read_csv(file)


def test_statuses_are_those_of_the_crosswalk():
    published = codes("canonical_status_crosswalk.csv").select(
        "canonical_status", "group", "terminal", "needs_action", "sla_clock"
    )
    assert published.rows() == [
        (s.name, s.group, int(s.terminal), int(s.needs_action), s.sla_clock)
        for s in PARCEL_STATUSES.values()
    ]


def test_exceptions_are_those_of_the_taxonomy():
    published = codes("exception_taxonomy.csv").select("kind", "family", "default_severity")
    assert published.rows() == [(k.name, k.family, k.severity) for k in EXCEPTION_KINDS.values()]


def test_every_status_has_its_event_kind_and_its_transitions():
    assert set(TRANSITIONS) == set(PARCEL_STATUSES)
    assert set(PARCEL_STATUSES) <= set(EVENT_KINDS)
    assert all(after <= set(PARCEL_STATUSES) for after in TRANSITIONS.values())


@pytest.mark.parametrize("status", TERMINAL_STATUSES)
def test_nothing_goes_out_again_after_the_end(status):
    assert not follows(status, "out_for_delivery")
    assert not follows(status, "departed_facility")


def test_every_status_that_is_not_the_end_can_reach_one():
    reach = {name: set(TRANSITIONS[name]) for name in TRANSITIONS}
    for _ in reach:
        for seen in reach.values():
            seen |= {later for step in tuple(seen) for later in reach[step]}
    assert all(set(TERMINAL_STATUSES) & reach[s] for s in reach if s not in TERMINAL_STATUSES)


def event(**cells: object) -> pl.DataFrame:
    row = {"tenant": "t", "source": "s", "source_event_id": "1", "kind": "position",
           "occurred_at": NOON, "received_at": NOON} | cells  # fmt: skip
    return pl.DataFrame([row])


def test_an_event_takes_the_schema():
    assert check_events(event()).schema == pl.Schema(EVENTS)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"kind": None}, "kind is empty"),
        ({"parcel_id": "P" * 201}, "parcel_id is over 200"),
        ({"payload": "x" * 64_001}, "payload is over 64000"),
        ({"payload": '"a\0b"'}, "payload has a NUL character"),
    ],
)
def test_an_event_that_the_log_cannot_take_is_named(cells, fault):
    with pytest.raises(InvalidValueError, match=fault):
        check_events(event(**cells))
