"""``crossdock network`` as a user meets it: exit codes, faults as CSV, a folder left alone."""

from __future__ import annotations

import polars as pl
import pytest

from crossdock.model.tables import NETWORK_REJECTS
from crossdock.platform.cli import main
from minimal_network import MINIMAL, with_row, written

WAVES = "facility_id,wave,inbound_cutoff,starts,ends\nLAX,night,02:30,23:00,03:30\n"


def check(folder, capsys, *options: str) -> tuple[int, pl.DataFrame, str]:
    """Exit code, the faults on stdout, stderr; the folder must be as it was."""
    before = {path: path.read_bytes() for path in sorted(folder.iterdir())}
    code = main(["network", "check", str(folder), *options])
    told = capsys.readouterr()
    assert {path: path.read_bytes() for path in sorted(folder.iterdir())} == before
    return code, pl.read_csv(told.out.encode(), schema=pl.Schema(NETWORK_REJECTS)), told.err


@pytest.mark.parametrize("metros", ["1", "45"])
def test_a_network_written_by_init_checks_clean(tmp_path, capsys, metros):
    folder = tmp_path / "network"
    assert main(["network", "init", str(folder), "--metros", metros]) == 0
    said = capsys.readouterr()
    assert f"built-in network of {metros} metros" in said.err
    assert said.out == ""
    code, faults, told = check(folder, capsys)
    assert (code, faults.height) == (0, 0)
    assert told.endswith("no faults\n")


def test_the_minimal_network_checks_clean_and_tells_what_is_assumed(tmp_path, capsys):
    code, faults, told = check(written(MINIMAL, tmp_path / "network"), capsys)
    assert (code, faults.height) == (0, 0)
    assert "assumed: services is missing: 2-day and 3-day" in told
    assert "assumed: drivers is missing" in told


def test_rejected_rows_are_exit_3_and_listed(tmp_path, capsys):
    files = with_row("facilities", "X,,hub,91,-88,America/Gotham") | {"sort_waves": WAVES}
    code, faults, told = check(written(files, tmp_path / "network"), capsys)
    assert code == 3
    assert faults.select("file", "row", "field", "value").rows() == [
        ("facilities", 4, "latitude", "91"),
        ("facilities", 4, "timezone", "America/Gotham"),
        ("sort_waves", 1, "facility_id", "LAX"),
    ]
    assert faults["remedy"].str.len_chars().min() > 0
    assert "usable: 3 faults" in told


def test_a_broken_reference_of_a_required_file_is_exit_2_and_listed(tmp_path, capsys):
    folder = written(with_row("coverage", "490,GRR,OWN,own"), tmp_path / "network")
    code, faults, told = check(folder, capsys, "--quiet")
    assert code == 2
    assert faults.select("file", "row", "field", "value").rows() == [
        ("coverage", 3, "facility_id", "GRR")
    ]
    assert told == ""


def test_an_empty_folder_lacks_each_required_file(tmp_path, capsys):
    code, faults, told = check(tmp_path, capsys)
    assert code == 2
    assert faults["file"].to_list() == sorted(MINIMAL)
    assert faults["reason"].unique().to_list() == ["the file is missing"]
    assert "assumed" not in told


def test_a_hostile_cell_is_one_csv_cell_of_the_answer(tmp_path, capsys):
    folder = written(with_row("coverage", '"1,\n""2",DTW,OWN,own'), tmp_path / "network")
    code, faults, _ = check(folder, capsys)
    assert code == 3
    assert faults["value"].to_list() == ['1,\n"2']


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "gone"], "no network folder gone"),
        (["check"], "Missing argument 'DIR'"),
        (["init"], "Missing argument 'DIR'"),
        (["init", "new", "--metros", "46"], "46"),
        (["init", "new", "--metros", "0"], "0"),
        (["init", "full"], "holds files already"),
        (["init", "full/file"], "is a file, not a folder"),
        (["init", "full/file/new"], "cannot write"),
    ],
)
def test_wrong_use_is_one_error_line_and_a_remedy(tmp_path, monkeypatch, capsys, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert main(["network", *arguments]) == 2
    error, remedy = capsys.readouterr().err.splitlines()
    assert error.startswith("error: ")
    assert said in error
    assert remedy.startswith("remedy: ")
    assert not (tmp_path / "new").exists()


def test_init_with_force_replaces_the_network_files(tmp_path, capsys):
    folder = written(MINIMAL, tmp_path / "network")
    assert main(["network", "init", str(folder), "--metros", "2", "--force", "--quiet"]) == 0
    assert capsys.readouterr().err == ""
    assert check(folder, capsys)[0] == 0


@pytest.mark.parametrize("command", ["init", "check"])
def test_help_has_an_example(command, capsys):
    assert main(["network", command, "--help"]) == 0
    assert f"crossdock network {command} my-network/" in capsys.readouterr().out
