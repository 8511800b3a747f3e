"""A run under an open tower: seen from its first moment, and in the end the same run."""

from __future__ import annotations

import datetime as dt
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import polars as pl
import pytest

from crossdock.platform.planning import PlanRequest
from crossdock.platform.running import rebuild_run, run_to_folder

OPTIONS = {"parcels": 120, "metros": 4, "seed": 5}
PATIENCE_S = 150.0


class Watched:
    """A run in a process of its own, with its operator signed in."""

    def __init__(self, out: Path, *options: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.out = out
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crossdock.platform.cli", "--quiet", "run",
             *(text for name, value in OPTIONS.items() for text in (f"--{name}", str(value))),
             "--workers", "1", "--port", str(port), "--out", str(out), *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        said = [self.process.stdout.readline() for _ in range(2)]
        link = re.search(r"http://\S+/session/link/\S+", said[1])
        assert link is not None, said
        token = link[0].rpartition("/")[2]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60.0)
        self.client.post("/session/link", json={"token": token}).raise_for_status()

    def day(self) -> dict:
        return self.client.get("/v1/day").raise_for_status().json()

    def wait_for(self, *states: str) -> dict:
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            day = self.day()
            if day["state"] in states:
                return day
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.2)
        raise AssertionError(f"still {day}")

    def pace(self, **told: object) -> httpx.Response:
        return self.post("/v1/day", told)

    def post(self, path: str, told: object) -> httpx.Response:
        token = self.client.get("/session").json()["csrf"]
        headers = {"X-CSRF-Token": token, "Idempotency-Key": uuid.uuid4().hex}
        return self.client.post(path, json=told, headers=headers)

    def stop(self) -> tuple[int, str]:
        self.process.send_signal(signal.SIGINT)
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[type[Watched]]:
    open_ones: list[Watched] = []

    class Tracked(Watched):
        def __init__(self, name: str, *options: str) -> None:
            super().__init__(tmp_path / name, *options)
            open_ones.append(self)

    yield Tracked  # pyright: ignore[reportReturnType]
    for each in open_ones:
        each.client.close()
        each.process.kill()
        each.process.communicate()


def test_a_watched_run_ends_in_the_tables_of_one_that_nobody_watched(
    watched: type[Watched], tmp_path: Path
) -> None:
    run = watched("seen", "--speed", "max")  # pyright: ignore[reportArgumentType]
    first = run.day()
    assert first["state"] == "planning"
    facilities = run.client.get("/v1/map").json()["facilities"]
    assert len(facilities) == OPTIONS["metros"]  # there is a picture before there is a plan
    run.wait_for("finished")
    assert run.client.get("/v1/parcels", params={"limit": 1}).json()["items"]
    plans = run.client.get("/v1/plans").json()["items"]
    assert [plan["state"] for plan in plans] == ["released"]
    assert run.client.get(f"/v1/plans/{plans[0]['plan_id']}/loads").json()["items"]
    assert run.pace(paused=True).status_code == 409
    assert run.stop()[0] == 0
    alone = tmp_path / "alone"
    run_to_folder(PlanRequest(out=alone, workers=1, quiet=True, **OPTIONS))
    for table in sorted(alone.glob("*.parquet")):
        assert pl.read_parquet(table).equals(pl.read_parquet(run.out / table.name)), table.stem
    assert rebuild_run(run.out).different == ()


def test_a_day_is_paused_hurried_stopped_and_finished_without_the_tower(
    watched: type[Watched], tmp_path: Path
) -> None:
    run = watched("stopped", "--speed", "600")  # pyright: ignore[reportArgumentType]
    run.wait_for("playing")
    assert run.pace(paused=True).json()["state"] == "paused"
    time.sleep(0.5)  # a step that was under way ends
    stood = run.day()["now"]
    time.sleep(0.5)
    assert run.day()["now"] == stood
    assert run.pace(speed=700).status_code == 422
    load_id, until = held(run)
    assert run.pace(paused=False, speed=300).json() | {"now": ""} == run.day() | {"now": ""}
    run.wait_for("playing")
    time.sleep(1.0)
    assert run.day()["now"] > stood
    code, said = run.stop()
    assert code == 130
    assert f"crossdock resume {run.out}" in said
    done = subprocess.run(
        [sys.executable, "-m", "crossdock.platform.cli", "--quiet", "resume", str(run.out)],
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert rebuild_run(run.out).different == ()
    loads = pl.read_parquet(run.out / "loads.parquet")
    left = loads.filter(pl.col("load_id") == load_id)["actual_departs_at"][0]
    assert abs(left - until) < dt.timedelta(minutes=10)  # a driver may come late


def held(run: Watched) -> tuple[str, dt.datetime]:
    """Hold the last departure of the plan for two hours: the twin obeys, the log knows who."""
    loads = run.client.get("/v1/plans/plan_run/loads", params={"limit": 200}).json()["items"]
    load = max(loads, key=lambda load: (load["parcels"], load["departs_at"]))
    until = dt.datetime.fromisoformat(load["departs_at"]) + dt.timedelta(hours=2)
    asked = {"command": "hold_departure", "load_id": load["load_id"], "until": until.isoformat()}
    preview = run.post("/v1/commands", {**asked, "preview": True}).raise_for_status().json()
    assert preview["legal"], preview["reasons"]
    assert {"late_parcels", "cost_usd", "reasons"} <= set(preview)
    assert run.client.get("/v1/commands").json()["items"] == []
    run.post("/v1/commands", {**asked, "preview": False}).raise_for_status()
    told = run.client.get("/v1/commands").json()["items"]
    assert [(each["command"], each["by"]) for each in told] == [("hold_departure", "Operator")]
    return load["load_id"], until


def test_an_address_that_is_taken_is_said_before_anything_is_planned(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = subprocess.run(
            [sys.executable, "-m", "crossdock.platform.cli", "run", "--parcels", "50",
             "--port", str(taken.getsockname()[1]), "--out", str(tmp_path / "run")],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "cannot be listened at" in done.stderr
    assert not (tmp_path / "run").exists()
