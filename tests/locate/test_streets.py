"""The own road graph: what maps allow, points on roads, and the quickest ways."""

from __future__ import annotations

import heapq
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.locate.roads import great_circle_m
from crossdock.locate.roads.streets import (
    BOX_TRUCK,
    CAR,
    TRUCK,
    VAN,
    Access,
    Mode,
    RoadClass,
    RoadGraph,
    RoadPoints,
    RoadSearch,
    RoadSnapper,
    VehicleRoads,
    closes_road,
    way_rules,
)
from crossdock.model import InfeasibleError, InputUnusableError, InvalidValueError, NotFoundError
from crossdock.model.seeds import stream
from locate.street_maps import Asked, Corner, Streets, place_e7, point_id

ROAD = {"highway": "residential"}


def access(mode: Mode, **tags: str) -> tuple[Access, Access]:
    rules = way_rules(ROAD | tags)
    return rules.access[mode] if rules is not None else (Access.NO, Access.NO)


def square(**bottom: str) -> Streets:
    """Four streets round a block; the bottom one as said."""
    streets = Streets()
    streets.way((0, 0), (1, 0), **bottom)
    streets.way((1, 0), (1, 1))
    streets.way((1, 1), (0, 1))
    streets.way((0, 1), (0, 0))
    return streets


# What tags mean


@pytest.mark.parametrize(
    ("tags", "forward", "backward"),
    [
        ({}, Access.OPEN, Access.OPEN),
        ({"oneway": "yes"}, Access.OPEN, Access.NO),
        ({"oneway": "-1"}, Access.NO, Access.OPEN),
        ({"oneway": "reversible"}, Access.NO, Access.NO),
        ({"junction": "roundabout"}, Access.OPEN, Access.NO),
        ({"junction": "roundabout", "oneway": "no"}, Access.OPEN, Access.OPEN),
        ({"highway": "motorway"}, Access.OPEN, Access.NO),
        ({"highway": "motorway_link"}, Access.OPEN, Access.OPEN),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, Access.OPEN, Access.OPEN),
        ({"access": "private"}, Access.LAST_MILE, Access.LAST_MILE),
        ({"access": "no", "motor_vehicle": "delivery"}, Access.LAST_MILE, Access.LAST_MILE),
        ({"access": "no", "motorcar": "yes"}, Access.OPEN, Access.OPEN),
        ({"motor_vehicle": "no"}, Access.NO, Access.NO),
        ({"motor_vehicle:backward": "no"}, Access.OPEN, Access.NO),
        ({"highway": "service", "service": "driveway"}, Access.LAST_MILE, Access.LAST_MILE),
        ({"highway": "service", "service": "alley"}, Access.OPEN, Access.OPEN),
        ({"highway": "footway"}, Access.NO, Access.NO),
        ({"access": "permissive;delivery"}, Access.OPEN, Access.OPEN),
        ({"access": "forestry"}, Access.NO, Access.NO),
    ],
)
def test_tags_open_a_road_to_cars(tags: dict[str, str], forward: Access, backward: Access):
    assert access(Mode.CAR, **tags) == (forward, backward)


def test_signs_for_trucks_hold_for_trucks_alone():
    assert access(Mode.HGV, hgv="no") == (Access.NO, Access.NO)
    assert access(Mode.GOODS, hgv="no") == (Access.OPEN, Access.OPEN)
    assert access(Mode.HGV, hgv="destination")[0] == Access.LAST_MILE
    assert access(Mode.GOODS, goods="no")[0] == Access.NO
    assert access(Mode.HGV, oneway="yes", **{"oneway:hgv": "no"})[1] == Access.OPEN


def test_signed_speeds_and_measures_are_read_in_their_units():
    rules = way_rules(
        ROAD
        | {
            "maxspeed": "25 mph", "maxspeed:backward": "30", "maxspeed:hgv": "10 mph",
            "maxheight": "12'6\"", "maxweight": "5 st", "maxlength": "40 ft", "maxwidth": "2.5",
        }
    )  # fmt: skip
    assert rules is not None
    assert rules.speed_kmh == pytest.approx((25 * 1.609344 * 0.8, 24.0))
    assert rules.hgv_kmh == pytest.approx(10 * 1.609344 * 0.8)
    assert rules.limits == pytest.approx((3.81, 2.5, 12.192, 4.5359237))


