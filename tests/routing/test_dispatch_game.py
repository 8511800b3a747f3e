"""The dispatch game by its published rules, and policies that never break one."""

from __future__ import annotations

import csv
import json
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vrplib
from click.testing import CliRunner

from crossdock.model import InvalidValueError, stream
from crossdock.plan.routing import Budget
from crossdock.plan.routing.dynamic import Day, Game, PolicyName, State, play, policy_of
from crossdock.plan.routing.dynamic.routes import sketch_of
from crossdock.platform.cli.main import crossdock
from crossdock.platform.engine import LocalEngine
from crossdock.platform.routing import read_instance
from routing.routing_data import instance, needs_data

ROOT = Path(__file__).resolve().parents[2]
HOUR = 3600
WINDOWS = [(2 * HOUR, 3 * HOUR), (2 * HOUR, 5 * HOUR), (4 * HOUR + 60, 6 * HOUR)]
"""So epochs 1 to 3; the first is over for routes that leave from epoch 2 on."""
ORTEC = "ORTEC-VRPTW-ASYM-05362619-d1-n212-k20.txt"
ORTEC_SEED, ORTEC_GREEDY = 761, 493_806
"""Seed of the final round on this instance, and what its greedy baseline came to."""


def _instance(folder: Path, windows: list[tuple[int, int]] = WINDOWS) -> Path:
    """Three customers, an asymmetric matrix of seconds."""
    rows = [(0, 600, 900, 1200), (700, 0, 300, 500), (800, 400, 0, 600), (1300, 500, 700, 0)]
    lines = [
        "NAME : tiny", "COMMENT : invented", "TYPE : VRPTW", "DIMENSION : 4",
        "EDGE_WEIGHT_TYPE : EXPLICIT", "EDGE_WEIGHT_FORMAT : FULL_MATRIX", "CAPACITY : 40",
        "EDGE_WEIGHT_SECTION", *(" ".join(map(str, row)) for row in rows),
        "NODE_COORD_SECTION", "1 0 0", "2 1 0", "3 0 1", "4 2 2",
        "DEMAND_SECTION", "1 0", "2 3", "3 5", "4 7", "DEPOT_SECTION", "1", "-1",
        "SERVICE_TIME_SECTION", "1 0", "2 60", "3 120", "4 180", "TIME_WINDOW_SECTION",
        f"1 0 {7 * HOUR}",
        *(f"{at} {opens} {closes}" for at, (opens, closes) in enumerate(windows, start=2)), "EOF",
    ]  # fmt: skip
    path = folder / "tiny.txt"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return _instance(tmp_path)


@pytest.fixture
def day(path: Path) -> Day:
    return Day.of(read_instance(path).problem)


@pytest.fixture
def far() -> Day:
    """Requests from dense places far from the depot, whose windows leave hours to wait."""
    customers, places = 60, 3
    random = stream(11, "far")
    at = random.integers(places, size=customers)
    xy = np.vstack([[0, 0], np.array([(3000, 0), (0, 3000), (-2500, -2500)])[at]])
    xy[1:] += random.integers(-150, 150, size=(customers, 2))
    between = np.sqrt(((xy[:, None] - xy[None]) ** 2).sum(-1)).round().astype(np.int64)
    opens = HOUR * random.integers(2, 6, size=customers)
    return Day(
        duration_s=between,
        opens=np.append(0.0, opens),
        closes=np.append(14.0 * HOUR, opens + 4.0 * HOUR),
        demand=np.append(0, random.integers(1, 6, size=customers)),
        service=np.append(0.0, np.full(customers, 120.0)),
        capacity=90,
        xy=xy.astype(np.float64),
    )


