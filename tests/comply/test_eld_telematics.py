"""Codes of the NMFTA interface become duty logs; what is not known is named."""

from __future__ import annotations

import pytest

from crossdock.comply.eld import TelematicsLog, timelines_of
from crossdock.comply.eld.telematics import DUTY_OF_CODE, NO_DUTY
from crossdock.model.errors import InvalidValueError

T = 1_772_600_400
H = 3600


def activities(*records: tuple[int, str], until_h: int | None = None) -> list[str]:
    logs = [
        TelematicsLog("driver-1", T + hour * H, code, number)
        for number, (hour, code) in enumerate(records)
    ]
    until_s = None if until_h is None else T + until_h * H
    read = timelines_of(logs, timezone="America/Chicago", until_s=until_s)
    return [segment.activity for segment in read.timelines["driver-1"].segments]


def test_the_codes_of_version_1_become_a_log():
    assert activities(
        (0, "EVENTTYPE_DUTY_SB"),
        (5, "EVENTTYPE_DUTY_ON"),
        (5, "EVENTTYPE_INDICATION_YM"),
        (6, "EVENTTYPE_INDICATION_NONE"),
        (7, "EVENTTYPE_DUTY_D"),
        (8, "EVENTTYPE_INTERMEDIATE"),
        (9, "EVENTTYPE_DUTY_OFF"),
        (9, "EVENTTYPE_INDICATION_PC"),
        (10, "EVENTTYPE_INDICATION_NONE"),
        (11, "EVENTTYPE_DUTY_OFF_WT"),
        (12, "EVENTTYPE_DRIVER_LOGOFF"),
    ) == ["SB", "YM", "ON", "D", "PC", "OFF"]


def test_the_codes_of_the_drafts_become_a_log():
    assert activities(
        (0, "STATUS_OFF"),
        (1, "STATUS_PC"),
        (2, "STATUS_SITUATIONALDRIVINGCLEAR"),
        (3, "STATUS_D"),
        (4, "STATUS_INT_D"),
        (5, "STATUS_YM"),
        (6, "STATUS_ON"),
        until_h=8,
    ) == ["OFF", "PC", "OFF", "D", "YM", "ON"]


def test_personal_use_told_just_before_its_status_holds():
    assert activities(
        (0, "EVENTTYPE_DUTY_D"),
        (1, "EVENTTYPE_INDICATION_PC"),
        (1, "EVENTTYPE_DUTY_OFF"),
        until_h=2,
    ) == ["D", "PC"]


def test_an_unknown_code_is_named_and_counted():
    logs = [TelematicsLog("a", T, "STATUS_D"), TelematicsLog("a", T + H, "STATUS_NAP")]
    read = timelines_of([*logs, *logs[1:]], timezone="UTC")
    assert read.unknown_codes == {"STATUS_NAP": 2}


def test_every_driver_has_a_log_that_ends_with_what_is_known():
    logs = [
        TelematicsLog("b", T + H, "STATUS_ON"),
        TelematicsLog("a", T, "STATUS_D"),
        TelematicsLog("b", T, "STATUS_D"),
    ]
    timelines = timelines_of(logs, timezone="UTC").timelines
    assert list(timelines) == ["a", "b"]
    assert timelines["a"].segments == ()
    assert [(s.activity, s.end_s - s.start_s) for s in timelines["b"].segments] == [("D", H)]


def test_a_clear_before_any_status_says_nothing():
    assert activities((0, "STATUS_SITUATIONALDRIVINGCLEAR"), until_h=1) == []


def test_no_code_is_in_both_lists():
    assert not NO_DUTY & set(DUTY_OF_CODE)


def test_an_unknown_zone_is_refused():
    with pytest.raises(InvalidValueError, match="no time zone"):
        timelines_of([TelematicsLog("a", T, "STATUS_D")], timezone="Mars/Olympus")