@pytest.mark.parametrize("nonsense", ["", "signals", "none", "9999", "RU:urban", "-5"])
def test_a_speed_that_cannot_be_is_as_if_nothing_were_signed(nonsense: str):
    assert way_rules(ROAD | {"maxspeed": nonsense}) == way_rules(ROAD)


@pytest.mark.parametrize("nonsense", ["", "default", "below_default", "unsigned", "no sign"])
def test_a_limit_that_is_no_number_limits_nothing(nonsense: str):
    rules = way_rules(ROAD | {"maxheight": nonsense, "maxweight": nonsense})
    assert rules is not None
    assert rules.limits == (math.inf,) * 4


@pytest.mark.parametrize(
    ("tags", "closed"),
    [
        ({"barrier": "bollard"}, True),
        ({"barrier": "gate"}, False),
        ({"barrier": "gate", "access": "no"}, True),
        ({"barrier": "gate", "access": "private"}, False),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, False),
        ({"highway": "crossing"}, False),
    ],
)
def test_bollards_and_locked_gates_close_a_road(tags: dict[str, str], closed: bool):
    assert closes_road(tags) is closed


# What is a way


def test_a_oneway_street_is_driven_its_way_only():
    asked = Asked(square(oneway="yes").graph())
    assert asked.metres((0, 0), (1, 0)) == pytest.approx(100, abs=0.2)
    assert asked.metres((1, 0), (0, 0)) == pytest.approx(300, abs=0.2)
    against = Asked(square(oneway="-1").graph())
    assert against.metres((0, 0), (1, 0)) == pytest.approx(300, abs=0.2)
    assert against.metres((1, 0), (0, 0)) == pytest.approx(100, abs=0.2)


def test_within_a_oneway_street_one_drives_on_or_all_around():
    asked = Asked(square(oneway="yes").graph())
    early, late = (0.2, 0.0), (0.7, 0.0)
    assert asked.metres(early, late) == pytest.approx(50, abs=0.2)
    assert asked.metres(late, early) == pytest.approx(350, abs=0.2)
    assert asked.metres(early, early) == 0


def test_a_roundabout_goes_round_one_way():
    streets = Streets()
    corners: list[Corner] = [(0, 0), (1, 0), (1, 1), (0, 1)]
    streets.way(*corners, (0, 0), junction="roundabout")
    for east, north in corners:
        streets.way((east, north), (3 * east - 1, 3 * north - 1))
    asked = Asked(streets.graph())
    assert asked.metres((0, 0), (1, 0)) == pytest.approx(100, abs=0.2)
    assert asked.metres((0, 0), (0, 1)) == pytest.approx(300, abs=0.3)


@pytest.mark.parametrize(
    ("tags", "who", "goes_round"),
    [
        ({"hgv": "no"}, TRUCK, True),
        ({"hgv": "no"}, BOX_TRUCK, True),
        ({"hgv": "no"}, VAN, False),
        ({"goods": "no"}, VAN, True),
        ({"maxheight": "12'6\""}, TRUCK, True),
        ({"maxheight": "12'6\""}, BOX_TRUCK, False),
        ({"maxweight": "3 t"}, VAN, True),
        ({"maxweight": "3 t"}, CAR, False),
        ({"maxlength": "20"}, TRUCK, True),
        ({"maxlength": "20"}, BOX_TRUCK, False),
    ],
)
def test_a_truck_goes_round_where_it_may_not_pass(tags, who, goes_round):
    metres = Asked(square(**tags).graph(), who).metres((0, 0), (1, 0))
    assert metres == pytest.approx(300 if goes_round else 100, abs=0.3)


def with_private_street() -> Streets:
    """A long way round, a private short cut, and a yard behind it."""
    streets = Streets()
    streets.way((0, 0), (0, 2), (2, 2), (2, 0))
    streets.way((0, 0), (1, 0), access="private")
    streets.way((1, 0), (2, 0), access="private")
    streets.way((1, 0), (1, 0.5), access="private")
    return streets


