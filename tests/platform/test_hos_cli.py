"""``crossdock hos`` as a user meets it: findings, hours left, cases that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.model import CrossdockError
from crossdock.platform.cli import main
from crossdock.platform.compliance import audit_cases
from crossdock.platform.store.reference_data import data_root

EXAMPLES = data_root() / "compliance" / "hos_examples.json"
LOGS = Path(__file__).resolve().parents[2] / "docs" / "examples" / "duty_logs.json"
MINUTES = ("driving_min", "window_min", "until_break_min", "cycle_min", "drive_now_min")


def audited(folder: Path, content: object) -> tuple[int, list[dict[str, Any]]]:
    cases, out = folder / "cases.json", folder / "out.json"
    cases.write_text(json.dumps(content))
    code = main(["--quiet", "hos", "audit", str(cases), "--out", str(out)])
    return code, json.loads(out.read_text())["cases"] if out.exists() else []


def case(**changes: Any) -> dict[str, Any]:
    told = {
        "id": "one",
        "cycle": "US_70_8",
        "segments": [
            {"status": "D", "start": "2026-03-02T06:00:00", "end": "2026-03-02T15:00:00"},
        ],
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


@pytest.mark.skipif(not EXAMPLES.is_file(), reason="the shared compliance cases are not here")
def test_the_shared_cases_are_answered(tmp_path: Path) -> None:
    told = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    code, answers = audited(tmp_path, told)
    assert code == 0
    for one, answer in zip(told["cases"], answers, strict=True):
        expected = one["expect"]
        assert answer["id"] == one["id"]
        found = [{name: each[name] for name in ("rule", "from", "to")}
                 for each in answer["violations"]]  # fmt: skip
        assert found == expected["violations"]
        assert all(each["citation"].startswith("49 CFR 395.") for each in answer["violations"])
        for left, wanted in zip(answer["available"], expected.get("available", ()), strict=True):
            assert {name: left[name] for name in MINUTES} == {
                name: wanted[name] for name in MINUTES
            }
            split = left["if_split_completed"]
            told_split = wanted.get("if_split_completed")
            assert split == told_split


def test_the_example_shows_a_pairing_and_what_it_obliges_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "findings.json"
    assert main(["hos", "audit", str(LOGS), "--out", str(out)]) == 0
    assert "audited 2 logs, found 2 violations" in capsys.readouterr().err
    split, _ = json.loads(out.read_text())["cases"]
    (found,) = split["violations"]
    assert [len(pair) for pair in found["pairing"]] == [2]
    obligation = split["available"][0]["split_obligation"]
    assert obligation.startswith("needs 3 h off duty or in the sleeper berth from ")


def test_times_may_have_an_offset_and_days_may_have_twenty_three_hours(tmp_path: Path) -> None:
    spring = {
        "timezone": "America/Chicago",
        "segments": [
            {"status": "D", "start": "2026-03-08T00:00:00", "end": "2026-03-08T09:00:00"},
        ],
    }
    same = {
        "segments": [
            {"status": "D", "start": "2026-03-08T00:00:00-06:00", "end": "2026-03-08T14:00:00Z"},
        ],
    }
    _, answers = audited(tmp_path, {"cases": [case(**spring), case(**same)]})
    assert answers[0]["violations"] == []  # eight hours: one was skipped
    assert answers[1]["violations"] == []


def test_only_some_rules_are_judged_where_it_is_asked_for(tmp_path: Path) -> None:
    _, answers = audited(tmp_path, {"cases": [case(), case(rules=["driving_11h"])]})
    assert [len(each["violations"]) for each in answers] == [1, 0]
    assert answers[1]["available"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"cycle": "EU"}, "cycle"),
        ({"segments": None}, "segments"),
        ({"segments": [{"status": "NAP", "start": "2026-03-02", "end": "2026-03-03"}]},
         "segments[0].status"),
        ({"segments": [{"status": "D", "start": "soon", "end": "2026-03-03"}]},
         "segments[0].start"),
        ({"exceptions": [{"type": "moonlight"}]}, "exceptions[0].type"),
        ({"rules": ["driving_12h"]}, "rules[0]"),
        ({"prior_on_duty_hours": [8, "many"]}, "prior_on_duty_hours[1]"),
        ({"query_at": ["noon"]}, "query_at[0]"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"query_at": ["2026-03-05T00:00:00"]}, ""),
    ],
)  # fmt: skip
def test_a_case_that_cannot_be_used_is_named_and_the_others_go_through(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], field: str
) -> None:
    code, (bad, good) = audited(tmp_path, {"cases": [case(**changes), case(id="two")]})
    assert code == 3
    assert bad["error"]["field"] == field
    assert bad["error"]["reason"]
    assert bad["error"]["remedy"]
    assert (good["id"], len(good["violations"])) == ("two", 1)
    assert "rejected: cases[0]" in capsys.readouterr().err


def test_a_gap_names_both_segments(tmp_path: Path) -> None:
    segments = [
        {"status": "D", "start": "2026-03-02T06:00:00", "end": "2026-03-02T07:00:00"},
        {"status": "ON", "start": "2026-03-02T08:00:00", "end": "2026-03-02T09:00:00"},
    ]
    _, (bad,) = audited(tmp_path, {"cases": [case(segments=segments)]})
    assert "D from 2026-03-02T06:00:00Z" in bad["error"]["reason"]
    assert "ON from 2026-03-02T08:00:00Z" in bad["error"]["reason"]


def test_a_file_without_cases_is_one_line_and_a_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audited(tmp_path, {"logs": []}) == (2, [])
    assert "there is no list `cases`" in capsys.readouterr().err


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@settings(max_examples=200)
@given(st.sampled_from([*case(), "exceptions", "rules", "prior_on_duty_hours", "query_at",
                        "timezone", "expect"]), ANYTHING)  # fmt: skip
def test_whatever_a_field_holds_there_is_an_answer_or_an_error(name: str, value: object) -> None:
    answer = audit_cases({"cases": [case() | {name: value}]})
    (told,) = answer.document["cases"]
    assert ("error" in told) == bool(answer.faults)


@settings(max_examples=100)
@given(ANYTHING)
def test_whatever_cases_are_there_is_an_answer_or_an_error(value: object) -> None:
    if isinstance(value, list):
        assert len(audit_cases({"cases": value}).document["cases"]) == len(value)
        return
    with pytest.raises(CrossdockError, match="no list"):
        audit_cases({"cases": value})


STOPS = data_root() / "compliance" / "hos_plan_examples.json"
OWN_STOPS = Path(__file__).resolve().parents[2] / "docs" / "examples" / "stops.json"
STOP = {"drive_min": 660, "service_min": 60, "open_min": 0, "close_min": 2_880}


def planned(folder: Path, content: object) -> tuple[int, list[dict[str, Any]]]:
    cases, out = folder / "stops.json", folder / "plans.json"
    cases.write_text(json.dumps(content))
    code = main(["--quiet", "hos", "plan", str(cases), "--out", str(out)])
    return code, json.loads(out.read_text())["cases"] if out.exists() else []


@pytest.mark.skipif(not STOPS.is_file(), reason="the shared compliance cases are not here")
def test_the_shared_stops_are_planned(tmp_path: Path) -> None:
    told = json.loads(STOPS.read_text(encoding="utf-8"))
    code, answers = planned(tmp_path, told)
    assert code == 0
    for one, answer in zip(told["cases"], answers, strict=True):
        assert answer["id"] == one["id"]
        assert {name: answer[name] for name in one["expect"]} == one["expect"]
        if not answer["feasible"]:
            assert answer["schedule"] == []
            continue
        starts = [each["start_min"] for each in answer["schedule"]]
        ends = [each["end_min"] for each in answer["schedule"]]
        assert starts == [0, *ends[:-1]]
        assert ends[-1] == answer["earliest_completion_min"]
        services = [each["stop"] for each in answer["schedule"] if each["kind"] == "service"]
        assert services == list(range(len(one["stops"])))


def test_the_example_of_the_page_is_planned_with_used_clocks(tmp_path: Path) -> None:
    code, answers = planned(tmp_path, json.loads(OWN_STOPS.read_text(encoding="utf-8")))
    assert code == 0
    assert [answer["earliest_completion_min"] for answer in answers] == [1_650, 1_320, None]
    assert "closes" in answers[2]["why"]


def test_several_windows_and_options_of_a_case(tmp_path: Path) -> None:
    windows = {"drive_min": 720, "service_min": 60}
    windows["windows"] = [
        {"open_min": 0, "close_min": 700},
        {"open_min": 1_440, "close_min": 1_500},
    ]
    week = {"on_duty_by_day_hours": [10] * 7 + [0], "start": "2026-03-02T00:00:00",
            "timezone": "America/Chicago", "stops": [STOP | {"drive_min": 300}]}  # fmt: skip
    used = {"driving_used_min": 660, "window_used_min": 700, "off_duty_min": 300}
    code, answers = planned(tmp_path, {"cases": [
        {"stops": [windows]},
        week,
        {"stops": [STOP], "buffer_min": 30},
        {"stops": [STOP | {"drive_min": 1_320}], "team": True},
        {"stops": [STOP | {"drive_min": 60}], "initial_clocks": used, "splits": True},
    ]})  # fmt: skip
    assert code == 0
    ends = [answer["earliest_completion_min"] for answer in answers]
    assert ends[:3] == [1_500, 1_440 + 360, 22 * 60]
    assert ends[3] < 1_440
    assert ends[4] == 300 + 120
    assert {each["driver"] for each in answers[3]["schedule"]} == {0, 1}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"stops": []}, "stops"),
        ({"stops": [STOP | {"drive_min": -1}]}, "stops[0].drive_min"),
        ({"stops": [STOP | {"drive_min": 0.5}]}, "stops[0].drive_min"),
        ({"stops": [STOP, STOP | {"close_min": -5}]}, "stops[1].close_min"),
        ({"stops": [STOP | {"open_min": 9_999}]}, "stops[0].close_min"),
        ({"stops": [STOP | {"windows": []}]}, "stops[0].windows"),
        ({"initial_clocks": {"driving_left_min": 5}}, "initial_clocks.driving_left_min"),
        ({"initial_clocks": {"driving_min": "5"}}, "initial_clocks.driving_min"),
        ({"initial_clocks": [5]}, "initial_clocks"),
        ({"initial_clocks": {"driving_min": 9, "window_min": 5}}, ""),
        ({"cycle": "US_1_1"}, "cycle"),
        ({"cycle": "CA_SOUTH_CYCLE_1"}, ""),
        ({"splits": "yes"}, "splits"),
        ({"on_duty_by_day_hours": [5]}, "start"),
        ({"on_duty_by_day_hours": 5}, "on_duty_by_day_hours"),
    ],
)
def test_stops_that_cannot_be_used_are_named_while_others_are_planned(
    changes: dict[str, Any], field: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = {"id": "bad", "stops": [STOP]} | changes
    code, (first, second) = planned(tmp_path, {"cases": [bad, {"id": "good", "stops": [STOP]}]})
    assert code == 3
    assert first["error"]["field"] == field
    assert first["error"]["remedy"]
    assert "cases[0]" in capsys.readouterr().err
    assert (second["id"], second["earliest_completion_min"]) == ("good", 750)
