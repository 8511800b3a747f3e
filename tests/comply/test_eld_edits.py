"""Edits keep the originals, need a reason and the driver, and cannot shorten recorded driving."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from crossdock.comply.eld import (
    Change,
    EldFile,
    Event,
    Requester,
    accept_edit,
    annotate_unidentified,
    assume_driving,
    certify,
    days_to_certify,
    edit_as_driver,
    propose_edit,
    read_eld,
    reject_edit,
    timeline_of,
    write_eld,
)
from crossdock.model.errors import InvalidValueError
from eld_samples import DAY, EVENTS, event, sample

DISPATCHER = Requester("ortizm", "Ortiz", "Maria")
UNLOADING = dt.datetime(2026, 3, 4, 9, 10)  # noqa: DTZ001
DINNER = Change(UNLOADING, 1, 4, "Peoria; IL")


def record(number: int, file: EldFile | None = None) -> Event:
    return next(e for e in (file or sample()).events if e.sequence_id == number)


def statuses(file: EldFile, *numbers: int) -> list[int]:
    return [record(number, file).status for number in numbers]


def proposed():
    return propose_edit(
        sample(),
        removes=[record(0x18)],
        adds=[DINNER],
        annotation="Was unloading, not off duty",
        by=DISPATCHER,
    )


def test_a_proposal_leaves_the_log_as_it_is():
    pending = proposed()
    assert timeline_of(pending.file) == timeline_of(sample())
    (added,) = pending.edit.adds
    assert (added.status, added.origin, added.user_order) == (3, 3, 2)
    assert statuses(pending.file, 0x18) == [1]
    assert pending.recertify == ()


def test_an_accepted_edit_keeps_the_original_inactive_and_wants_a_new_certification():
    pending = proposed()
    accepted = accept_edit(pending.file, pending.edit)
    number = pending.edit.adds[0].sequence_id
    assert statuses(accepted.file, 0x18, number) == [2, 1]
    assert len(accepted.file.events) == len(EVENTS) + 1
    at_s = int(dt.datetime(2026, 3, 4, 15, 20, tzinfo=dt.UTC).timestamp())
    assert timeline_of(sample()).status_at(at_s) == "OFF"
    assert timeline_of(accepted.file).status_at(at_s) == "ON"
    assert accepted.recertify == (DAY,)


def test_a_rejected_edit_stays_as_rejected_and_changes_nothing():
    pending = proposed()
    rejected = reject_edit(pending.file, pending.edit)
    assert statuses(rejected.file, 0x18, pending.edit.adds[0].sequence_id) == [1, 4]
    assert timeline_of(rejected.file) == timeline_of(sample())
    assert rejected.recertify == ()


def test_the_carrier_cannot_ask_for_a_day_before_the_driver_has_certified_it():
    with pytest.raises(InvalidValueError, match="has not certified 2026-03-04"):
        propose_edit(
            replace(sample(), certifications=()),
            adds=[DINNER],
            annotation="Was unloading",
            by=DISPATCHER,
        )


def test_an_edit_is_answered_once():
    pending = proposed()
    accepted = accept_edit(pending.file, pending.edit)
    for again in (accept_edit, reject_edit):
        with pytest.raises(InvalidValueError, match="not a pending request"):
            again(accepted.file, pending.edit)


def test_an_edit_is_annotated_with_its_place_and_survives_the_file():
    pending = proposed()
    note = pending.file.annotations[0]
    assert (note.username, note.text, note.location) == (
        "ortizm",
        "Was unloading; not off duty",
        "Peoria; IL",
    )
    read = read_eld(write_eld(pending.file))
    assert read.file == pending.file
    assert read.wrong_checks == ()


def test_a_new_requester_enters_the_user_list():
    pending = propose_edit(
        sample(), adds=[DINNER], annotation="Unloading", by=Requester("leek", "Lee", "Kim")
    )
    assert pending.file.users[-1].order == pending.edit.adds[0].user_order == 4


@pytest.mark.parametrize("annotation", ["", "abc", "   a   ", "x" * 61])
def test_an_edit_needs_an_annotation_of_4_to_60_characters(annotation: str):
    with pytest.raises(InvalidValueError, match="characters"):
        edit_as_driver(sample(), adds=[DINNER], annotation=annotation)


@pytest.mark.parametrize("annotation", ["abcd", "x" * 60])
def test_the_shortest_and_the_longest_annotation(annotation: str):
    edited = edit_as_driver(sample(), removes=[record(0x18)], adds=[DINNER], annotation=annotation)
    assert edited.file.annotations[0].text == annotation


def test_recorded_driving_cannot_become_something_else():
    with pytest.raises(InvalidValueError, match="driving that the ELD recorded from 2026-03-04 06"):
        edit_as_driver(sample(), removes=[record(0x16)], annotation="I was in the yard")
    with pytest.raises(InvalidValueError, match="09:00:00 to 2026-03-04 09:10:00 would become ON"):
        propose_edit(
            sample(),
            adds=[Change(UNLOADING - dt.timedelta(minutes=10), 1, 4)],
            annotation="Arrived earlier",
            by=DISPATCHER,
        )


def test_recorded_driving_may_be_lengthened():
    edited = edit_as_driver(
        sample(),
        adds=[Change(dt.datetime(2026, 3, 4, 5, 55), 1, 3)],  # noqa: DTZ001
        annotation="Left the yard earlier",
    )
    lengths = {
        name: sum(s.end_s - s.start_s for s in timeline_of(file).segments if s.activity == "D")
        for name, file in (("before", sample()), ("after", edited.file))
    }
    assert lengths["after"] - lengths["before"] == 5 * 60


def test_driving_that_the_driver_entered_may_be_corrected():
    entered = tuple(replace(e, origin=2) if e.sequence_id == 0x1B else e for e in EVENTS)
    file = sample(entered)
    edited = edit_as_driver(file, removes=[record(0x1B, file)], annotation="Truck stood still")
    assert statuses(edited.file, 0x1B) == [2]


@pytest.mark.parametrize(
    ("number", "match"), [(0x17, "intermediate"), (0x18, "not active"), (0x99, "no record")]
)
def test_only_active_changes_of_the_file_can_be_edited(number: int, match: str):
    inactive = tuple(replace(e, status=2) if e.sequence_id == 0x18 else e for e in EVENTS)
    file = sample(inactive)
    target = event(0x99, "2026-03-04T10:00", 1, 1) if number == 0x99 else record(number, file)
    with pytest.raises(InvalidValueError, match=match):
        edit_as_driver(file, removes=[target], annotation="Some reason")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (Change(UNLOADING, 2, 1), "cannot be entered"),
        (Change(UNLOADING, 1, 5), "cannot be entered"),
        (Change(UNLOADING, 5, 1), "cannot be entered"),
        (Change(UNLOADING.replace(year=2027), 1, 1), "after the end of the file"),
        (Change(UNLOADING.replace(tzinfo=dt.UTC), 1, 1), "has an offset"),
        (Change(UNLOADING, 1, 1, "Ohio"), "has 4 characters"),
    ],
)
def test_a_record_that_cannot_be_is_refused(change: Change, match: str):
    with pytest.raises(InvalidValueError, match=match):
        edit_as_driver(sample(), adds=[change], annotation="Some reason")


def test_an_empty_edit_is_refused():
    with pytest.raises(InvalidValueError, match="empty"):
        edit_as_driver(sample(), annotation="Some reason")


def test_unidentified_driving_is_taken_over_with_the_originals_kept():
    """At 16:00 to 16:40 of the day before nobody had logged in."""
    file = sample()
    assumed = assume_driving(file, file.unidentified_events, annotation="Forgot to log in")
    assert [record.status for record in assumed.file.unidentified_events] == [2, 2]
    assert {e.origin for e in assumed.edit.adds} == {4}
    assert {e.miles for e in assumed.edit.adds} == {3, 12}
    before = [(s.activity, s.end_s - s.start_s) for s in timeline_of(assumed.file).segments[:2]]
    assert before == [("D", 40 * 60), ("ON", 80 * 60)]
    assert timeline_of(assumed.file).segments[2:] == timeline_of(file).segments
    with pytest.raises(InvalidValueError, match="no active record"):
        assume_driving(assumed.file, file.unidentified_events)


def test_driving_that_was_taken_over_cannot_be_shortened_either():
    file = sample()
    assumed = assume_driving(file, file.unidentified_events)
    driving = next(e for e in assumed.edit.adds if e.code == 3)
    with pytest.raises(InvalidValueError, match="driving that the ELD recorded"):
        edit_as_driver(assumed.file, removes=[driving], annotation="It was not me")


def test_unidentified_driving_may_stay_with_an_annotation():
    file = sample()
    kept = annotate_unidentified(
        file,
        file.unidentified_events[0],
        annotation="Mechanic's road test",
        username="ortizm",
    )
    assert kept.annotations[0].sequence_id == file.unidentified_events[0].sequence_id
    assert kept.unidentified_events == file.unidentified_events
    with pytest.raises(InvalidValueError, match="characters"):
        annotate_unidentified(file, file.unidentified_events[0], annotation="no", username="ortizm")


def test_days_without_certification_are_listed_until_they_are_certified():
    file = sample()
    yesterday = DAY - dt.timedelta(days=1)
    assert days_to_certify(file) == (yesterday,)
    at = dt.datetime(2026, 3, 5, 8)  # noqa: DTZ001
    certified = certify(file, yesterday, at)
    assert days_to_certify(certified) == ()
    again = certify(certify(certified, DAY, at), DAY, at)
    assert [row.code for row in again.certifications if row.certified_date == DAY] == [3, 2, 1]
    assert read_eld(write_eld(again)).file == again