def test_a_private_street_is_no_way_through_but_leads_to_its_doors():
    asked = Asked(with_private_street().graph())
    assert asked.metres((0, 1), (2, 1)) == pytest.approx(400, abs=0.4)
    assert asked.metres((0, 1), (1, 0.5)) == pytest.approx(250, abs=0.4)
    assert asked.metres((1, 0.5), (2, 1)) == pytest.approx(250, abs=0.4)
    assert asked.metres((0.5, 0), (1, 0.5)) == pytest.approx(100, abs=0.4)
    assert asked.metres((0.5, 0), (1.5, 0)) == pytest.approx(100, abs=0.4)


def crossing() -> tuple[Streets, dict[str, int]]:
    """Four streets from a crossing, joined by a ring around it."""
    streets = Streets()
    arms = {
        "west": streets.way((-1, 0), (0, 0)),
        "east": streets.way((0, 0), (1, 0)),
        "north": streets.way((0, 0), (0, 1)),
        "south": streets.way((0, 0), (0, -1)),
    }
    streets.way((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0))
    return streets, arms


def test_a_forbidden_turn_is_not_taken_and_others_are():
    streets, arms = crossing()
    streets.turn(arms["west"], (0, 0), arms["north"])
    asked = Asked(streets.graph())
    assert asked.metres((-0.5, 0), (0, 0.5)) == pytest.approx(300, abs=0.4)
    assert asked.metres((-0.5, 0), (0.5, 0)) == pytest.approx(100, abs=0.4)
    assert asked.metres((0.5, 0), (0, 0.5)) == pytest.approx(100, abs=0.4)
    assert asked.metres((0, 0.5), (-0.5, 0)) == pytest.approx(100, abs=0.4)


def test_where_one_turn_only_is_allowed_all_others_are_forbidden():
    streets, arms = crossing()
    streets.turn(arms["west"], (0, 0), arms["east"], only=True)
    asked = Asked(streets.graph())
    assert asked.metres((-0.5, 0), (0.5, 0)) == pytest.approx(100, abs=0.4)
    assert asked.metres((-0.5, 0), (0, 0.5)) == pytest.approx(300, abs=0.4)
    assert asked.metres((-0.5, 0), (0, -0.5)) == pytest.approx(300, abs=0.4)


def test_a_turn_sign_of_trucks_leaves_cars_alone():
    streets, arms = crossing()
    streets.turn(arms["west"], (0, 0), arms["north"])
    streets.osm.turns[0] = replace(streets.osm.turns[0], modes=1 << Mode.HGV)
    graph = streets.graph()
    assert Asked(graph, TRUCK).metres((-0.5, 0), (0, 0.5)) == pytest.approx(300, abs=0.4)
    assert Asked(graph, CAR).metres((-0.5, 0), (0, 0.5)) == pytest.approx(100, abs=0.4)


def test_a_turn_sign_holds_on_the_way_out_of_a_private_street():
    """Also where the roads of the last mile meet the open ones, in either order."""
    for tagged in ("west", "north"):
        streets, arms = crossing()
        at = arms[tagged] - 1
        rules = way_rules(ROAD | {"access": "private"})
        assert rules is not None
        streets.osm.ways[at] = replace(streets.osm.ways[at], rules=rules)
        streets.turn(arms["west"], (0, 0), arms["north"])
        asked = Asked(streets.graph())
        assert asked.metres((-0.5, 0), (0, 0.5)) == pytest.approx(300, abs=0.4), tagged
        assert asked.metres((-0.5, 0), (0.5, 0)) == pytest.approx(100, abs=0.4), tagged


def test_a_turn_sign_that_fits_no_road_is_told():
    streets, arms = crossing()
    streets.turn(arms["west"], (0, 1), arms["north"])
    assert dict(streets.graph().remarks) == {"turn restrictions that do not fit the roads": 1}