def _judge(path: Path, seed: int, told: dict[str, Any]) -> None:
    """Every rule once more, from the file, with requests drawn one by one."""
    raw = vrplib.read_instance(path, compute_edge_weights=False)
    legs, windows = raw["edge_weight"].tolist(), raw["time_window"].tolist()
    demands, services = raw["demand"].tolist(), raw["service_time"].tolist()
    closes, customers = windows[0][1], len(windows) - 1
    opening = [opens for opens, _ in windows[1:]]
    first = max((min(opening) - HOUR) // HOUR, 0)
    last = max((max(opening) - HOUR) // HOUR, 0)
    assert [each["epoch"] for each in told["epochs"]] == list(range(first, last + 1))
    random = np.random.default_rng(seed)
    asked: dict[int, tuple[int, int, int, int, int]] = {}
    done: set[int] = set()

    def is_in_time(customer: int, opens: int, late: int, service: int, leaves: int) -> bool:
        begins = max(leaves + legs[0][customer], opens)
        return begins <= late and begins + service + legs[customer][0] <= closes

    for epoch in told["epochs"]:
        leaves = (epoch["epoch"] + 1) * HOUR
        drawn = [random.integers(customers, size=100).tolist() for _ in range(4)]
        for where, window, demand, service in zip(*drawn, strict=True):
            opens, late = windows[window + 1]
            lasts = services[service + 1]
            if is_in_time(where + 1, opens, late, lasts, leaves):
                asked[len(asked) + 1] = (where + 1, opens, late, demands[demand + 1], lasts)
        cost = 0
        for route in epoch["routes"]:
            clock, here = leaves, 0
            assert route
            assert sum(asked[each][3] for each in route) <= raw["capacity"]
            for each in route:
                assert each not in done
                done.add(each)
                there, opens, late, _, service = asked[each]
                begins = max(clock + legs[here][there], opens)
                assert begins <= late
                clock, here = begins + service, there
            assert clock + legs[here][0] <= closes
            stops = [0, *(asked[each][0] for each in route), 0]
            cost += sum(legs[a][b] for a, b in pairwise(stops))
        assert epoch["cost"] == cost
        for each, (where, opens, late, _, service) in asked.items():
            if epoch["epoch"] == last or not is_in_time(where, opens, late, service, leaves + HOUR):
                assert each in done
    assert done == set(asked)
    assert told["cost"] == sum(each["cost"] for each in told["epochs"])


def test_the_epochs_go_from_the_earliest_opening_to_the_latest(day: Day):
    assert list(day.epochs()) == [1, 2, 3]


def test_an_opening_within_the_first_hour_begins_the_day_at_epoch_0(tmp_path: Path):
    early = _instance(tmp_path, [(0, HOUR), (60, 2 * HOUR), (HOUR, 3 * HOUR)])
    assert list(Day.of(read_instance(early).problem).epochs()) == [0]


def test_four_columns_are_drawn_and_what_is_hopeless_is_dropped(day: Day):
    state = Game(day, 5).state
    assert state is not None
    random = np.random.default_rng(5)
    customer, window, demand, service = (random.integers(3, size=100) for _ in range(4))
    # Routes leave at 2 h, an hour before the first window closes: nothing is hopeless yet.
    assert state.leaves_s == 2 * HOUR
    assert state.requests.id.tolist() == list(range(1, 101))
    assert state.requests.customer.tolist() == (customer + 1).tolist()
    assert state.requests.opens.tolist() == [WINDOWS[each][0] for each in window]
    assert state.requests.demand.tolist() == [(3, 5, 7)[each] for each in demand]
    assert state.requests.service.tolist() == [(60, 120, 180)[each] for each in service]


def test_what_closes_before_the_next_departure_arrives_must_leave(day: Day):
    state = Game(day, 5).state
    assert state is not None
    # The next routes leave at 3 h, when the first window closes; the others stay open.
    assert state.must.tolist() == (state.requests.closes == 3 * HOUR).tolist()
    assert 0 < state.must.sum() < len(state.must)


def test_hopeless_candidates_leave_no_gap_in_the_numbers(day: Day):
    game = Game(day, 5)
    first = game.state
    assert first is not None
    game.dispatch([[int(each)] for each in first.requests.id])
    second = game.state
    assert second is not None
    assert second.leaves_s == 3 * HOUR
    assert not (second.requests.closes == 3 * HOUR).any()
    assert second.requests.id.tolist() == list(range(101, 101 + len(second.requests)))
    assert len(second.requests) < 100


def test_the_last_epoch_lets_everything_leave(day: Day):
    states: list[State] = []

    def answer(state: State) -> list[list[int]]:
        states.append(state)
        return [[int(each)] for each in state.requests.id[state.must]]

    play(day, 5, answer)
    assert states[-1].is_last
    assert states[-1].must.all()
    assert not any(state.must.all() for state in states[:-1])


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ("none", "has to leave now"),
        ("twice", "leaves 2 times"),
        ("unknown", "is not open"),
        ("empty", "is empty"),
        ("heavy", "over the capacity"),
        ("late", "closes"),
    ],
)
def test_an_answer_that_breaks_a_rule_is_refused_and_changes_nothing(
    day: Day, routes: str, said: str
):
    game = Game(day, 5)
    state = game.state
    assert state is not None
    ids = state.requests.id.tolist()
    all_alone = [[each] for each in ids]
    musts = state.requests.id[state.must].tolist()
    waits = state.requests.id[state.requests.opens == WINDOWS[2][0]].tolist()
    answer = {
        "none": [],
        "twice": [*all_alone, [ids[0]]],
        "unknown": [*all_alone, [101]],
        "empty": [*all_alone, []],
        "heavy": [ids],
        # Whoever waits for the last window to open comes too late to the first.
        "late": [[waits[0], musts[0]], *([each] for each in musts[1:])],
    }[routes]
    with pytest.raises(InvalidValueError, match=said):
        game.dispatch(answer)
    assert game.state is state
    assert game.results == []


