"""``crossdock comply`` as a user meets it: answers, rejected cases, the gates of a trip."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.comply.dispatch import dispatch_gate
from crossdock.model import CrossdockError
from crossdock.platform.cli import main
from crossdock.platform.compliance import CASE_KINDS, calculate_cases, read_trip
from crossdock.platform.store.reference_data import data_root

EXAMPLES = data_root() / "compliance" / "numeric_examples.json"
TRIP = Path(__file__).resolve().parents[2] / "docs" / "examples" / "trip.json"
BRIDGE = {"L_ft": 51, "N": 5}


def calc(folder: Path, content: object) -> tuple[int, dict]:
    """Exit code and answers of a case file."""
    cases, out = folder / "cases.json", folder / "out.json"
    cases.write_text(content if isinstance(content, str) else json.dumps(content))
    code = main(["comply", "calc", str(cases), "--out", str(out), "--quiet"])
    return code, json.loads(out.read_text()) if out.exists() else {}


def expected(case: dict) -> dict:
    """What a case expects, by the names of its result."""
    named = {key.removeprefix("expect_"): case[key] for key in case if key.startswith("expect_")}
    return named | case.get("expect", {})


@pytest.mark.skipif(not EXAMPLES.is_file(), reason="the shared compliance examples are not here")
def test_the_shared_examples_are_answered(tmp_path):
    told = json.loads(EXAMPLES.read_text(encoding="utf-8"))
    code, answers = calc(tmp_path, told)
    assert code == 0
    assert list(answers) == list(told)
    assert set(told) - {"schema"} == set(CASE_KINDS)
    for kind in CASE_KINDS:
        assert len(answers[kind]) == len(told[kind])
        for case, answer in zip(told[kind], answers[kind], strict=True):
            assert answer | case == answer, "the inputs are repeated"
            assert answer["citation"]
            for name, value in expected(case).items():
                close = pytest.approx(value, rel=1e-3) if isinstance(value, float) else value
                assert answer["result"][name] == close, (kind, name)


CASES = {
    "axle_check": {
        "axles": [
            {"pos_ft": 0, "weight_lb": 12_000},
            {"pos_ft": 12, "weight_lb": 17_500},
            {"pos_ft": 16, "weight_lb": 17_500},
        ]
    },
    "tiedown_count": {"length_ft": 21, "weight_lb": 10, "blocked_forward": True},
    "aggregate_wll": {
        "cargo_weight_lb": 10_000,
        "tiedowns": [{"kind": "direct", "wll_lb": 5_000}, {"kind": "same_side_loop", "wll_lb": 10}],
    },
    "niosh_lifting": {
        "load_kg": 10, "H_cm": 25, "V_cm": 75, "D_cm": 25, "A_deg": 0, "F_per_min": 0.2,
        "duration": "short", "coupling": "good",
    },
    "osha_rates": {"recordable_cases": 1, "dart_cases": 0, "hours_worked": 100_000},
}  # fmt: skip
OTHERS = {
    "bridge_formula_weight": BRIDGE,
    "erlang_c_desk": {
        "exceptions_per_hour": 60, "handle_min": 6, "target_wait_min": 5,
        "target_service_level": 0.8,
    },
    "capacity_reservation": {
        "demand_mean": 1_000, "demand_sd": 200, "reserve_cost": 1.0, "exercise_cost": 3.0,
        "spot_cost": 6.0,
    },
}  # fmt: skip
RESULTS = {
    "tiedown_count": {"min_tiedowns": 3},
    "aggregate_wll": {"aggregate_wll_lb": 2_505, "required_lb": 5_000, "ok": False},
    "osha_rates": {"trir": 2, "dart": 0},
}


def test_other_cases_of_each_kind_are_answered():
    answers = calculate_cases({kind: [case] for kind, case in CASES.items()}).answers
    for kind, result in RESULTS.items():
        assert answers[kind][0]["result"] == result
    metric = answers["niosh_lifting"][0]["result"]
    assert (metric["RWL_kg"], metric["LI"]) == pytest.approx((23, 10 / 23))
    (violation,) = answers["axle_check"][0]["result"]["violations"]
    assert violation | {
        "rule": "tandem", "axles": [2, 3], "weight_lb": 35_000, "limit_lb": 34_000,
        "over_lb": 1_000,
    } == violation  # fmt: skip


def test_a_lift_that_is_not_acceptable_has_no_index():
    far = CASES["niosh_lifting"] | {"H_cm": 70}
    (answer,) = calculate_cases({"niosh_lifting": [far]}).answers["niosh_lifting"]
    assert (answer["result"]["RWL_kg"], answer["result"]["LI"]) == (0, None)


def test_a_bad_case_is_named_and_the_good_ones_go_through(tmp_path, capsys):
    cases = {
        "bridge_formula_weight": [BRIDGE, {"L_ft": "51", "N": 5}, {"L_ft": 51}, 7, BRIDGE],
        "schema": {"version": "1.0"},
    }
    code, answers = calc(tmp_path, cases)
    listed = answers["bridge_formula_weight"]
    assert code == 3
    assert [("result" in case, "error" in case) for case in listed] == [
        (True, False), (False, True), (False, True), (False, True), (True, False),
    ]  # fmt: skip
    assert listed[1] == {
        "L_ft": "51",
        "N": 5,
        "error": {
            "field": "L_ft",
            "reason": "'51' is not a number",
            "remedy": "give a JSON number",
        },
    }
    assert list(answers) == ["bridge_formula_weight", "schema"]
    told = capsys.readouterr().err.splitlines()
    assert told[0] == (
        "rejected: bridge_formula_weight[1].L_ft: '51' is not a number; give a JSON number"
    )
    assert len(told) == 3


def wrong(kind: str, **change: object) -> dict:
    base = CASES | {"bridge_formula_weight": BRIDGE}
    return {kind: [base[kind] | change]}


@pytest.mark.parametrize(
    ("cases", "field"),
    [
        (wrong("bridge_formula_weight", N=1), "N"),
        (wrong("bridge_formula_weight", N=2.5), "N"),
        (wrong("bridge_formula_weight", L_ft=True), "L_ft"),
        (wrong("bridge_formula_weight", L_ft=1e300), "L_ft"),
        (wrong("axle_check", axles=[]), "axles"),
        (wrong("axle_check", axles=[1]), "axles[0]"),
        (wrong("axle_check", axles=[{"pos_ft": 0, "weight_lb": -1}]), "axles[0].weight_lb"),
        (wrong("tiedown_count", length_ft=0), "length_ft"),
        (wrong("tiedown_count", blocked_forward="no"), "blocked_forward"),
        (wrong("aggregate_wll", tiedowns=[{"kind": "rope", "wll_lb": 1}]), "tiedowns[0].kind"),
        (wrong("aggregate_wll", tiedowns=None), "tiedowns"),
        (wrong("niosh_lifting", duration="all day"), "duration"),
        (wrong("niosh_lifting", A_deg=181), "A_deg"),
        (wrong("osha_rates", hours_worked=0), "hours_worked"),
    ],
)
def test_the_field_that_is_wrong_is_named_with_a_remedy(cases, field):
    (fault,) = calculate_cases(cases).faults
    assert fault.field == field
    assert fault.reason
    assert fault.remedy


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is no JSON"),
        ("[]", "holds no JSON object"),
        ('{"axle_check": [{"axles": NaN}]}', "is no JSON"),
        ({"tyre_check": []}, "no formula is called 'tyre_check'"),
        ({"axle_check": {}}, "axle_check holds no list of cases"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line_and_a_remedy(tmp_path, capsys, content, message):
    code, answers = calc(tmp_path, content)
    error, remedy = capsys.readouterr().err.splitlines()
    assert (code, answers) == (2, {})
    assert message in error
    assert remedy.startswith("remedy: ")


def test_an_unknown_kind_is_answered_with_those_that_there_are(tmp_path, capsys):
    calc(tmp_path, {"tyre_check": []})
    assert ", ".join(CASE_KINDS) in capsys.readouterr().err


def test_missing_files_and_folders_are_said(tmp_path, capsys):
    cases = tmp_path / "cases.json"
    assert main(["comply", "calc", str(cases), "--out", str(tmp_path / "out.json")]) == 2
    cases.write_text("{}")
    assert main(["comply", "calc", str(cases), "--out", str(tmp_path / "gone" / "out.json")]) == 2
    assert capsys.readouterr().err.count("remedy:") == 2


# -- the gates of a trip --------------------------------------------------------------------------


def gate(folder: Path, **change: object) -> tuple[int, dict]:
    """Exit code and answer of the documented trip with some of its fields changed."""
    trip, out = folder / "trip.json", folder / "verdicts.json"
    trip.write_text(json.dumps(json.loads(TRIP.read_text(encoding="utf-8")) | change))
    code = main(["comply", "gate", str(trip), "--out", str(out)])
    return code, json.loads(out.read_text()) if out.exists() else {}


def test_the_documented_trip_may_leave(tmp_path, capsys):
    code, answer = gate(tmp_path)
    told = capsys.readouterr().out.splitlines()
    assert code == 0
    assert answer["allowed"]
    assert answer["holds_until"] == "2026-12-01T07:30:00Z"
    assert answer["not_checked"] == ["driver.file", "vehicle.dvir"]
    assert len(told) == len(answer["verdicts"]) + 1
    assert told[-1] == (
        "trip LAX-PHX-0412 may leave; 2 not checked; holds until 2026-12-01 07:30 UTC"
    )
    assert set(answer["verdicts"][1]) == {
        "rule", "citation", "status", "reason", "holds_until", "subject",
    }  # fmt: skip


def test_a_blocked_trip_is_exit_4_and_says_why(tmp_path, capsys):
    code, answer = gate(tmp_path, hours={"allowed": False, "reason": "no hours left"})
    told = capsys.readouterr().out
    assert code == 4
    assert answer["failed"] == ["hours_of_service"]
    assert "BLOCKS hours_of_service: no hours left" in told
    assert "is blocked by 1 rule;" in told


def test_a_trip_of_which_little_is_told_is_not_blocked(tmp_path):
    trip = json.loads(TRIP.read_text(encoding="utf-8"))
    bare = {name: trip[name] for name in ("trip_id", "period", "commerce")}
    (tmp_path / "bare.json").write_text(json.dumps(bare))
    assert main(["comply", "gate", str(tmp_path / "bare.json"), "--quiet"]) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"driver": {}}, "a trip has no field $.driver"),
        ({"drivers": [{"driver_id": "D", "medcial": 1}]}, "no field $.drivers[0].medcial"),
        ({"hours": {"alowed": True}}, "no field $.hours.alowed"),
        ({"hours": {"reason": "none"}}, "missing required field `allowed`"),
        ({"vehicle": {"gvwr_lb": "heavy"}}, "$.vehicle.gvwr_lb"),
        ({"commerce": "abroad"}, "$.commerce"),
        ({"dock": {"state": "docked", "lift_trucks_inside": 1}}, "a lift truck cannot be inside"),
        ({"hazmat": {"packages": [{"hazard_class": "42", "gross_lb": 1}]}}, "hazard class '42'"),
    ],
)
def test_a_trip_that_cannot_be_read_is_one_line_and_a_remedy(tmp_path, capsys, change, message):
    code, answer = gate(tmp_path, **change)
    error, remedy = capsys.readouterr().err.splitlines()
    assert (code, answer) == (2, {})
    assert message in error
    assert remedy.startswith("remedy: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 10**12) | st.floats(allow_nan=False)
    | st.sampled_from(["", "A", "power", "2026-12-01", "2026-12-01T00:00:00"])
    | st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31", "9999-12-31T23:59:59-12:00"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["kind", "issued", "weight_lb", "axles", "unit_id"]), inner),
    max_leaves=6,
)  # fmt: skip


def answer_or_remedy(trip: Path) -> object:
    """The verdicts of a trip's file, or what the error tells to do."""
    try:
        return dispatch_gate(read_trip(trip)).verdicts
    except CrossdockError as error:
        return error.remedy


