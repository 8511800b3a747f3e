import csv
import datetime as dt
import io
import json
from pathlib import Path

import polars as pl
import pytest

from crossdock.measure import release_gates
from crossdock.measure.handout import neutral_csv
from crossdock.model import GateClosedError, UsageError
from crossdock.platform.cli import main
from crossdock.platform.release import release_run
from crossdock.platform.store import RunFolder
from synthetic_run import SyntheticRun, build_run

RELEASED_AT = dt.datetime(2026, 11, 30, 18, tzinfo=dt.UTC)


@pytest.fixture
def run(tmp_path: Path) -> tuple[Path, SyntheticRun]:
    return tmp_path / "run", save(build_run(120), tmp_path / "run")


def save(synthetic: SyntheticRun, path: Path) -> SyntheticRun:
    with RunFolder.create(path) as draft:
        for name, frame in synthetic.tables.items():
            draft.write_table(name, frame)
        draft.write_table("orders", synthetic.orders)
        draft.write_network(synthetic.network)
        draft.write_manifest(synthetic.manifest)
    return synthetic


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def test_a_release_writes_every_paper(run: tuple[Path, SyntheticRun]) -> None:
    path, synthetic = run
    result = release_run(path, released_at=RELEASED_AT)
    export, tables = path / "export", synthetic.tables
    bought = tables["loads"].filter(pl.col("kind").is_in(["bought", "pooled"]))
    assert len(rows(export / "tenders.csv")) == bought.height
    for load_id in tables["loads"]["load_id"]:
        assert (export / "door_sheets" / f"{load_id}.csv").is_file()
        assert (export / "door_sheets" / f"{load_id}.html").is_file()
    for route_id in tables["tours"]["route_id"]:
        assert (export / "manifests" / f"{route_id}.csv").is_file()
        assert (export / "manifests" / f"{route_id}.html").is_file()
    handed = [each for file in (export / "handoffs").iterdir() for each in rows(file)]
    assert {each["parcel_id"] for each in handed} == set(tables["handoffs"]["parcel_id"])
    assert result.papers["manifests"] == tables["tours"].height
    assert "version 1" in str(result)


def test_each_parcel_is_on_one_manifest_or_handoff(run: tuple[Path, SyntheticRun]) -> None:
    path, synthetic = run
    export = release_run(path, released_at=RELEASED_AT).export_path
    carried = [
        parcel
        for file in sorted((export / "manifests").glob("*.csv"))
        for line in rows(file)
        for parcel in line["parcel_ids"].split("; ")
        if parcel
    ]
    assert sorted(carried) == synthetic.tables["routes"]["parcel_id"].sort().to_list()


def test_a_manifest_places_the_meal_between_its_stops(run: tuple[Path, SyntheticRun]) -> None:
    path, synthetic = run
    release_run(path, released_at=RELEASED_AT)
    route = synthetic.tables["breaks"]["route_id"][0]
    lines = rows(path / "export" / "manifests" / f"{route}.csv")
    assert [line["arrives_at"] for line in lines] == sorted(line["arrives_at"] for line in lines)
    assert "meal" in [line["kind"] for line in lines][1:-1]


def test_a_door_sheet_loads_first_what_leaves_last(run: tuple[Path, SyntheticRun]) -> None:
    path, synthetic = run
    release_run(path, released_at=RELEASED_AT)
    for load_id in synthetic.tables["legs"]["load_id"].unique().sort():
        lines = rows(path / "export" / "door_sheets" / f"{load_id}.csv")
        leaves = [line["onward_at"] for line in lines if line["onward_at"]]
        assert leaves == sorted(leaves, reverse=True)


def test_no_two_loads_share_a_door_at_a_time(run: tuple[Path, SyntheticRun]) -> None:
    path, synthetic = run
    release_run(path, released_at=RELEASED_AT)
    for file in (path / "export" / "door_sheets").glob("*.csv"):
        for line in rows(file):
            assert 1 <= int(line["door"]) <= 4
    assert synthetic.tables["loads"].height > 4


def test_a_release_is_versioned_in_the_manifest(run: tuple[Path, SyntheticRun]) -> None:
    path, _ = run
    first = release_run(path, released_at=RELEASED_AT)
    second = release_run(path, released_at=RELEASED_AT)
    manifest = json.loads((path / "manifest.json").read_text())
    assert (first.version, second.version) == (1, 2)
    assert first.content_hash == second.content_hash == manifest["release"]["content_hash"]
    assert manifest["release"]["released_at"] == "2026-11-30T18:00:00+00:00"
    assert manifest["seed"] == 7


def test_a_closed_gate_lists_faults_and_writes_nothing(tmp_path: Path) -> None:
    synthetic = build_run(120)
    synthetic.tables["duties"] = synthetic.tables["duties"].clear()
    path = tmp_path / "run"
    save(synthetic, path)
    before = sorted(path.rglob("*"))
    with pytest.raises(GateClosedError, match=r"\[hours\]") as error:
        release_run(path)
    assert error.value.exit_code == 4
    assert sorted(path.rglob("*")) == before
    assert "release" not in json.loads((path / "manifest.json").read_text())