def test_an_island_is_left_out_and_told():
    streets = square()
    streets.way((5, 5), (6, 5))
    streets.way((0, 0), (-1, 0), oneway="yes")  # nobody comes back from there
    roads = VehicleRoads.of(streets.graph(), CAR)
    edges, metres = roads.dropped
    assert (edges, metres) == (2, pytest.approx(200, abs=0.5))
    on_island = RoadSnapper(roads).snap(*np.array([place_e7((5.5, 5))]).T * 1e-7, limit_m=200)
    assert on_island.off_road.tolist() == [0]
    with pytest.raises(NotFoundError, match=r"Fort McHenry is \d+ m from the nearest road"):
        on_island.all_on_roads(["Fort McHenry"])


def test_nobody_gets_past_a_bollard():
    streets = square()
    streets.osm.closed.add(point_id((0, 0)))
    asked = Asked(streets.graph())
    assert asked.metres((0, 0.5), (0.5, 0)) == pytest.approx(300, abs=0.4)


def test_a_light_costs_its_wait_on_the_way_to_it():
    streets = square()
    streets.osm.signals[point_id((1, 0))] = "forward"
    graph = streets.graph()
    plain = Asked(graph, replace(CAR, signal_s=0.0))
    lit = Asked(graph, replace(CAR, signal_s=20.0))
    corners: list[Corner] = [(0, 0), (1, 1)]
    quick, slow = plain.matrix(corners).duration_s, lit.matrix(corners).duration_s
    # The other way round the block is as long and has no light.
    assert slow == pytest.approx(quick, abs=1e-3)
    streets.osm.signals[point_id((0, 1))] = "both"
    both = Asked(streets.graph(), replace(CAR, signal_s=20.0))
    assert both.matrix(corners).duration_s[0, 1] == pytest.approx(quick[0, 1] + 20)
    before, after = (0.5, 0), (1, 0.5)
    assert lit.matrix([before, after]).duration_s[0, 1] == pytest.approx(
        plain.matrix([before, after]).duration_s[0, 1] + 20
    )
    assert lit.matrix([after, before]).duration_s[0, 1] == pytest.approx(
        plain.matrix([after, before]).duration_s[0, 1]
    )


def test_like_pieces_of_a_street_become_one_edge_and_keep_their_line():
    streets = Streets()
    streets.way((0, 0), (1, 0))
    streets.way((2, 1), (1, 0))  # drawn the other way
    streets.way((2, 1), (3, 1), maxspeed="50")
    graph = streets.graph()
    assert sorted(np.round(graph.length_m).tolist()) == [100.0, 241.0]
    assert sorted(np.diff(graph.shape_first).tolist()) == [2, 3]


def test_oneway_pieces_drawn_against_each_other_stay_apart():
    streets = square()
    streets.way((0, 0), (-1, 0), oneway="yes")
    streets.way((-1, 1), (-1, 0), oneway="-1")
    streets.way((-1, 1), (0, 1))
    asked = Asked(streets.graph())
    assert asked.metres((-0.5, 0), (-1, 0.5)) == pytest.approx(100, abs=0.4)
    assert asked.metres((-1, 0.5), (-0.5, 0)) == pytest.approx(300, abs=0.5)


def test_a_map_without_roads_and_a_vehicle_without_any_are_refused():
    with pytest.raises(InputUnusableError, match="no road"):
        Streets().graph()
    with pytest.raises(InputUnusableError, match="no road for a truck"):
        VehicleRoads.of(_all_banned(), TRUCK)


def _all_banned() -> RoadGraph:
    streets = Streets()
    streets.way((0, 0), (1, 0), hgv="no")
    return streets.graph()


def test_columns_that_cannot_be_are_refused():
    graph = square().graph()
    with pytest.raises(InvalidValueError, match="speed_kmh"):
        replace(graph, speed_kmh=graph.speed_kmh * 0)
    with pytest.raises(InvalidValueError, match="length_m"):
        replace(graph, length_m=-graph.length_m)
    with pytest.raises(InvalidValueError, match="turns"):
        replace(graph, turns=np.array([[0, 0, 99, 1]], np.int32))
    with pytest.raises(InvalidValueError, match="start"):
        replace(graph, start=graph.start.astype(np.int64))