@given(st.data())
@settings(max_examples=300)
def test_no_value_in_a_trip_ends_in_anything_but_an_answer_or_an_error_with_a_remedy(data):
    trip = json.loads(TRIP.read_text(encoding="utf-8"))
    place = trip
    while isinstance(place, dict | list) and place:
        key = data.draw(
            st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place)))
        )
        if not isinstance(place[key], dict | list) or data.draw(st.booleans()):
            place[key] = data.draw(JSON)
            break
        place = place[key]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trip.json"
        path.write_bytes(msgspec.json.encode(trip))
        assert answer_or_remedy(path)


@given(st.sampled_from(CASE_KINDS), st.data())
@settings(max_examples=300)
def test_no_value_in_a_case_stops_the_others(kind, data):
    base = (CASES | OTHERS)[kind]
    broken = base | {data.draw(st.sampled_from(sorted(base))): data.draw(JSON)}
    calculated = calculate_cases({kind: [base, broken, base]})
    first, _, last = calculated.answers[kind]
    assert first["result"] == last["result"]
    assert calculated.answered + len(calculated.faults) == 3
    msgspec.json.encode(calculated.answers)


def test_the_page_shows_what_the_command_says(capsys):
    page = (TRIP.parents[1] / "compliance.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(.*?)```", page, re.DOTALL)
    assert shown is not None
    assert main(["comply", "gate", str(TRIP)]) == 0
    assert set(shown[1].splitlines()) <= set(capsys.readouterr().out.splitlines())


def test_the_documented_trip_holds_every_field_that_the_page_names():
    page = (TRIP.parents[1] / "compliance.md").read_text(encoding="utf-8")
    trip = read_trip(TRIP)
    for name in vars(trip):
        assert f"`{name}`" in page, name