@pytest.fixture
def undriven(tmp_path: Path) -> Path:
    """A plan whose own loads nobody drives: a fault of the gate of hours for each."""
    synthetic = build_run(120)
    synthetic.tables["duties"] = synthetic.tables["duties"].clear()
    save(synthetic, tmp_path / "undriven")
    return tmp_path / "undriven"


def faults_of(path: Path) -> list[str]:
    run = RunFolder.open(path)
    found = release_gates(run.read_tables(), run.read_network())
    assert {fault.gate for fault in found} == {"hours"}
    return [fault.subject for fault in found]


def test_what_somebody_answers_for_goes_out_with_their_name(
    undriven: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subjects = faults_of(undriven)
    options = [part for subject in subjects for part in ("--override", f"hours:{subject}")]
    named = ["--by", "M. Ruiz", "--reason", "an agency drives them"]
    assert main(["release", str(undriven), *options[2:], *named]) == 4  # one is left
    assert not (undriven / "export").exists()
    assert main(["release", str(undriven), *options, *named]) == 0
    assert "overridden by M. Ruiz: [hours]" in capsys.readouterr().out
    manifest = json.loads((undriven / "manifest.json").read_text())
    kept = manifest["release"]["overridden"]
    assert [each["subject"] for each in kept] == subjects
    assert {(each["by"], each["reason"]) for each in kept} == {("M. Ruiz", "an agency drives them")}
    assert json.loads((undriven / "export" / "release.json").read_text())["overridden"] == kept


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--override", "hours"], "is not GATE:SUBJECT"),
        (["--override", "ledger:x", "--by", "R", "--reason", "fine"], "cannot be overridden"),
        (["--override", "hours:nobody", "--by", "R", "--reason", "fine"], "meets no fault"),
        (["--override", "hours:x", "--by", "R", "--reason", "ok"], "characters"),
        (["--override", "hours:x", "--reason", "fine"], "nobody answers"),
        (["--by", "R"], "there is none"),
    ],
)
def test_an_override_that_cannot_be_is_refused_with_a_remedy(
    undriven: Path, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["release", str(undriven), *options]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert not (undriven / "export").exists()


def test_a_failed_write_leaves_the_earlier_release(
    run: tuple[Path, SyntheticRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = run
    release_run(path, released_at=RELEASED_AT)
    before = {each: each.read_bytes() for each in path.rglob("*") if each.is_file()}

    def full(*_args: object, **_named: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", full)
        with pytest.raises(UsageError, match="No space left"):
            release_run(path)
    assert {each: each.read_bytes() for each in path.rglob("*") if each.is_file()} == before


def test_an_out_folder_with_other_files_is_refused(
    run: tuple[Path, SyntheticRun], tmp_path: Path
) -> None:
    path, _ = run
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="not a release"):
        release_run(path, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").is_file()


def test_papers_neutralise_formulas_and_escape_markup(tmp_path: Path) -> None:
    synthetic = build_run(60)
    synthetic.orders = synthetic.orders.with_columns(
        recipient=pl.lit("=cmd|' /C calc'!A0"), instructions=pl.lit("<script>alert(1)</script>")
    )
    path = tmp_path / "run"
    save(synthetic, path)
    release_run(path, released_at=RELEASED_AT)
    for file in (path / "export" / "manifests").iterdir():
        text = file.read_text()
        if file.suffix == ".html":
            assert "<script>" not in text
        else:
            assert all(
                line["recipient"].startswith("'=") for line in rows(file) if line["kind"] == "stop"
            )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM", "\t=1", " =1", "\r=1"])
def test_a_text_cell_is_never_a_formula(text: str) -> None:
    frame = pl.DataFrame({"recipient": [text], "amount": [-1.0]})
    (line,) = csv.DictReader(io.StringIO(neutral_csv(frame), newline=""))
    assert line["recipient"] == f"'{text}"
    assert line["amount"] == "-1.0000"


def test_ids_that_are_no_file_names_stay_inside_the_export(tmp_path: Path) -> None:
    synthetic = build_run(60)
    tables = synthetic.tables
    for name in ("tours", "routes", "breaks", "ledger"):
        tables[name] = tables[name].with_columns("../../" + pl.col("route_id"))
    path = tmp_path / "run"
    save(synthetic, path)
    export = release_run(path, released_at=RELEASED_AT).export_path
    inside = list((export / "manifests").iterdir())
    assert len(inside) == 2 * tables["tours"].height
    assert sorted(each.name for each in tmp_path.iterdir()) == ["run"]


def test_a_tender_is_answered_before_its_pickup(run: tuple[Path, SyntheticRun]) -> None:
    path, _ = run
    release_run(path, released_at=RELEASED_AT)
    for tender in rows(path / "export" / "tenders.csv"):
        assert tender["respond_by"] <= tender["pickup_closes"]
        assert float(tender["rate_usd"]) > 0
        assert tender["carrier_id"] == "freightco"
