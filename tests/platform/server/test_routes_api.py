"""Routes over the API: a job plans, its search is watched; plans are explained and compared."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.client import ServerRefusedError, TowerClient
from routing.plan_checker import judged
from routing.route_documents import example


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    place = tmp_path_factory.mktemp("routes")
    process = ServerProcess(f"sqlite:///{place}/store.db", place / "log").start()
    yield process
    assert process.stop() == 0


@pytest.fixture(scope="module")
def tower(server: ServerProcess) -> Iterator[TowerClient]:
    with TowerClient(server.url, make_key(server.store_url, "planner"), timeout_s=120) as client:
        yield client


@pytest.fixture(scope="module")
def made(tower: TowerClient) -> dict[str, Any]:
    """The example planned, once for all tests."""
    asked = tower.start_routes(example(), iterations=300, seed=3)
    return ended(tower, asked["plan_id"])


def ended(tower: TowerClient, plan_id: str, patience_s: float = 240.0) -> dict[str, Any]:
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        found = tower.route_plan(plan_id)
        if found["state"] in ("done", "dead", "cancelled"):
            return found
        time.sleep(0.5)
    raise AssertionError(found)


def test_a_problem_is_planned_by_a_job(tower: TowerClient, made: dict[str, Any]):
    assert (made["state"], made["error"], made["share_done"]) == ("done", None, 1.0)
    assert judged(example(), made["plan"]) == []
    assert made["plan"]["seed"] == 3
    costs = [cost for _, cost in made["trace"]]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == made["plan"]["totals"]["cost_usd"]
    job = tower.job(made["job_id"])
    assert job["kind"] == "route_plan"
    assert job["result"]["totals"] == made["plan"]["totals"]


def test_the_search_is_watched_and_ends_when_it_is_cancelled(tower: TowerClient):
    asked = tower.start_routes(example(), seconds=300)
    states: list[str] = []
    for told in tower.watch_route_plan(asked["plan_id"]):
        states.append(told["state"])
        if told["trace"] and "cancelled" not in states and states.count("running") < 1_000:
            assert told["stage"].startswith("searching")
            assert told["plan_id"] == asked["plan_id"]
            tower.cancel(asked["job_id"])
    assert states[-1] == "cancelled"
    found = tower.route_plan(asked["plan_id"])
    assert found["plan"] is None
    assert found["trace"]


def test_every_fault_of_a_problem_is_in_the_answer(tower: TowerClient):
    told = example()
    told["jobs"][3]["lat"] = 141.9
    told["jobs"][5]["service"] = 60
    with pytest.raises(ServerRefusedError) as refused:
        tower.start_routes(told)
    assert refused.value.status == 422
    assert [each["location"] for each in refused.value.problem["errors"]] == [
        'problem jobs[3] "A-104" lat',
        'problem jobs[5] "A-106" service',
    ]


def test_good_rows_are_planned_alone_where_that_is_asked(tower: TowerClient):
    told = example()
    told["jobs"][3]["lat"] = 141.9
    asked = tower.start_routes(told, iterations=20, skip_bad=True)
    plan = ended(tower, asked["plan_id"])["plan"]
    assert [each["row"] for each in plan["skipped"]] == ['jobs[3] "A-104"']


def test_the_rest_of_a_day_is_planned_again(tower: TowerClient):
    happened = example("route_events.json")
    before = example("route_plan.json")
    asked = tower.start_routes(example(), iterations=100, plan=before, events=happened)
    found = ended(tower, asked["plan_id"])
    assert found["state"] == "done", found["error"]
    assert found["plan"]["as_of"] == "2026-03-02T16:00:00Z"
    assert found["plan"]["done"]


def test_plans_are_explained_and_compared(tower: TowerClient, made: dict[str, Any]):
    told = tower.explain_routes(example(), made["plan"])
    assert [each["vehicle"] for each in told["routes"]] == [
        route["vehicle"] for route in made["plan"]["routes"]
    ]
    stop = made["plan"]["routes"][0]["stops"][0]["id"]
    assert tower.explain_routes(example(), made["plan"], stop=stop)["elsewhere"]
    assert tower.compare_routes(made["plan"], made["plan"])["routes"] == []
    with pytest.raises(ServerRefusedError) as refused:
        tower.explain_routes(example(), made["plan"], stop="nowhere")
    assert refused.value.status == 404


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("plans", b"{", 400),
        ("plans", [], 422),
        ("plans", {}, 422),
        ("plans", {"problem": {}}, 422),
        ("plans", {"problem": {}, "secnds": 1}, 422),
        ("plans", {"problem": {}, "seconds": 601}, 422),
        ("plans", {"problem": {}, "seed": -1}, 422),
        ("plans", {"problem": {}, "skip_bad": 1}, 422),
        ("plans", {"problem": {}, "plan": {}}, 422),
        ("explain", {"problem": {}}, 422),
        ("explain", {"problem": {}, "plan": {}, "stop": 3}, 422),
        ("diff", {"was": {}, "now": {}}, 422),
        ("diff", {"was": {}, "now": {}, "tolerance_s": -1}, 422),
    ],
)
def test_what_cannot_be_asked_is_a_problem(
    server: ServerProcess, path: str, body: Any, status: int
):
    key = make_key(server.store_url, "planner")
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = httpx.post(
        f"{server.url}/v1/routes/{path}", content=content, timeout=60,
        headers={"Authorization": f"Bearer {key}", "Idempotency-Key": f"{path} {body}"[:200],
                 "Content-Type": "application/json"},
    )  # fmt: skip
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_who_only_reads_may_explain_but_not_plan(server: ServerProcess, made: dict[str, Any]):
    with TowerClient(server.url, make_key(server.store_url, "viewer"), timeout_s=60) as viewer:
        assert viewer.compare_routes(made["plan"], made["plan"])["moved"] == []
        with pytest.raises(ServerRefusedError, match="403"):
            viewer.start_routes(example())


def test_plans_of_another_tenant_are_not_there(server: ServerProcess, made: dict[str, Any],
                                               tmp_path: Path):  # fmt: skip
    with TowerClient(server.url, make_key(server.store_url, "planner", "globex")) as other:
        with pytest.raises(ServerRefusedError, match="404"):
            other.route_plan(made["plan_id"])
        with pytest.raises(ServerRefusedError, match="404"):
            list(other.watch_route_plan(made["plan_id"]))
