"""Road graphs from maps and on disk, matrices that are kept, and the commands over them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import osmium
import osmium.osm.mutable as drawn
import polars as pl
import pytest

from crossdock.locate.roads.streets import (
    CAR,
    TRUCK,
    Mode,
    RoadGraph,
    RoadMatrix,
    RoadPlaces,
    RoadSearch,
    RoadSnapper,
    VehicleRoads,
    grid_of_streets,
)
from crossdock.model import InputUnusableError, NotFoundError, UsageError
from crossdock.model.seeds import stream
from crossdock.platform.cli import main
from crossdock.platform.roads import (
    MatrixStore,
    matrix_key,
    osm_file,
    parse_hour,
    read_osm,
    read_places,
    read_roads,
    read_traffic,
    write_roads,
)
from locate.street_maps import place_e7
from routing.routing_data import ROOT

BALTIMORE = ROOT / "osm" / "baltimore.osm.pbf"
needs_map = pytest.mark.skipif(not BALTIMORE.is_file(), reason="CROSSDOCK_DATA has no maps")


def write_map(path: Path, *, without_node: int | None = None) -> Path:
    """A block of streets: the bottom one-way and closed to trucks, an island, a turn, a bollard."""
    corners = {
        1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (9, 9), 6: (10, 9), 7: (2, 1), 8: (3, 1),
        9: (2, 2), 10: (0.5, 0),
    }  # fmt: skip
    tags = {7: {"barrier": "bollard"}, 3: {"highway": "traffic_signals"}, 1: {"shop": "bakery"}}
    ways = {
        21: ([1, 10, 2], {"highway": "residential", "oneway": "yes", "hgv": "no"}),
        22: ([2, 3], {"highway": "residential", "maxspeed": "25 mph"}),
        23: ([3, 4], {"highway": "residential"}),
        24: ([4, 1], {"highway": "residential"}),
        25: ([5, 6], {"highway": "residential"}),
        26: ([3, 7, 8], {"highway": "residential"}),
        27: ([1, 3], {"highway": "footway"}),
        28: ([7, 9], {"building": "yes"}),
    }
    turn = {"type": "restriction", "restriction": "no_left_turn", "except": "hgv;psv"}
    members = [("w", 22, "from"), ("n", 3, "via"), ("w", 23, "to")]
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for node, corner in corners.items():
            if node != without_node:
                latitude, longitude = place_e7(corner)
                place = (longitude * 1e-7, latitude * 1e-7)
                writer.add_node(drawn.Node(id=node, location=place, tags=tags.get(node, {})))
        for way, (nodes, way_tags) in ways.items():
            writer.add_way(drawn.Way(id=way, nodes=nodes, tags=way_tags))
        writer.add_relation(drawn.Relation(id=31, members=members, tags=turn))
        over_way = [("w", 22, "from"), ("w", 23, "via"), ("w", 24, "to")]
        writer.add_relation(drawn.Relation(id=32, members=over_way, tags=turn))
    return path


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> RoadGraph:
    return read_osm(write_map(tmp_path_factory.mktemp("map") / "block.osm.pbf"))


@pytest.mark.parametrize("name", ["block.osm", "block.osm.gz", "block.osm.bz2"])
def test_a_map_says_the_same_in_every_format(graph: RoadGraph, tmp_path: Path, name: str):
    assert read_osm(write_map(tmp_path / name)).version == graph.version


def test_a_map_is_read_with_its_signs(graph: RoadGraph):
    assert set(graph.way_id.tolist()) <= {21, 22, 23, 24, 25, 26}
    assert graph.source == "block.osm.pbf"
    assert "OpenStreetMap" in graph.attribution
    assert dict(graph.remarks) == {"turn restrictions over a way, or incomplete": 1}
    assert graph.turns[:, 3].tolist() == [1 << Mode.CAR | 1 << Mode.GOODS]
    assert graph.signals.sum() > 0
    metres = {}
    for vehicle in (CAR, TRUCK):
        roads = VehicleRoads.of(graph, vehicle)
        e7 = np.array([place_e7((0.25, 0)), place_e7((0.75, 0)), place_e7((0, 0.5))])
        points = RoadSnapper(roads).snap(*e7.T * 1e-7)
        metres[vehicle.name] = RoadSearch(roads).matrix(points, points).distance_m
        edges, length_m = roads.dropped
        assert edges == 2  # the island, and what lies behind the bollard
        assert length_m == pytest.approx(200, abs=1)
    # The only way back for a car is up the right street, where it may not turn left.
    assert metres["car"][0, 1] == pytest.approx(50, abs=0.5)
    assert metres["car"][1, 2] > 250


def test_a_map_that_is_cut_at_its_edge_loses_no_more_than_that(tmp_path: Path):
    cut = read_osm(write_map(tmp_path / "cut.osm.pbf", without_node=4))
    assert dict(cut.remarks)["points outside of the extract"] == 2
    assert 23 not in cut.way_id
    assert 22 in cut.way_id


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("no.osm.pbf", None, "cannot read"),
        ("empty.osm.pbf", b"", "is empty"),
        ("noise.osm.pbf", b"\x00\xff" * 500, "cannot be read"),
        ("page.osm", b"<html><body>503</body></html>", "cannot be read"),
        ("noise.osm.gz", b"\x1f\x8b" + b"x" * 90, "cannot be read"),
        ("nothing.osm", b"<osm version='0.6'></osm>", "no road that can be driven"),
        ("points.csv", b"id,latitude\n", "no OpenStreetMap extract by its name"),
    ],
)
def test_what_is_no_map_is_refused_with_a_remedy(
    tmp_path: Path, name: str, content: bytes | None, said: str
):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputUnusableError, match=said) as refused:
        read_osm(tmp_path / name)
    assert refused.value.remedy


def test_a_map_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = write_map(tmp_path / "block.osm.pbf")
    monkeypatch.setattr(osm_file, "MOST_POINTS", 5)
    with pytest.raises(InputUnusableError, match="more than 5 points"):
        read_osm(path)
    monkeypatch.setattr(osm_file, "MOST_BYTES", 10)
    with pytest.raises(InputUnusableError, match="more than 10"):
        read_osm(path)


@needs_map
def test_half_of_a_real_map_is_refused(tmp_path: Path):
    (tmp_path / "half.osm.pbf").write_bytes(BALTIMORE.read_bytes()[:300_000])
    with pytest.raises(InputUnusableError, match="cannot be read"):
        read_osm(tmp_path / "half.osm.pbf")


def test_a_graph_comes_back_as_it_was_written(graph: RoadGraph, tmp_path: Path):
    write_roads(graph, tmp_path / "block.roads")
    again = read_roads(tmp_path / "block.roads")
    assert again.version == graph.version
    assert (again.source, again.source_hash) == (graph.source, graph.source_hash)
    assert (again.remarks, again.attribution) == (graph.remarks, graph.attribution)
    with pytest.raises(UsageError, match="cannot be written"):
        write_roads(graph, tmp_path / "nowhere" / "block.roads")


def test_a_graph_that_was_damaged_is_refused(graph: RoadGraph, tmp_path: Path):
    path = tmp_path / "block.roads"
    write_roads(graph, path)
    whole = path.read_bytes()
    draw = stream(3, "damage")
    for _ in range(40):
        broken = bytearray(whole)
        broken[int(draw.integers(len(broken)))] ^= int(draw.integers(1, 256))
        path.write_bytes(broken)
        with contextlib.suppress(InputUnusableError):
            assert read_roads(path).version == graph.version  # a byte that says nothing
    for content in (whole[:100], b"", b"PK\x03\x04"):
        path.write_bytes(content)
        with pytest.raises(InputUnusableError):
            read_roads(path)
    with pytest.raises(InputUnusableError, match="cannot read"):
        read_roads(tmp_path / "none.roads")


def some_matrix(size: int = 50, value: float = 1.0) -> RoadMatrix:
    both = np.full((size, size), value, np.float32)
    return RoadMatrix(both, both * 2)


def test_a_matrix_is_found_once_and_kept(tmp_path: Path):
    store = MatrixStore(tmp_path / "kept")
    asked = []

    def find() -> RoadMatrix:
        asked.append(1)
        return some_matrix()

    for _ in range(3):
        assert store.matrix("key", find).distance_m[3, 4] == 2.0
    assert len(asked) == 1


def test_a_broken_matrix_counts_as_missing(tmp_path: Path):
    store = MatrixStore(tmp_path)
    store.put("key", some_matrix())
    for content in (b"", b"\x93NUMPY", (tmp_path / "key.npy").read_bytes()[:-8]):
        (tmp_path / "key.npy").write_bytes(content)
        assert store.get("key") is None
        assert store.matrix("key", some_matrix).duration_s.shape == (50, 50)
    np.save(tmp_path / "key.npy", np.zeros((2, 2)))
    assert store.get("key") is None


def test_what_was_not_asked_for_longest_goes_first(tmp_path: Path):
    size = some_matrix().duration_s.nbytes * 2 + 200
    store = MatrixStore(tmp_path, most_bytes=3 * size)
    now = time.time()
    for age, key in enumerate(("d", "c", "b")):
        store.put(key, some_matrix())
        os.utime(tmp_path / f"{key}.npy", (now - 100 - age, now - 100 - age))
    assert store.get("b") is not None  # asked for again
    store.put("a", some_matrix())
    assert {path.stem for path in tmp_path.iterdir()} == {"a", "b", "d"}
    store.put("huge", some_matrix(size=500))
    assert store.get("huge") is None
    old = tmp_path / ".x.partial"
    old.write_bytes(b"left by a process that was killed")
    os.utime(old, (now - 10_000, now - 10_000))
    store.put("e", some_matrix())
    assert not old.exists()


def test_the_key_tells_apart_all_that_a_matrix_follows_from():
    here, there = np.array([39.1, 39.2]), np.array([-76.1, -76.2])
    keys = {
        matrix_key("v1", "car", places=[here, there]),
        matrix_key("v2", "car", places=[here, there]),
        matrix_key("v1c", "ar", places=[here, there]),
        matrix_key("v1", "car", places=[here, there + 1e-6]),
        matrix_key("v1", "car", places=[there, here]),
        matrix_key("v1", "car", places=[np.append(here, there)]),
    }
    assert len(keys) == 6
    assert matrix_key("v1", "car", places=[here, there + 1e-9]) in keys


def test_two_processes_share_a_folder(tmp_path: Path):
    work = (
        "import sys, numpy as np; from pathlib import Path\n"
        "from crossdock.platform.roads import MatrixStore\n"
        "from crossdock.locate.roads.streets import RoadMatrix\n"
        "store = MatrixStore(Path(sys.argv[1]), most_bytes=400_000)\n"
        "for turn in range(150):\n"
        "    value = turn % 20\n"
        "    both = np.full((100, 100), value, np.float32)\n"
        "    kept = store.matrix(f'k{value}', lambda: RoadMatrix(both, both))\n"
        "    assert (kept.duration_s == value).all() and (kept.distance_m == value).all()\n"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", work, str(tmp_path)], stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    said = [each.communicate(timeout=120)[1] for each in both]
    assert [each.returncode for each in both] == [0, 0], said
    held = list(tmp_path.glob("*.npy"))
    assert 0 < sum(path.stat().st_size for path in held) <= 500_000
    assert not list(tmp_path.glob("*.partial"))


# Tables


def test_places_that_cannot_be_are_named_by_row(tmp_path: Path):
    path = tmp_path / "stops.csv"
    head = "id,latitude,longitude,note\n"
    for rows, said in [
        ("a,39.1,-76.1,\nb,91,-76.1,\n", "row 2: '91', '-76.1' is no place"),
        ("a,north,-76.1,\n", "row 1: 'north'"),
        ("a,39,-76,\na,39,-76,\n", "'a' is there twice"),
        (" ,39,-76,\n", "row 1: the id is empty"),
        ("a,39\n", "row 1: the line has 2 cells"),
        ("", "has no places"),
    ]:
        path.write_text(head + rows)
        with pytest.raises(InputUnusableError, match=said) as refused:
            read_places(path)
        assert refused.value.remedy
    path.write_text("id,lat,lon\n")
    with pytest.raises(InputUnusableError, match="no column latitude, longitude"):
        read_places(path)


def test_a_table_of_traffic_is_read_and_its_faults_are_named(tmp_path: Path):
    path = tmp_path / "traffic.csv"
    path.write_text("road_class,days,from_hour,to_hour,speed_factor\nmotorway,MTWTF,7,9,0.5\n")
    assert read_traffic(path).at(4, 8)[0] == 0.5
    path.write_text("road_class,days,from_hour,to_hour,speed_factor\nlane,MTWTF,7,9,0.5\n")
    with pytest.raises(InputUnusableError, match=r"traffic.csv, row 1: road_class is 'lane'"):
        read_traffic(path)
    assert read_traffic(Path("usual")).at(0, 8)[0] < 1
    assert parse_hour("Sun-23") == (6, 23)
    for wrong in ("Sun", "Xyz-3", "Mon-24", "Mon-x"):
        with pytest.raises(UsageError, match="no hour of a week"):
            parse_hour(wrong)


# Commands


@pytest.fixture
def block(graph: RoadGraph, tmp_path: Path) -> tuple[Path, Path]:
    """A graph file and a table of three places."""
    write_roads(graph, tmp_path / "block.roads")
    rows = ["id,latitude,longitude"]
    for name, corner in {"a": (0.25, 0), "b": (0.75, 0), "c": (0, 0.5)}.items():
        latitude, longitude = place_e7(corner)
        rows.append(f"{name},{latitude * 1e-7:.7f},{longitude * 1e-7:.7f}")
    (tmp_path / "stops.csv").write_text("\n".join(rows) + "\n")
    return tmp_path / "block.roads", tmp_path / "stops.csv"


def test_from_a_map_to_a_matrix_and_a_way(
    block: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    write_map(tmp_path / "block.osm.pbf")
    graph_path = str(tmp_path / "new.roads")
    assert main(["roads", "build", str(tmp_path / "block.osm.pbf"), "--out", graph_path]) == 0
    assert "1 forbidden turns" in capsys.readouterr().err
    out = tmp_path / "matrix.parquet"
    kept = ["--cache", str(tmp_path / "kept")]
    asked = ["roads", "matrix", graph_path, str(block[1]), "--out", str(out), *kept]
    assert main(asked) == 0
    assert "left out: 2 roads (0.2 km)" in capsys.readouterr().err
    table = pl.read_parquet(out)
    assert table.columns == ["from_id", "to_id", "duration_s", "distance_m"]
    assert table.height == 9
    by_pair = {row[:2]: row[3] for row in table.iter_rows()}
    assert by_pair["a", "b"] == pytest.approx(50, abs=0.5)
    assert len(list((tmp_path / "kept").iterdir())) == 1
    assert main([*asked, "--traffic", "usual", "--at", "Mon-08"]) == 0
    slower = pl.read_parquet(out)
    assert slower["duration_s"].sum() > table["duration_s"].sum()
    assert slower["distance_m"].to_list() == pytest.approx(table["distance_m"].to_list())
    assert main([*asked, "--limit-min", "0.2"]) == 0
    assert pl.read_parquet(out)["duration_s"].null_count() > 0


def test_a_way_is_written_as_geojson(
    block: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    start, end = (
        ",".join(f"{e7 * 1e-7:.7f}" for e7 in place_e7(corner)) for corner in ((0.25, 0), (0.75, 0))
    )
    asked = ["roads", "route", str(block[0]), "--from", start, "--to", end]
    assert main(asked) == 0
    feature = json.loads(capsys.readouterr().out)
    assert feature["geometry"]["type"] == "LineString"
    assert feature["properties"]["distance_m"] == pytest.approx(50, abs=0.5)
    assert "OpenStreetMap" in feature["properties"]["attribution"]
    west, south = feature["geometry"]["coordinates"][0]
    assert (south, west) == pytest.approx(tuple(map(float, start.split(","))), abs=1e-5)
    assert main([*asked, "--vehicle", "car", "--out", str(tmp_path / "way.geojson")]) == 0
    assert json.loads((tmp_path / "way.geojson").read_text())["type"] == "Feature"


def test_errors_of_the_commands_have_a_remedy(
    block: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    graph_path, stops = map(str, block)
    far = tmp_path / "far.csv"
    far.write_text("id,latitude,longitude\nbuoy,38.0,-76.0\n")
    out = ["--out", str(tmp_path / "m.parquet")]
    for asked, code, said in [
        (["matrix", graph_path, str(far), *out], 4, "buoy is"),
        (["matrix", stops, stops, *out], 2, "no road graph"),
        (["matrix", graph_path, stops, "--at", "Mon-08", *out], 2, "go together"),
        (["matrix", "osrm:ftp://x/driving", stops, *out], 2, "address of the road server"),
        (["route", graph_path, "--from", "0,0", "--to", "1"], 2, "no place"),
        (["route", graph_path, "--from", "0,0", "--to", "1,1"], 4, "--from"),
    ]:
        assert main(["roads", *asked]) == code
        told = capsys.readouterr().err
        assert said in told
        assert "remedy: " in told
    assert not (tmp_path / "m.parquet").exists()


# A real city


@needs_map
def test_a_real_city_is_crossed(tmp_path: Path):
    graph = read_osm(BALTIMORE)
    assert 7_000 < graph.edges < 12_000
    roads = VehicleRoads.of(graph, CAR)
    edges, _ = roads.dropped
    assert edges < 0.05 * graph.edges
    draw = stream(2, "baltimore")
    shapes = draw.integers(len(graph.shape_latitude_e7), size=120)
    usable = RoadSnapper(roads)
    points = usable.snap(
        graph.shape_latitude[shapes] + draw.normal(0, 1e-4, 120),
        graph.shape_longitude[shapes] + draw.normal(0, 1e-4, 120),
    ).all_on_roads()
    search = RoadSearch(roads)
    matrix = search.matrix(points, points).without_gaps()
    kmh = matrix.distance_m / np.maximum(matrix.duration_s, 1) * 3.6
    far = matrix.distance_m > 2_000
    assert 15 < np.median(kmh[far]) < 70
    way = search.way(points.part(np.array([0, 1])))
    assert way.distance_m == pytest.approx(matrix.distance_m[0, 1], abs=0.5)
    write_roads(graph, tmp_path / "baltimore.roads")
    began_s = time.process_time()
    read_roads(tmp_path / "baltimore.roads")
    assert time.process_time() - began_s < 1.0


def test_a_place_far_off_is_told_with_its_distance(graph: RoadGraph):
    roads = VehicleRoads.of(graph, CAR)
    with pytest.raises(NotFoundError, match=r"point 0 is [0-9,]+ m from the nearest road"):
        RoadPlaces.of(roads, [39.0], [-76.0])


def test_the_bench_writes_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("crossdock.platform.bench.roads.SIDE", 12)
    block = write_map(tmp_path / "block.osm.pbf")
    asked = ["--quiet", "bench", "roads", "--map", str(block), "--out", str(tmp_path)]
    assert main(asked) == 0
    page = (tmp_path / "roads.md").read_text()
    assert "grid of 144 junctions | 500 x 500 matrix" in page
    assert "| block, " in page


def test_every_crossing_of_a_drawn_city_can_be_reached():
    graph = grid_of_streets(9, seed=4)
    roads = VehicleRoads.of(graph, CAR)
    assert roads.dropped == (0, 0.0)
    assert 0 < (graph.access[:, 0] == 0).sum() < graph.edges
    assert grid_of_streets(9, seed=4).version == graph.version
