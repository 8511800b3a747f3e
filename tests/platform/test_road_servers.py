"""Valhalla and OSRM over HTTP, against servers that speak as theirs do."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from crossdock.locate.roads.streets import TRUCK, VAN, RoadMatrix
from crossdock.model import (
    InfeasibleError,
    InvalidValueError,
    NotFoundError,
    ServiceUnavailableError,
    UsageError,
)
from crossdock.model.seeds import stream
from crossdock.platform.cli import main
from crossdock.platform.roads import RoadServer, osrm_matrix, road_server, valhalla_matrix
from road_servers import RoadWorld, metres, serving

KEY = "Bearer very-secret-key"


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(road_server, "_usual_wait_s", lambda _: 0.01)


def some_places(count: int = 7) -> np.ndarray:
    return stream(4, "places").uniform((39.2, -76.7), (39.3, -76.6), (count, 2))


def ask(kind: str, server: RoadServer, places: np.ndarray, names=None) -> RoadMatrix:
    both = None if names is None else (names, names)
    if kind == "osrm":
        return osrm_matrix(server, "driving", places, places, both)
    return valhalla_matrix(server, VAN, places, places, both)


KINDS = pytest.mark.parametrize("kind", ["valhalla", "osrm"])


@KINDS
@pytest.mark.parametrize("tile", [3, 50])
def test_tiles_make_up_the_whole_matrix(kind: str, tile: int):
    places = some_places()
    world = RoadWorld(most_pairs=tile * tile)
    with serving(world) as url:
        matrix = ask(kind, RoadServer(url, tile=tile), places)
    wanted = [[metres(tuple(one), tuple(other)) for other in places] for one in places]
    assert matrix.distance_m == pytest.approx(np.array(wanted), rel=1e-4, abs=0.1)
    assert matrix.duration_s == pytest.approx(np.array(wanted) / 10, rel=1e-4, abs=0.01)
    assert (matrix.distance_m != matrix.distance_m.T).any()
    assert len(world.asked) == (9 if tile == 3 else 1)


def test_the_long_form_of_older_valhallas_is_read_too():
    places = some_places()
    with serving(RoadWorld()) as url, serving(RoadWorld(long_form=True)) as old:
        short, long = (ask("valhalla", RoadServer(each), places) for each in (url, old))
    assert (short.distance_m == long.distance_m).all()
    assert (short.duration_s == long.duration_s).all()


def test_valhalla_is_told_the_measures_of_a_truck():
    places, world = some_places(2), RoadWorld()
    with serving(world) as url:
        slow = valhalla_matrix(RoadServer(url), TRUCK, places, places)
    body = world.asked[0]["body"]
    assert body["costing"] == "truck"
    assert body["costing_options"]["truck"]["height"] == TRUCK.height_m
    assert body["costing_options"]["truck"]["weight"] == TRUCK.weight_t
    assert slow.duration_s[0, 1] == pytest.approx(slow.distance_m[0, 1] / 8, rel=1e-4)


@KINDS
def test_a_server_that_stumbles_is_asked_again(kind: str):
    world = RoadWorld(stumbles=[(503, {}), (429, {"Retry-After": "0"})])
    with serving(world) as url:
        matrix = ask(kind, RoadServer(url), some_places(3))
    assert np.isfinite(matrix.duration_s).all()
    assert len(world.asked) == 3


@KINDS
def test_a_server_that_never_gets_up_is_unavailable(kind: str):
    world = RoadWorld(stumbles=[(503, {})] * 10)
    with (
        serving(world) as url,
        pytest.raises(ServiceUnavailableError, match=r"answers 503 \(3 attempts\)"),
    ):
        ask(kind, RoadServer(url, attempts=3), some_places(3))
    assert len(world.asked) == 3


@pytest.fixture
def deaf() -> Iterator[str]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@KINDS
def test_nobody_there_and_nobody_answering_are_told_apart(kind: str, deaf: str):
    with pytest.raises(ServiceUnavailableError, match=r"did not answer in 0.2 s \(2 attempts\)"):
        ask(kind, RoadServer(deaf, attempts=2, timeout_s=0.2), some_places(2))
    with socket.create_server(("127.0.0.1", 0)) as server:
        nobody = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(ServiceUnavailableError, match="cannot be reached") as refused:
        ask(kind, RoadServer(nobody, attempts=2), some_places(2))
    assert refused.value.remedy


@KINDS
def test_two_places_without_a_way_are_named(kind: str):
    places = np.array([[39.2, -76.7], [39.21, -76.69], [39.2, -76.6]])
    with serving(RoadWorld(island=-76.65)) as url:
        for tile in (50, 1):
            with pytest.raises(InfeasibleError, match="no way from depot to island, nor between 1"):
                ask(kind, RoadServer(url, tile=tile), places, ["depot", "shop", "island"])


def test_a_place_in_the_sea_is_named_where_the_server_says_which():
    places, names = np.array([[39.2, -76.7], [39.3, -76.7], [38.0, -76.6]]), ["a", "b", "buoy"]
    with serving(RoadWorld(sea=38.5)) as url:
        for tile in (50, 2, 1):
            with pytest.raises(NotFoundError, match="buoy is near no road"):
                ask("osrm", RoadServer(url, tile=tile), places, names)
        with pytest.raises(InvalidValueError, match="refuses: No suitable edges near location"):
            ask("valhalla", RoadServer(url), places, names)


@KINDS
def test_a_server_that_refuses_is_quoted(kind: str):
    with serving(RoadWorld(most_pairs=4)) as url, pytest.raises(InvalidValueError) as refused:
        ask(kind, RoadServer(url), some_places(3))
    assert "Too many table" in str(refused.value) or "Exceeded max" in str(refused.value)


@KINDS
@pytest.mark.parametrize(
    "says",
    [
        b"<html>", b"[]", b"\xff", b'{"code": "Ok"}',
        b'{"code": "Ok", "durations": [[1, 2]], "distances": [[1, 2]]}',
        b'{"sources_to_targets": {"durations": [[0, -1], [1, 0]], "distances": [[0, 1], [1, 0]]}}',
        b'{"sources_to_targets": [[{"time": "x"}]]}',
        b'{"code": "Ok", "durations": [["a", 2], [1, 2]], "distances": [[1, 2], [1, 2]]}',
    ],
)  # fmt: skip
def test_what_is_no_matrix_is_told_as_such(kind: str, says: bytes):
    with (
        serving(RoadWorld(says=says)) as url,
        pytest.raises(
            (ServiceUnavailableError, InvalidValueError), match="the road server http://127"
        ),
    ):
        ask(kind, RoadServer(url), some_places(2))


@KINDS
def test_keys_are_sent_and_never_shown(kind: str, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    world = RoadWorld(stumbles=[(401, {})])
    with serving(world) as url:
        server = RoadServer(url, {"Authorization": KEY})
        with pytest.raises(UsageError, match="answers 401") as refused:
            ask(kind, server, some_places(2))
        ask(kind, server, some_places(2))
    assert {each["headers"]["Authorization"] for each in world.asked} == {KEY}
    shown = f"{server!r} {refused.value} {refused.value.remedy} {caplog.text}"
    assert "very-secret" not in shown
    assert "127.0.0.1" in caplog.text  # something was logged


@pytest.mark.parametrize("url", ["http://me:secret@host", "http://host/?key=secret", "host", "x:y"])
def test_an_address_holds_no_secrets(url: str):
    with pytest.raises(UsageError) as refused:
        RoadServer(url)
    assert "secret" not in str(refused.value)


def test_numbers_that_cannot_be_are_refused():
    with pytest.raises(InvalidValueError, match="tile 0"):
        RoadServer("http://host", tile=0)
    with pytest.raises(UsageError, match="no profile"):
        osrm_matrix(RoadServer("http://host"), "a/b", some_places(1), some_places(1))


@KINDS
def test_the_command_asks_a_server_once(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CROSSDOCK_ROADS_AUTHORIZATION", KEY)
    places = some_places(4)
    stops, out = tmp_path / "stops.csv", tmp_path / "matrix.parquet"
    rows = [f"s{at},{lat},{lon}" for at, (lat, lon) in enumerate(places.tolist())]
    stops.write_text("\n".join(["id,latitude,longitude", *rows]) + "\n")
    world = RoadWorld()
    with serving(world) as url:
        source = f"osrm:{url}/driving" if kind == "osrm" else f"valhalla:{url}"
        asked = ["roads", "matrix", source, str(stops), "--out", str(out)]
        for _ in range(2):
            assert main([*asked, "--cache", str(tmp_path / "kept")]) == 0
        assert main([*asked, "--limit-min", "3"]) == 2
    assert len(world.asked) == 1
    assert world.asked[0]["headers"]["Authorization"] == KEY
    found = pl.read_parquet(out).filter(pl.col("from_id") == "s0", pl.col("to_id") == "s3")
    wanted = metres(tuple(places[0]), tuple(places[3]))
    assert found["distance_m"][0] == pytest.approx(wanted, rel=1e-4)