def test_slower_classes_take_longer():
    asked = Asked(square().graph())
    factor = np.ones(len(RoadClass))
    factor[RoadClass.STREET] = 0.5
    slowed = RoadSearch(asked.roads.with_speeds(factor))
    points = asked.points([(0, 0), (1, 1)])
    usual = asked.search.matrix(points, points)
    slow = slowed.matrix(points, points)
    assert slow.duration_s == pytest.approx(2 * usual.duration_s)
    assert slow.distance_m == pytest.approx(usual.distance_m)


def test_beyond_the_limit_nothing_is_looked_for_and_gaps_are_named():
    asked = Asked(square().graph())
    points = asked.points([(0, 0), (0.5, 0), (1, 1)])
    whole = asked.search.matrix(points, points)
    limited = asked.search.matrix(points, points, limit_s=float(whole.duration_s[0, 1]) * 1.5)
    assert np.isfinite(limited.duration_s).sum() == 5
    assert limited.duration_s[0, 1] == whole.duration_s[0, 1]
    with pytest.raises(InfeasibleError, match="no way from depot to far, nor between 3 other"):
        limited.without_gaps(["depot", "near", "far"], ["depot", "near", "far"])


def test_a_way_is_drawn_from_door_to_door():
    asked = Asked(square(oneway="yes").graph())
    points = asked.points([(0.7, 0), (0.2, 0)])
    way = asked.search.way(points)
    corners = [(0.7, 0), (1, 0), (1, 1), (0, 1), (0, 0), (0.2, 0)]
    drawn = np.column_stack([way.latitude, way.longitude])
    wanted = np.array([place_e7(corner) for corner in corners]) * 1e-7
    assert drawn == pytest.approx(wanted, abs=2e-7)
    assert way.distance_m == pytest.approx(350, abs=0.3)


# What holds for any map


def random_map(seed: int, *, signs: bool = False) -> Streets:
    """A grid of streets with gaps, speeds and one-ways; with private streets and turns if asked."""
    draw = stream(seed, "map")
    size = int(draw.integers(2, 5))
    streets = Streets()
    ways: list[tuple[int, Corner, Corner]] = []
    for east in range(size):
        for north in range(size):
            for onward in ((east + 1, north), (east, north + 1)):
                if max(onward) >= size or draw.random() < 0.15:
                    continue
                tags = {"maxspeed": str(draw.integers(20, 100))}
                if draw.random() < 0.3:
                    tags["oneway"] = "yes" if draw.random() < 0.5 else "-1"
                if signs and draw.random() < 0.2:
                    tags["access"] = "private"
                here = (float(east), float(north))
                ways.append((streets.way(here, onward, **tags), here, onward))
    streets.way((-1, -1), (0, 0), (0, -1), (-1, -1))
    for before, _, via in ways if signs else ():
        for after, start, _ in ways:
            if start == via and draw.random() < 0.15:
                streets.turn(before, via, after)
    return streets


def drawn_out(roads: VehicleRoads, points: RoadPoints) -> dict[object, list[tuple[object, float]]]:
    """Junctions and points with the seconds between neighbours: edges and directions alone."""
    graph = roads.graph
    onward: dict[object, list[tuple[object, float]]] = {}
    for arc in np.flatnonzero(roads.arc_edge >= 0).tolist():
        edge, backward, seconds = roads.arc_edge[arc], roads.arc_backward[arc], roads.arc_s[arc]
        tail, head = ("junction", graph.start[edge]), ("junction", graph.end[edge])
        there = np.flatnonzero(points.edge == edge).tolist()
        stops = [(0.0, tail), (1.0, head), *((points.share[i], i) for i in there)]
        for share, stop in stops:
            for other, ahead in stops:
                if (other <= share) if backward else (other >= share):
                    onward.setdefault(stop, []).append((ahead, abs(other - share) * seconds))
    for i in np.flatnonzero(np.isin(points.share, (0, 1))).tolist():
        side = graph.start if points.share[i] == 0 else graph.end
        corner = ("junction", side[points.edge[i]])
        onward.setdefault(i, []).append((corner, 0.0))
        onward.setdefault(corner, []).append((i, 0.0))
    return onward


