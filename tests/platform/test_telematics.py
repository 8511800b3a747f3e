"""The edge of the telematics feed: strict on what is needed, tolerant of what is not there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import InputUnusableError
from crossdock.platform.compliance import decode_telematics

LOG_EVENT: dict[str, Any] = {
    "id": "C4CA4238A0B923820DCC509A6F75849B",
    "providerId": "api.provider.com",
    "vehicleId": "21232F297A57A5A743894A0E4A801FC3",
    "userId": {"userType": "USERTYPE_DRIVER", "userId": "driver-1", "firstName": "John"},
    "distanceSinceLastValidCoordinates": 17.0,
    "serverDateTime": "2026-03-04T11:30:05Z",
    "eventDateTime": "2026-03-04T11:30:00Z",
    "location": {"latitude": 37.42, "longitude": -122.08},
    "origin": "ORIGIN_AUTOMATIC",
    "sequenceId": 23,
    "eventRecordStatus": "STATE_ACTIVE",
    "eventType": "EVENTTYPE_DUTY_D",
    "eventDataChecksum": "C3",
}
DRAFT: dict[str, Any] = {
    "id": "C4CA4238A0B923820DCC509A6F75849B",
    "eldDateTime": "2026-03-0411:30:00.000Z",
    "driverId": "driver-1",
    "eventRecordStatus": 1,
    "eventType": 1,
    "state": "STATE_ACTIVE",
    "status": "STATUS_D",
    "sequence": 23,
    "origin": "ORIGIN_AUTOMATIC",
}
AT_S = 1_772_623_800


def decode(content: object):
    return decode_telematics(json.dumps(content).encode())


@pytest.mark.parametrize(
    "content",
    [
        [LOG_EVENT],
        LOG_EVENT,
        {"data": [LOG_EVENT]},
        {"token": "37A6", "feed": [LOG_EVENT]},
    ],
)
def test_every_documented_envelope_is_read(content: object):
    (log,) = decode(content).logs
    assert (log.driver_id, log.at_s, log.code, log.sequence) == (
        "driver-1",
        AT_S,
        "EVENTTYPE_DUTY_D",
        23,
    )


def test_a_record_of_the_drafts_is_read_with_the_instant_as_they_print_it():
    (log,) = decode([DRAFT]).logs
    assert (log.driver_id, log.at_s, log.code) == ("driver-1", AT_S, "STATUS_D")


@pytest.mark.parametrize("name", ["id", "providerId", "origin", "sequenceId", "location"])
def test_fields_that_the_log_does_not_need_may_be_missing(name: str):
    kept = {key: value for key, value in LOG_EVENT.items() if key != name}
    assert len(decode([kept]).logs) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"eventDateTime": "soon"}, "eventDateTime"),
        ({"eventDateTime": "2026-03-04T11:30:00"}, "eventDateTime"),
        ({"eventDateTime": "1960-03-04T11:30:00Z"}, "eventDateTime"),
        ({"eventDateTime": None}, "eventDateTime"),
        ({"eventType": 5}, "eventType"),
        ({"eventRecordStatus": "STATE_MAYBE"}, "eventRecordStatus"),
        ({"eventRecordStatus": ""}, "eventRecordStatus"),
        ({"userId": {"userType": "USERTYPE_SUPPORT", "userId": "x"}}, "userId.userType"),
        ({"userId": None}, "driverId"),
        ({"userId": "driver-1"}, "userId"),
        ({"sequenceId": "first"}, "sequenceId"),
    ],
)
def test_a_record_that_cannot_be_used_is_named_and_the_others_go_through(
    change: dict[str, Any], field: str
):
    feed = decode([LOG_EVENT | change, LOG_EVENT])
    assert len(feed.logs) == 1
    (fault,) = feed.faults
    assert (fault.number, fault.field) == (0, field)
    assert fault.remedy


def test_inactive_and_unassigned_records_are_counted_and_left_out():
    feed = decode(
        [
            LOG_EVENT | {"eventRecordStatus": "STATE_INACTIVE"},
            DRAFT | {"state": "STATE_REJECTED"},
            DRAFT | {"state": "", "eventRecordStatus": 3},
            LOG_EVENT | {"origin": "ORIGIN_UNASSIGNED"},
        ]
    )
    assert (feed.logs, feed.faults, feed.inactive, feed.unassigned) == ((), (), 3, 1)


@pytest.mark.parametrize("data", [b"", b"{", b"3", b'{"data": 3}', b"[1", b"\xff"])
def test_no_feed_is_refused_with_a_remedy(data: bytes):
    with pytest.raises(InputUnusableError) as caught:
        decode_telematics(data)
    assert caught.value.remedy


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*LOG_EVENT, *DRAFT, "data", "feed"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(list(LOG_EVENT)))
@settings(max_examples=150)
def test_any_json_is_read_or_refused(value: object, name: str):
    for content in (value, [LOG_EVENT | {name: value}], [DRAFT | {name: value}]):
        try:
            feed = decode(content)
        except InputUnusableError:
            continue
        assert all(log.driver_id and log.code and log.at_s >= 0 for log in feed.logs)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes):
    for content in (data, b"[" + data, b'{"data":[' + data + b"]}"):
        try:
            decode_telematics(content)
        except InputUnusableError:
            continue
