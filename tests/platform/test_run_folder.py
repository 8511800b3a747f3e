"""A run folder is whole or absent, and reads back as it was written."""

from __future__ import annotations

import datetime as dt
import gc
import json
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import polars as pl
import pytest

from crossdock.model import (
    InputUnusableError,
    InvalidValueError,
    Network,
    NotFoundError,
    UsageError,
)
from crossdock.model.tables import BREAKS, REJECTS, RUN_TABLES, empty
from crossdock.platform.store import RunFolder, StageMeter


def write_run(place: Path, seed: int = 1) -> None:
    with RunFolder.create(place) as draft:
        draft.write_table("breaks", one_break())
        draft.write_rejects(empty(REJECTS))
        draft.write_manifest({"seed": seed, "assumptions": ["drivers at $32 an hour"]})


def one_break() -> pl.DataFrame:
    noon = dt.datetime(2026, 11, 30, 18, tzinfo=dt.UTC)
    return pl.DataFrame(
        {
            "ends_at": [noon + dt.timedelta(minutes=30)],
            "kind": ["meal"],
            "route_id": ["R-1"],
            "starts_at": [noon],
        }
    )


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_run_reads_back_in_the_columns_and_types_of_its_schema(tmp_path):
    write_run(tmp_path / "run")
    run = RunFolder.open(tmp_path / "run")
    breaks = run.read_table("breaks")
    assert breaks.schema == pl.Schema(BREAKS)
    assert breaks.rows() == one_break().select(list(BREAKS)).rows()
    assert run.read_rejects().is_empty()
    assert list(run.read_tables()) == ["breaks"]


def test_every_run_table_survives_writing_and_reading_without_rows(tmp_path):
    with RunFolder.create(tmp_path / "run") as draft:
        for name, schema in RUN_TABLES.items():
            draft.write_table(name, empty(schema))
        draft.write_manifest({})
    tables = RunFolder.open(tmp_path / "run").read_tables()
    assert {name: dict(frame.schema) for name, frame in tables.items()} == {
        name: dict(pl.Schema(schema)) for name, schema in RUN_TABLES.items()
    }


def test_the_network_travels_with_the_run(tmp_path):
    carriers = pl.DataFrame({"carrier_id": ["usps"], "kind": ["usps"], "modes": [["injection"]]})
    with RunFolder.create(tmp_path / "run") as draft:
        draft.write_network(Network.of({"carriers": carriers}))
        draft.write_manifest({"assumptions": ["no duty log: drivers are rested"]})
    network = RunFolder.open(tmp_path / "run").read_network()
    assert network["carriers"]["modes"].to_list() == [["injection"]]
    assert network.assumptions == ("no duty log: drivers are rested",)


def test_the_manifest_is_sorted_and_names_the_versions(tmp_path):
    write_run(tmp_path / "run")
    text = (tmp_path / "run/manifest.json").read_text()
    content = json.loads(text)
    assert list(content) == sorted(content)
    assert {"crossdock", "highspy", "numba", "numpy", "polars", "python", "pyvrp"} == set(
        content["versions"]
    )