def test_the_cost_is_the_driving_without_the_waiting(day: Day):
    game = Game(day, 5)
    state = game.state
    assert state is not None
    result = game.dispatch([[int(each)] for each in state.requests.id])
    there_and_back = {1: 600 + 700, 2: 900 + 800, 3: 1200 + 1300}
    assert result.cost == sum(there_and_back[each] for each in state.requests.customer.tolist())


@pytest.mark.parametrize("policy", list(PolicyName))
def test_every_policy_keeps_every_rule(path: Path, day: Day, policy: PolicyName):
    results = play(day, 7, policy_of(policy, Budget(iterations=20), 7))
    epochs = [
        {"epoch": each.epoch, "cost": each.cost, "routes": [list(route) for route in each.routes]}
        for each in results
    ]
    _judge(path, 7, {"cost": sum(each.cost for each in results), "epochs": epochs})


def test_the_policies_differ_in_what_waits(day: Day):
    first = {
        name: sum(map(len, play(day, 7, policy_of(name, Budget(iterations=5), 7))[0].routes))
        for name in (PolicyName.GREEDY, PolicyName.RANDOM, PolicyName.LAZY)
    }
    assert first[PolicyName.GREEDY] == 100
    assert first[PolicyName.LAZY] < first[PolicyName.RANDOM] < 100


def test_the_same_seed_gives_the_same_day(day: Day):
    best = policy_of(PolicyName.BEST, Budget(iterations=10), 3)
    assert play(day, 3, best) == play(day, 3, best)


def test_the_number_of_workers_changes_nothing_under_iterations(day: Day):
    alone = policy_of(PolicyName.BEST, Budget(iterations=10), 3)
    with LocalEngine(2) as engine:
        shared = policy_of(PolicyName.BEST, Budget(iterations=10), 3, engine=engine, workers=2)
        assert play(day, 3, shared) == play(day, 3, alone)


