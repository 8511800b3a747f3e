"""A job runs once in effect, whoever dies on the way, and can be watched and cancelled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from crossdock.model import NotFoundError
from crossdock.platform.clock import SystemClock
from crossdock.platform.server.idempotency import Idempotency
from crossdock.platform.server.jobs import JobRunner, jobs_router
from crossdock.platform.store.database import Store
from crossdock.platform.store.database.idempotency import KeptAnswers
from crossdock.platform.store.database.jobs import Job, Jobs, LeaseLostError
from crossdock.platform.store.database.tables import TENANTS
from served_api import Client, app_of, require

TESTS = Path(__file__).resolve().parents[2]
KINDS = ["sum"]
FUNCTIONS = {
    name: f"errands:{name}"
    for name in ("add", "wait_with_a_child", "refuse", "be_unlucky", "stumble", "die")
}


@pytest.fixture
def jobs(store, clock) -> Jobs:
    return Jobs(store.backend, clock.now, lease_s=60, most_attempts=3)


def enqueued(jobs: Jobs, tenant: str = "acme", kind: str = "sum", **request: object) -> str:
    return jobs.enqueue(tenant, kind, request, created_by="user:1")


def claimed(jobs: Jobs, worker: str = "w1") -> Job:
    job = jobs.claim(worker, KINDS)
    assert job is not None
    return job


# The queue


def test_a_job_waits_until_a_worker_claims_it(jobs):
    job_id = enqueued(jobs, a=1)
    assert jobs.read("acme", job_id).state == "waiting"
    job = claimed(jobs)
    assert (job.job_id, job.state, job.attempts, job.request) == (job_id, "running", 1, {"a": 1})
    assert jobs.claim("w2", KINDS) is None


def test_a_worker_gets_only_the_kinds_that_it_knows(jobs):
    enqueued(jobs, kind="other")
    assert jobs.claim("w1", KINDS) is None


def test_the_job_that_is_due_longest_comes_first(jobs, clock):
    first = enqueued(jobs)
    clock.move(seconds=1)
    enqueued(jobs)
    assert claimed(jobs).job_id == first


def test_a_job_of_an_id_that_is_there_stays_as_it_is(jobs):
    jobs.enqueue("acme", "sum", {"a": 1}, created_by="user:1", job_id="job_1")
    claimed(jobs)
    jobs.enqueue("acme", "sum", {"a": 2}, created_by="user:1", job_id="job_1")
    job = jobs.read("acme", "job_1")
    assert (job.state, job.request) == ("running", {"a": 1})


def test_a_heartbeat_tells_progress_and_extends_the_lease(jobs, clock):
    job = claimed_after_enqueue(jobs)
    for _ in range(4):
        clock.move(seconds=45)
        assert not jobs.heartbeat(job.lease, "planning", 0.5)
    assert jobs.claim("w2", KINDS) is None
    told = jobs.read("acme", job.job_id)
    assert (told.stage, told.share_done) == ("planning", 0.5)


def claimed_after_enqueue(jobs: Jobs) -> Job:
    enqueued(jobs)
    return claimed(jobs)


def test_a_silent_workers_job_is_taken_up_and_it_cannot_finish_it(jobs, clock, store):
    lost = claimed_after_enqueue(jobs)
    clock.move(seconds=60)
    found = claimed(jobs, "w2")
    assert (found.job_id, found.attempts) == (lost.job_id, 2)
    effect = noting(lost.job_id)
    for late in (
        lambda: jobs.finish(lost.lease, {}, effect),
        lambda: jobs.heartbeat(lost.lease, "late", 1.0),
        lambda: jobs.fail(lost.lease, "late"),
        lambda: jobs.give_back(lost.lease),
        lambda: jobs.end_cancelled(lost.lease),
    ):
        with pytest.raises(LeaseLostError):
            late()
    jobs.finish(found.lease, {"sum": 3}, effect)
    assert noted(store) == 1
    done = jobs.read("acme", found.job_id)
    assert (done.state, done.share_done, done.result) == ("done", 1.0, {"sum": 3})


def test_the_same_worker_cannot_finish_with_the_lease_of_an_earlier_attempt(jobs, clock):
    first = claimed_after_enqueue(jobs)
    clock.move(seconds=61)
    claimed(jobs)
    with pytest.raises(LeaseLostError):
        jobs.finish(first.lease, {})


def noting(text: str) -> Callable[..., None]:
    def effect(connection):
        connection.execute(insert(TENANTS).values(tenant=text, created_at=0))

    return effect


def noted(store: Store) -> int:
    with store.backend.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(TENANTS)).scalar_one()


def test_an_effect_that_fails_leaves_the_job_running(jobs, store):
    job = claimed_after_enqueue(jobs)

    def fails(connection):
        noting("half")(connection)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        jobs.finish(job.lease, {}, fails)
    assert jobs.read("acme", job.job_id).state == "running"
    assert noted(store) == 0


def test_a_failed_job_is_tried_again_after_ever_longer_pauses_and_then_dead(jobs, clock):
    job_id = enqueued(jobs)
    pauses = []
    for _ in range(2):
        jobs.fail(claimed(jobs).lease, "the disk is full")
        failed = jobs.read("acme", job_id)
        assert (failed.state, failed.error) == ("failed", "the disk is full")
        pauses.append((failed.next_at - clock.now()).total_seconds())
        assert jobs.claim("w1", KINDS) is None
        clock.move(seconds=pauses[-1])
    jobs.fail(claimed(jobs).lease, "the disk is full")
    assert jobs.read("acme", job_id).state == "dead"
    clock.move(days=1)
    assert jobs.claim("w1", KINDS) is None
    assert 2.5 <= pauses[0] < 7.5
    assert 5 <= pauses[1] < 15


def test_jobs_that_failed_together_come_back_apart(jobs, clock):
    ids = [enqueued(jobs) for _ in range(5)]
    for _ in ids:
        jobs.fail(claimed(jobs).lease, "down")
    assert len({jobs.read("acme", job_id).next_at for job_id in ids}) == 5


def test_a_job_that_cannot_end_better_is_dead_at_once(jobs):
    job = claimed_after_enqueue(jobs)
    jobs.fail(job.lease, "the weight is negative", again=False)
    assert jobs.read("acme", job.job_id).state == "dead"


def test_a_job_that_silences_every_worker_is_dead(jobs, clock):
    job_id = enqueued(jobs)
    for _ in range(3):
        claimed(jobs)
        clock.move(seconds=61)
    assert jobs.claim("w1", KINDS) is None
    dead = jobs.read("acme", job_id)
    assert (dead.state, dead.error) == ("dead", "its worker fell silent")


def test_a_job_given_back_is_due_at_once_and_loses_no_attempt(jobs):
    job_id = enqueued(jobs)
    for number in range(5):
        jobs.give_back(claimed(jobs, f"w{number}").lease)
    assert jobs.read("acme", job_id).state == "waiting"
    jobs.finish(claimed(jobs).lease, {})
    assert jobs.read("acme", job_id).state == "done"


def test_a_waiting_job_is_cancelled_at_once(jobs):
    job_id = enqueued(jobs)
    assert jobs.cancel("acme", job_id).state == "cancelled"
    assert jobs.claim("w1", KINDS) is None


def test_a_running_job_hears_that_it_is_cancelled_and_cannot_be_finished(jobs):
    job = claimed_after_enqueue(jobs)
    assert jobs.cancel("acme", job.job_id).state == "running"
    assert jobs.heartbeat(job.lease, "planning", 0.5)
    with pytest.raises(LeaseLostError):
        jobs.finish(job.lease, {})
    jobs.end_cancelled(job.lease)
    assert jobs.read("acme", job.job_id).state == "cancelled"


def test_a_cancelled_job_whose_worker_died_is_not_run_again(jobs, clock):
    job = claimed_after_enqueue(jobs)
    jobs.cancel("acme", job.job_id)
    clock.move(seconds=61)
    assert jobs.claim("w2", KINDS) is None
    assert jobs.read("acme", job.job_id).state == "cancelled"


def test_a_job_that_has_ended_is_not_cancelled(jobs):
    job = claimed_after_enqueue(jobs)
    jobs.finish(job.lease, {})
    assert jobs.cancel("acme", job.job_id).state == "done"


@pytest.mark.parametrize("job_id", ["job_none", "\0", "\ud800"])
def test_a_job_of_another_tenant_is_not_there(jobs, job_id):
    other = enqueued(jobs, tenant="other")
    for unknown in (other, job_id):
        with pytest.raises(NotFoundError):
            jobs.read("acme", unknown)
        with pytest.raises(NotFoundError):
            jobs.cancel("acme", unknown)
    assert jobs.of_tenant("acme") == []


def test_jobs_are_listed_the_newest_first_and_page_by_page(jobs, clock):
    ids = []
    for number in range(7):
        ids.append(enqueued(jobs, n=number))
        clock.move(seconds=number % 2)  # some come at the same instant
    listed, before = [], None
    while page := jobs.of_tenant("acme", before=before, limit=3):
        listed += [job.job_id for job in page]
        before = page[-1].position
    assert sorted(listed) == sorted(ids)
    assert len(listed) == 7
    assert [job.job_id for job in jobs.of_tenant("acme", state="done")] == []


def test_workers_that_claim_at_once_never_get_the_same_job(jobs):
    ids = [enqueued(jobs) for _ in range(40)]

    def claims(worker: int) -> list[str]:
        found = []
        while (job := jobs.claim(f"w{worker}", KINDS)) is not None:
            found.append(job.job_id)
        return found

    with ThreadPoolExecutor(8) as pool:
        taken = [job_id for found in pool.map(claims, range(8)) for job_id in found]
    assert sorted(taken) == sorted(ids)


# The runner


@pytest.fixture
def run(monkeypatch) -> Iterator[Callable[..., JobRunner]]:
    """Runners that are stopped at the end; their jobs are the functions of `errands`."""
    monkeypatch.setenv("PYTHONPATH", str(TESTS))
    started: list[JobRunner] = []

    def start(store: Store, lease_s: float = 60) -> JobRunner:
        runner = JobRunner(store, machine_jobs(store, lease_s), FUNCTIONS)
        runner.start()
        started.append(runner)
        return runner

    yield start
    for runner in started:
        runner.stop()


def machine_jobs(store: Store, lease_s: float = 60) -> Jobs:
    return Jobs(store.backend, SystemClock().now, lease_s=lease_s, most_attempts=2)


def asked(store: Store, kind: str, **request: object) -> Callable[[], Job]:
    """Puts a job in; what is returned reads it."""
    jobs = machine_jobs(store)
    job_id = jobs.enqueue("acme", kind, request, created_by="user:1")
    return lambda: jobs.read("acme", job_id)


def until(holds: Callable[[], object], patience_s: float = 30) -> None:
    give_up_s = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < give_up_s
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def nothing_is_left(file: Path) -> bool:
    ids = json.loads(file.read_text())
    gone = not is_alive(ids["worker"]) and not is_alive(ids["child"])
    return gone and not Path(ids["workspace"]).exists()


def test_a_runner_does_a_job_in_another_process_and_keeps_its_effect(store, run):
    job = asked(store, "add", a=1, b=2)
    run(store)
    until(lambda: job().state == "done")
    assert job().result == {"sum": 3}
    assert noted(store) == 1


def test_a_cancelled_job_is_killed_with_all_it_started_and_leaves_nothing(here, run, tmp_path):
    file = tmp_path / "ids"
    job = asked(here, "wait_with_a_child", file=str(file))
    runner = run(here)
    until(lambda: job().stage == "waiting")
    assert job().share_done == 0.25
    machine_jobs(here).cancel("acme", job().job_id)
    runner.wake()
    until(lambda: job().state == "cancelled")
    until(lambda: nothing_is_left(file))


def test_a_runner_that_stops_gives_its_job_to_the_next(here, run, tmp_path):
    file = tmp_path / "ids"
    job = asked(here, "wait_with_a_child", file=str(file))
    first = run(here)
    until(file.exists)
    first.stop()
    assert (job().state, job().most_attempts) == ("waiting", 3)
    assert nothing_is_left(file)
    file.unlink()
    run(here)
    until(file.exists)


SERVE = """
import sys, time
from crossdock.platform.clock import SystemClock
from crossdock.platform.server.jobs import JobRunner
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.jobs import Jobs
with open_database(sys.argv[1]) as store:
    jobs = Jobs(store.backend, SystemClock().now, lease_s=1)
    JobRunner(store, jobs, {"wait_with_a_child": "errands:wait_with_a_child"}).start()
    time.sleep(60)