def test_the_same_tables_give_the_same_bytes(tmp_path):
    write_run(tmp_path / "one")
    write_run(tmp_path / "other")
    for name in names_in(tmp_path / "one"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_a_frame_that_does_not_fit_its_schema_is_refused_and_nothing_appears(tmp_path):
    with (
        pytest.raises(InvalidValueError, match="schema"),
        RunFolder.create(tmp_path / "run") as draft,
    ):
        draft.write_table("breaks", pl.DataFrame({"starts_at": ["noon"]}))
    assert names_in(tmp_path) == []


def test_a_failed_run_leaves_the_run_before_it_untouched(tmp_path):
    write_run(tmp_path / "run", seed=1)
    with pytest.raises(InvalidValueError), RunFolder.create(tmp_path / "run") as draft:
        draft.write_table("breaks", pl.DataFrame({"starts_at": ["noon"]}))
    assert RunFolder.open(tmp_path / "run").manifest["seed"] == 1
    assert names_in(tmp_path) == ["run"]


def test_a_new_run_replaces_the_one_before_as_a_whole(tmp_path):
    write_run(tmp_path / "run", seed=1)
    with RunFolder.create(tmp_path / "run") as draft:
        draft.write_manifest({"seed": 2})
    assert names_in(tmp_path / "run") == ["manifest.json"]
    assert names_in(tmp_path) == ["run"]


def test_an_empty_folder_may_become_a_run(tmp_path):
    (tmp_path / "run").mkdir()
    write_run(tmp_path / "run")
    assert RunFolder.open(tmp_path / "run").manifest["seed"] == 1


def test_a_folder_with_other_files_is_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("five years of work")
    with pytest.raises(UsageError, match="not a run"), RunFolder.create(tmp_path):
        raise AssertionError("not reached")
    assert names_in(tmp_path) == ["thesis.txt"]


def test_a_file_in_the_place_of_a_run_is_refused(tmp_path):
    (tmp_path / "run").write_text("a file")
    with pytest.raises(UsageError, match="is a file"), RunFolder.create(tmp_path / "run"):
        raise AssertionError("not reached")


def test_folders_on_the_way_are_made(tmp_path):
    write_run(tmp_path / "2026/november/30")
    assert RunFolder.open(tmp_path / "2026/november/30").manifest["seed"] == 1


def test_a_killed_run_leaves_no_run_and_the_next_one_clears_its_rest(tmp_path):
    script = textwrap.dedent(
        f"""
        import pathlib, time
        from crossdock.platform.store import RunFolder
        with RunFolder.create(pathlib.Path({str(tmp_path / "run")!r})) as draft:
            draft.write_manifest({{"seed": 1}})
            print("writing", flush=True)
            time.sleep(60)
        """
    )
    run = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    assert run.stdout
    run.stdout.readline()
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert not (tmp_path / "run").exists()
    write_run(tmp_path / "run")
    assert names_in(tmp_path) == ["run"]


def test_a_run_moved_aside_by_a_killed_replacement_comes_back(tmp_path):
    write_run(tmp_path / "run", seed=1)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / "run").rename(tmp_path / f".run.previous-{dead.pid}")
    with pytest.raises(RuntimeError), RunFolder.create(tmp_path / "run"):
        raise RuntimeError
    assert RunFolder.open(tmp_path / "run").manifest["seed"] == 1


def test_what_is_no_run_is_told_apart(tmp_path):
    with pytest.raises(NotFoundError, match="no run folder"):
        RunFolder.open(tmp_path / "nowhere")
    with pytest.raises(InputUnusableError, match="not a run"):
        RunFolder.open(tmp_path)
    (tmp_path / "manifest.json").write_text('{"name": "a web app"}')
    with pytest.raises(InputUnusableError, match="not a run of this Crossdock"):
        RunFolder.open(tmp_path)


def test_missing_and_broken_tables_are_told_apart(tmp_path):
    write_run(tmp_path / "run")
    run = RunFolder.open(tmp_path / "run")
    with pytest.raises(NotFoundError, match="no table loads"):
        run.read_table("loads")
    (tmp_path / "run/breaks.parquet").write_bytes(b"PAR1 but no more")
    with pytest.raises(InputUnusableError, match="cannot be read"):
        run.read_table("breaks")


def test_a_stage_costs_its_seconds_and_its_memory():
    gc.collect()  # what earlier tests left is not given back in the middle of this one
    meter = StageMeter()
    with meter.stage("small"):
        time.sleep(0.1)
    with meter.stage("large"):
        block = b"x" * 400_000_000
        time.sleep(0.1)
        del block
    small, large = meter.costs
    assert (small.stage, large.stage) == ("small", "large")
    assert 0.1 <= small.seconds < 1
    assert large.peak_mb - small.peak_mb > 200


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see other processes")
def test_the_memory_of_worker_processes_counts():
    hungry = "block = b'x' * 200_000_000; print('fed', flush=True); input()"
    meter = StageMeter()
    with meter.stage("alone"):
        pass
    with meter.stage("with a worker"):
        worker = subprocess.Popen(
            [sys.executable, "-c", hungry], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert worker.stdout
        worker.stdout.readline()
        time.sleep(0.15)
        worker.communicate(b"\n")
    assert meter.costs[1].peak_mb - meter.costs[0].peak_mb > 180


def test_a_failed_stage_is_measured_too():
    meter = StageMeter()
    with pytest.raises(OSError, match="disk"), meter.stage("write"):
        raise OSError("disk full")
    assert meter.as_records()[0]["stage"] == "write"


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(UsageError, match="cannot write"),
        RunFolder.create(tmp_path / "file" / "run"),
    ):
        raise AssertionError("not reached")