def by_hand(onward: dict[object, list[tuple[object, float]]], source: int) -> dict[object, float]:
    """Dijkstra's search as in the textbook."""
    best: dict[object, float] = {}
    queue: list[tuple[float, str, object]] = [(0.0, "", source)]
    while queue:
        at_s, _, here = heapq.heappop(queue)
        if here not in best:
            best[here] = at_s
            for ahead, seconds in onward[here]:
                heapq.heappush(queue, (at_s + seconds, str(ahead), ahead))
    return best


def some_corners(seed: int, count: int = 8) -> list[Corner]:
    draw = stream(seed, "corners")
    places = draw.uniform(-0.5, 4.5, (count, 2))
    places[::2] = np.round(places[::2])  # half of them at junctions
    return [(float(east), float(north)) for east, north in places]


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_the_matrix_is_what_a_search_by_hand_finds(seed: int):
    asked = Asked(random_map(seed).graph())
    points = asked.points(some_corners(seed), limit_m=2000.0)
    matrix = asked.search.matrix(points, points)
    onward = drawn_out(asked.roads, points)
    for source in range(len(points)):
        wanted = by_hand(onward, source)
        assert matrix.duration_s[source] == pytest.approx(
            [wanted[i] for i in range(len(points))], rel=1e-5, abs=1e-3
        )


def road_by_road(roads: VehicleRoads, points: RoadPoints, source: int) -> list[float]:
    """Least seconds to each point, where a way is a row of roads driven in a direction each.

    Signs are looked up at each step; private roads may be driven up to the first open one and from
    the last one on.
    """
    graph, mode = roads.graph, roads.vehicle.mode
    bans = {(a, via, b) for a, via, b, modes in graph.turns.tolist() if modes >> mode & 1}
    seconds = {
        (int(roads.arc_edge[arc]), bool(roads.arc_backward[arc])): float(roads.arc_s[arc])
        for arc in np.flatnonzero(roads.arc_edge >= 0)
    }
    ends = {
        way: (int(graph.end[way[0]]), int(graph.start[way[0]]))[:: -1 if way[1] else 1]
        for way in seconds
    }  # where it leads, whence it comes

    def onward(way: tuple[int, bool], phase: int) -> list[tuple[tuple[int, bool], int]]:
        found = []
        for ahead in seconds:
            if ends[ahead][1] != ends[way][0] or (way[0], ends[way][0], ahead[0]) in bans:
                continue
            if graph.access[ahead[0], mode, int(ahead[1])] == Access.LAST_MILE:
                found.append((ahead, 0 if phase == 0 else 2))
            elif phase < 2:
                found.append((ahead, 1))
        return found

    edge, share = int(points.edge[source]), float(points.share[source])
    best = [math.inf] * len(points)
    queue: list[tuple[float, tuple[int, bool], int]] = []
    for way in [(edge, False), (edge, True)]:
        if way not in seconds:
            continue
        for at in np.flatnonzero(points.edge == edge).tolist():
            ahead = (share - points.share[at]) if way[1] else (points.share[at] - share)
            if ahead >= 0:
                best[at] = min(best[at], float(ahead) * seconds[way])
        private = graph.access[edge, mode, int(way[1])] == Access.LAST_MILE
        rest = share if way[1] else 1 - share
        queue.append((seconds[way] * rest, way, 0 if private else 1))
    heapq.heapify(queue)
    done: set[tuple[tuple[int, bool], int]] = set()
    while queue:
        at_s, way, phase = heapq.heappop(queue)
        if (way, phase) in done:
            continue
        done.add((way, phase))
        for ahead, then in onward(way, phase):
            for at in np.flatnonzero(points.edge == ahead[0]).tolist():
                part = 1 - points.share[at] if ahead[1] else points.share[at]
                best[at] = min(best[at], at_s + seconds[ahead] * float(part))
            heapq.heappush(queue, (at_s + seconds[ahead], ahead, then))
    return best


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_turns_and_private_roads_are_as_a_search_road_by_road_finds(seed: int):
    asked = Asked(random_map(seed, signs=True).graph())
    points = asked.points(some_corners(seed, 12), limit_m=2000.0)
    within = np.flatnonzero((points.share > 0) & (points.share < 1))
    points = points.part(within)
    matrix = asked.search.matrix(points, points)
    for source in range(len(points)):
        wanted = road_by_road(asked.roads, points, source)
        assert matrix.duration_s[source] == pytest.approx(wanted, rel=1e-5, abs=1e-3)


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_no_detour_by_a_third_place_is_quicker(seed: int):
    """Not so with signs: who has business in a private street may pass through it by that."""
    duration_s = Asked(random_map(seed).graph()).matrix(some_corners(seed)).duration_s
    by_third = (duration_s[:, :, None] + duration_s[None, :, :]).min(axis=1)
    assert (duration_s <= by_third + 1e-3).all()


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_pairs_and_drawn_ways_say_the_same_as_the_matrix(seed: int):
    asked = Asked(random_map(seed, signs=True).graph())
    points = asked.points(some_corners(seed), limit_m=2000.0)
    matrix = asked.search.matrix(points, points)
    start, end = (each.ravel() for each in np.indices(matrix.duration_s.shape))
    duration_s, distance_m = asked.search.pairs(points, start, end)
    assert duration_s == pytest.approx(matrix.duration_s.ravel())
    assert distance_m == pytest.approx(matrix.distance_m.ravel())
    for one, other in zip(start.tolist(), end.tolist(), strict=True):
        both = points.part(np.array([one, other]))
        if not np.isfinite(matrix.duration_s[one, other]):
            with pytest.raises(InfeasibleError, match="no way"):
                asked.search.way(both)
            continue
        way = asked.search.way(both)
        assert way.duration_s == pytest.approx(matrix.duration_s[one, other], abs=1e-3)
        drawn_m = great_circle_m(
            way.latitude[:-1], way.longitude[:-1], way.latitude[1:], way.longitude[1:]
        ).sum()
        assert drawn_m == pytest.approx(way.distance_m, rel=1e-3, abs=0.1)
        ends = (way.latitude[[0, -1]], way.longitude[[0, -1]])
        assert ends[0] == pytest.approx(both.latitude, abs=1e-8)
        assert ends[1] == pytest.approx(both.longitude, abs=1e-8)