def test_a_search_completes_the_routes_that_it_is_given(day: Day):
    """It went back to them forever: what they leave out looked like a saving."""
    state = Game(day, 5).state
    assert state is not None
    nobody, few = Budget(iterations=0), [[0], [1]]
    first = sketch_of(day, state.requests, state.leaves_s, nobody, 1, start=few)
    later = sketch_of(day, state.requests, state.leaves_s, Budget(iterations=60), 1, start=few)
    for routes in (first, later):
        assert sorted(row for route in routes for row in route) == list(range(100))
        assert not any(day.fault(state.requests, route, state.leaves_s) for route in routes)
    driving = [sum(day.driving_s(state.requests, each) for each in at) for at in (first, later)]
    assert driving[1] < driving[0]


def test_waiting_for_company_pays(far: Day):
    """Ten requests an hour at three places an hour away: one van a place could bring them all."""
    budget = Budget(iterations=120)
    costs = {
        name: sum(each.cost for each in play(far, 4, policy_of(name, budget, 4)))
        for name in (PolicyName.GREEDY, PolicyName.BEST)
    }
    assert costs[PolicyName.BEST] < 0.9 * costs[PolicyName.GREEDY]


def test_an_epoch_spends_no_more_than_its_seconds(far: Day):
    """In seconds of this process, so that a busy machine is not its fault."""
    limit_s, ends = 1.0, [time.process_time()]
    best = policy_of(PolicyName.BEST, Budget(seconds=limit_s), 4)
    play(far, 4, best, lambda _: ends.append(time.process_time()))
    assert max(then - before for before, then in pairwise(ends)) < 1.05 * limit_s + 0.5


def test_an_instance_that_is_no_day_is_refused():
    with pytest.raises(InvalidValueError, match="needs whole seconds"):
        Day.of(read_instance(ROOT / "docs" / "examples" / "tour.vrp").problem)


def test_the_command_writes_every_epoch(path: Path, tmp_path: Path):
    out = tmp_path / "day.json"
    asked = ["route", "dynamic", str(path), "--policy", "best", "--seed", "2", "--time", "0.3"]
    done = CliRunner().invoke(crossdock, [*asked, "--out", str(out)])
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text())
    assert set(told) == {"cost", "epochs"}
    _judge(path, 2, told)


def test_bench_dispatch_plays_each_day_by_both_policies(path: Path, tmp_path: Path):
    out = tmp_path / "table" / "dispatch.csv"
    asked = [
        "bench",
        "dispatch",
        "--instances",
        str(path.parent),
        "--time",
        "0.1",
        "--seeds",
        "1,2",
    ]
    done = CliRunner().invoke(crossdock, [*asked, "--workers", "1", "--out", str(out), "--quiet"])
    assert done.exit_code == 0, done.output
    with out.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    days = [(row["instance"], row["seed"], row["policy"]) for row in rows]
    assert days == [("tiny", seed, policy) for seed in "12" for policy in ("greedy", "best")]
    for greedy, best in zip(rows[::2], rows[1::2], strict=True):
        below_pct = 100 * (1 - int(best["cost"]) / int(greedy["cost"]))
        assert float(best["below_greedy_pct"]) == pytest.approx(below_pct, abs=0.01)
    gains = [float(row["below_greedy_pct"]) for row in rows[1::2]]
    page = out.with_suffix(".md").read_text()
    assert f"{sum(gains) / 2:.1f} % below greedy on average over 2 days" in page
    refused = CliRunner().invoke(crossdock, [*asked[:-1], "one", "--out", str(out)])
    assert "--seeds must be whole numbers" in str(refused.exception)


@needs_data
def test_greedy_comes_to_what_the_competition_published(tmp_path: Path):
    """The same requests cost about the same: the baseline solved them for 120 s an epoch."""
    path, out = instance("vrptw_ortec_realroad", ORTEC), tmp_path / "day.json"
    asked = ["route", "dynamic", str(path), "--policy", "greedy", "--seed", str(ORTEC_SEED)]
    done = CliRunner().invoke(crossdock, [*asked, "--time", "1.5", "--out", str(out), "--quiet"])
    assert done.exit_code == 0, done.output
    told = json.loads(out.read_text())
    _judge(path, ORTEC_SEED, told)
    assert told["cost"] == pytest.approx(ORTEC_GREEDY, rel=0.02)