"""


def test_the_job_of_a_killed_server_ends_with_it_and_is_taken_up_anew(here, run, tmp_path):
    file = tmp_path / "ids"
    job = asked(here, "wait_with_a_child", file=str(file))
    url = str(here.backend.engine.url)
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, url], env={**os.environ, "PYTHONPATH": str(TESTS)}
    ) as server:
        until(file.exists)
        server.kill()
    until(lambda: nothing_is_left(file))
    assert job().state == "running"
    file.unlink()
    run(here)
    until(file.exists)
    assert job().attempts == 2


@pytest.mark.parametrize(
    ("kind", "state", "said"),
    [
        ("refuse", "dead", "the weight is negative; correct the sign"),
        ("be_unlucky", "failed", "the disk is full"),
        ("stumble", "failed", "it failed unexpectedly (ValueError)"),
        ("die", "failed", "its process ended with code -9"),
    ],
)
def test_a_job_that_fails_says_why_and_is_tried_again_where_that_helps(
    here, run, kind, state, said
):
    job = asked(here, kind)
    run(here)
    until(lambda: job().state == state)
    assert job().error is not None
    assert job().error.startswith(said)
    assert "hunter2" not in job().error


# The routes


@pytest.fixture
def queue(here, clock) -> Jobs:
    return Jobs(here.backend, clock.now)


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def client(here, queue, clock, woken) -> Client:
    once = Idempotency(KeptAnswers(here.backend, clock.now, kept=timedelta(hours=24)))
    return Client(app_of(jobs_router(queue, once, require, on_cancel=lambda: woken.append("up"))))


def test_a_job_is_read_with_instants_in_utc(client, queue):
    job_id = enqueued(queue)
    told = client.get(f"/v1/jobs/{job_id}").json()
    assert told["state"] == "waiting"
    assert told["created_at"] == "2026-11-30T12:00:00Z"
    assert "request" not in told


def test_a_job_is_cancelled_once_for_a_key_and_its_runner_woken(client, queue, woken):
    job_id = enqueued(queue)
    path = f"/v1/jobs/{job_id}/cancel"
    assert client.post(path).status_code == 400
    first = client.post(path, headers={"Idempotency-Key": "k"})
    again = client.post(path, headers={"Idempotency-Key": "k"})
    assert first.json()["state"] == "cancelled"
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert woken == ["up"]


def test_jobs_of_others_are_not_there_and_viewers_do_not_cancel(client, queue):
    job_id = enqueued(queue)
    key = {"Idempotency-Key": "k"}
    other = {"who": "other/planner", **key}
    assert client.get(f"/v1/jobs/{job_id}", headers=other).status_code == 404
    assert client.post(f"/v1/jobs/{job_id}/cancel", headers=other).status_code == 404
    assert client.get("/v1/jobs", headers=other).json()["items"] == []
    viewer = {"who": "acme/viewer", **key}
    assert client.post(f"/v1/jobs/{job_id}/cancel", headers=viewer).status_code == 403
    assert queue.read("acme", job_id).state == "waiting"


def test_pages_of_jobs_hold_each_job_once(client, queue):
    ids = {enqueued(queue) for _ in range(5)}
    seen, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/jobs", params=query).json()
        seen += [job["job_id"] for job in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(ids)


@pytest.mark.parametrize("cursor", ["x", "", "bm90IGpzb24", "WyJhIiwxXQ", "%00", "é"])
def test_a_made_up_cursor_is_refused(client, cursor):
    answer = client.get("/v1/jobs", params={"cursor": cursor})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["location"] == "query.cursor"


def test_a_cursor_of_another_list_is_refused(client, queue):
    for _ in range(3):
        enqueued(queue)
    cursor = client.get("/v1/jobs", params={"limit": 1}).json()["next_cursor"]
    other = client.get("/v1/jobs", params={"limit": 1, "cursor": cursor, "state": "done"})
    assert other.status_code == 422


@pytest.mark.parametrize("limit", [0, 1001, "many"])
def test_a_page_has_1_to_1000_items(client, limit):
    assert client.get("/v1/jobs", params={"limit": limit}).status_code == 422