@settings(max_examples=40)
@given(st.integers(0, 10_000))
def test_a_place_on_a_road_is_the_nearest_of_all(seed: int):
    asked = Asked(random_map(seed).graph())
    graph = asked.roads.graph
    corners = [(2.5 * east - 3, 2.5 * north - 3) for east, north in some_corners(seed)]
    points = asked.points(corners, limit_m=10_000.0)
    lat, lon = (np.array([place_e7(c)[axis] for c in corners]) * 1e-7 for axis in (0, 1))
    offered: list[np.ndarray] = []
    for edge in np.flatnonzero(asked.roads.usable).tolist():
        rows = slice(graph.shape_first[edge], graph.shape_first[edge + 1])
        share = np.linspace(0, 1, 2001)
        ends_lat, ends_lon = graph.shape_latitude[rows], graph.shape_longitude[rows]
        along = np.linspace(0, 1, len(ends_lat))
        offered.append(
            great_circle_m(
                lat[:, None], lon[:, None],
                np.interp(share, along, ends_lat), np.interp(share, along, ends_lon),
            ).min(axis=1)
        )  # fmt: skip
    assert points.offset_m == pytest.approx(np.min(offered, axis=0), rel=1e-4, abs=0.2)
    there_m = great_circle_m(lat, lon, points.latitude, points.longitude)
    assert there_m == pytest.approx(points.offset_m, rel=1e-4, abs=0.05)


def test_positions_that_are_none_are_refused():
    snapper = Asked(square().graph()).snapper
    with pytest.raises(InvalidValueError, match="point 1 is at nan"):
        snapper.snap([39.29, math.nan], [-76.61, -76.61])
    with pytest.raises(InvalidValueError, match="latitudes"):
        snapper.snap([39.29], [-76.61, -76.61])
    assert len(snapper.snap([], [])) == 0
