"""What a client may not do to the server: ask too often, send too much, hold it up, forge its log.

The limits themselves are small here; `test_security` has each of them in the small.
"""

from __future__ import annotations

import json
import logging
import re
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from whole_app import faults_of_a_problem, whole_app

from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.client import TowerClient
from crossdock.platform.clock import SystemClock
from crossdock.platform.server.serving.records import RecordFormatter
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.accounts import Accounts

MOST_BYTES, MOST_ITEMS, MOST_DEPTH = 200_000, 1_000, 32
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
EVENT = {"source": "s", "kind": "picked_up", "occurred_at": "2026-11-26T01:00:00Z"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    place = tmp_path_factory.mktemp("limits")
    process = ServerProcess(
        f"sqlite:///{place}/store.db", place / "log", max_body_bytes=MOST_BYTES,
        max_batch_items=MOST_ITEMS, max_json_depth=MOST_DEPTH, streams_per_actor=2,
        heartbeat_s=0.1, drain_s=1,
    )  # fmt: skip
    yield process.start()
    process.kill()


@pytest.fixture
def headers(server: ServerProcess) -> dict[str, str]:
    key = make_key(server.store_url, "planner")
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def store(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("small") / "store.db"
    shutil.copy(migrated_sqlite, place)
    return f"sqlite:///{place}"


# Too often


def test_whoever_asks_too_often_waits_as_told_and_nobody_else_does(store, clock):
    few = replace(ServerSettings(), requests_per_s=0.5, request_burst=3)
    with whole_app(store, few, clock.now) as app:
        keen, calm = app.key("admin"), app.key("viewer")
        for _ in range(3):
            assert app.ask("GET", "/v1/kpis", headers=keen).status_code == 200
        refused = app.ask("GET", "/v1/kpis", headers=keen)
        assert refused.status_code == 429
        assert refused.headers["retry-after"] == "2"
        assert faults_of_a_problem(refused) == []
        assert app.ask("GET", "/v1/kpis", headers=calm).status_code == 200
        clock.move(seconds=2)
        assert app.ask("GET", "/v1/kpis", headers=keen).status_code == 200


def test_no_route_is_outside_of_the_limit(store, clock):
    none_left = replace(ServerSettings(), requests_per_s=0.001, request_burst=1)
    with whole_app(store, none_left, clock.now) as app:
        key = app.key("admin")
        app.ask("GET", "/v1/nowhere", headers=key)
        app.ask("GET", "/nowhere")
        unlimited = {
            f"{method} {path}": answer.status_code
            for path, methods in app.app.openapi()["paths"].items()
            for method in methods
            for headers in (key, {})
            if (answer := app.ask(method.upper(), path, headers=headers)).status_code != 429
        }
    assert unlimited == {}


def test_a_key_has_so_many_streams_and_gets_a_place_back(server, headers):
    with httpx.Client(base_url=server.url, headers=headers) as client:
        with client.stream("GET", "/v1/stream") as first, client.stream("GET", "/v1/stream"):
            assert first.status_code == 200
            refused = client.get("/v1/stream")
            assert refused.status_code == 429
            assert refused.headers["retry-after"]
            other = {"Authorization": f"Bearer {make_key(server.store_url, 'viewer')}"}
            with client.stream("GET", "/v1/stream", headers=other) as its:
                assert its.status_code == 200
        ends_s = time.monotonic() + 5
        while opened(client) == 429 and time.monotonic() < ends_s:
            time.sleep(0.05)
        assert opened(client) == 200


def opened(client: httpx.Client) -> int:
    with client.stream("GET", "/v1/stream") as stream:
        return stream.status_code


# Too much


def test_every_body_that_is_too_long_or_too_deep_is_413(server, headers):
    document = httpx.get(f"{server.url}/openapi.json").json()
    wrong: dict[str, int] = {}
    bodies = 0
    deep = b"[" * (MOST_DEPTH + 1) + b"]" * (MOST_DEPTH + 1)
    with httpx.Client(base_url=server.url, headers=headers) as client:
        for path, methods in document["paths"].items():
            for method, told in methods.items():
                if "requestBody" not in told:
                    continue
                bodies += 1
                for body in (b" " * (MOST_BYTES + 1), deep):
                    answer = client.request(method, path, content=body)
                    if answer.status_code != 413 or faults_of_a_problem(answer):
                        wrong[f"{method} {path}"] = answer.status_code
    assert wrong == {}
    assert bodies > 8


@pytest.mark.parametrize("path", ["/v1/events", "/v1/orders"])
@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson"])
def test_a_batch_of_too_many_items_is_413(server, headers, path, kind):
    items = ["{}"] * (MOST_ITEMS + 1)
    body = f"[{','.join(items)}]" if kind == "application/json" else "\n".join(items)
    answer = httpx.post(server.url + path, content=body, headers=headers | {"Content-Type": kind})
    assert answer.status_code == 413
    assert faults_of_a_problem(answer) == []


def test_a_batch_at_the_limits_is_taken(server, headers):
    nested: Any = 1
    for _ in range(MOST_DEPTH - 3):  # the array, the item and the payload are levels too
        nested = [nested]
    batch = [EVENT | {"source_event_id": f"deep/{n}"} for n in range(MOST_ITEMS)]
    batch[0] |= {"payload": {"nested": nested}}
    body = json.dumps(batch)
    assert len(body) < MOST_BYTES
    answer = httpx.post(f"{server.url}/v1/events", content=body, headers=headers)
    assert answer.json() == {"accepted": MOST_ITEMS, "duplicates": 0, "rejected": []}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_flat_under_a_flood_of_what_is_too_much(server, headers):
    too_long = b"x" * (5 * MOST_BYTES)
    too_deep = b"[" * (MOST_BYTES - 1)
    too_many = b"[" + b"1," * (MOST_BYTES // 2 - 2) + b"1]"

    def flood(times: int) -> None:
        with httpx.Client(base_url=server.url, headers=headers) as client:
            for _ in range(times):
                for body in (too_long, too_deep, too_many):
                    assert sent(client, body) in (413, None)
                assert sent(client, iter([too_long[:MOST_BYTES]] * 5)) in (413, None)

    flood(15)
    before = resident_bytes(server.pid)
    flood(50)
    assert resident_bytes(server.pid) - before < 12 * 1024 * 1024


def sent(client: httpx.Client, body: Any) -> int | None:
    """The status of the answer; None where the server hung up on what it would not read."""
    try:
        return client.post("/v1/events", content=body).status_code
    except (httpx.WriteError, httpx.RemoteProtocolError, httpx.ReadError):
        return None


def resident_bytes(pid: int) -> int:
    told = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmRSS:\s+(\d+) kB", told)
    assert found is not None
    return int(found[1]) * 1024


# Too slowly


NOTHING, HALF_A_HEAD = "", "GET /livez HTTP/1.1\r\nHo"
ANSWERED = "GET /livez HTTP/1.1\r\nHost: tower\r\n\r\n"
HALF_A_BODY = (
    "POST /v1/events HTTP/1.1\r\nHost: tower\r\nAuthorization: Bearer {key}\r\n"
    'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n[{{"source":'
)
STREAM = "GET /v1/stream HTTP/1.1\r\nHost: tower\r\nAuthorization: Bearer {key}\r\n\r\n"


def test_however_clients_linger_they_hold_up_nobody_and_no_stop(tmp_path):
    process = ServerProcess(
        f"sqlite:///{tmp_path}/store.db", tmp_path / "log", drain_s=0.3, streams_per_actor=40
    )
    process.start()
    key = make_key(process.store_url, "dispatcher")
    lingering = [
        connection
        for said in (NOTHING, HALF_A_HEAD, ANSWERED, HALF_A_BODY, STREAM)
        for connection in connections(process.port, said.format(key=key), count=40)
    ]
    try:
        began_s = time.monotonic()
        with TowerClient(process.url, key, timeout_s=10) as tower:
            for number in range(20):
                told = tower.send_events([EVENT | {"source_event_id": str(number)}])
                assert told["accepted"] == 1
            assert tower.kpis()
        assert time.monotonic() - began_s < 5
        began_s = time.monotonic()
        assert process.stop() == 0
        assert time.monotonic() - began_s < 8
        assert "40 requests were cut off" in process.said()
    finally:
        for connection in lingering:
            connection.close()
        process.kill()


def connections(port: int, said: str, *, count: int) -> list[socket.socket]:
    made = [socket.create_connection(("127.0.0.1", port)) for _ in range(count)]
    for each in made:
        each.sendall(said.encode())
    return made


def test_a_listener_who_reads_nothing_holds_up_nobody(server, headers):
    key = headers["Authorization"]
    deaf = socket.create_connection(("127.0.0.1", server.port))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
    deaf.sendall(f"GET /v1/stream HTTP/1.1\r\nHost: tower\r\nAuthorization: {key}\r\n\r\n".encode())
    with deaf, TowerClient(server.url, key.removeprefix("Bearer "), timeout_s=10) as tower:
        for batch in range(10):
            events = [
                EVENT | {"source_event_id": f"deaf/{batch}/{n}", "parcel_id": f"P{n}"}
                for n in range(600)
            ]
            assert tower.send_events(events)["accepted"] == 600
        assert tower.parcel("P599")["status"] == "picked_up"


# The log


FORGED = "2026-11-26T00:00:00Z ERROR crossdock: forged"
BREAKS = ("\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\x1b[2K\r")


def test_nothing_that_a_client_sends_begins_a_line_of_the_log(server, headers):
    forging = [f"id{end}{FORGED}" for end in BREAKS]
    before = server.said()
    with httpx.Client(base_url=server.url, headers=headers) as client:
        for number, text in enumerate(forging):
            event = EVENT | dict.fromkeys(("source", "kind", "parcel_id", "vehicle_id"), text)
            client.post("/v1/events", json=[event | {"source_event_id": f"{number} {text}"}])
            quoted = httpx.QueryParams({"q": text, "cursor": text, "state": text})
            for path in ("parcels", "exceptions", "jobs"):
                client.get(f"/v1/{path}?{quoted}")
                client.get(f"/v1/{path}/{str(httpx.QueryParams({'': text}))[1:]}")
            client.post("/session", json={"email": text, "password": text})
            client.post("/v1/orders", json=[{"order_id": text, "service": text}])
    assert server.said() == before


@given(st.text() | st.sampled_from([f"{end}{FORGED}" for end in BREAKS]), st.booleans())
def test_a_record_of_the_log_is_a_line_that_no_text_breaks(text, raised):
    trace = None
    if raised:
        try:
            raise ValueError(text)
        except ValueError:
            trace = sys.exc_info()
    record = logging.LogRecord("crossdock", logging.ERROR, "", 0, "%s failed", (text,), trace)
    lines = RecordFormatter().format(record).splitlines()
    assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ ERROR crossdock: ", lines[0])
    assert all(line.startswith("  ") for line in lines[1:])
    assert all(line.isprintable() for line in lines if text.isprintable())
    assert (len(lines) > 1) is raised


def test_what_nobody_foresaw_is_in_the_log_with_the_id_of_its_request(store, caplog):
    with whole_app(store) as app:

        @app.app.get("/boom")
        async def boom() -> None:
            raise ValueError("nobody foresaw this")

        answer = app.ask("GET", "/boom", headers={"X-Request-ID": "mine-7"})
    assert answer.status_code == 500
    assert faults_of_a_problem(answer) == []
    assert "foresaw" not in answer.text
    (record,) = [each for each in caplog.records if each.levelno >= logging.ERROR]
    assert "'/boom'" in record.getMessage()
    assert "mine-7" in record.getMessage()
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "nobody foresaw this"


def test_no_secret_is_in_the_log_or_in_the_store(tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    password, wrong = "the dock opens at four", "the dock opens at five"
    with open_database(url) as store:
        accounts = Accounts(store.backend, SystemClock().now, hasher=QUICK)
        accounts.make_tenant("acme", by="test")
        user = accounts.users.create(
            "acme", "kim@acme.example", "Kim", "admin", by="test", password=password
        )
        links = [accounts.links.create(user, by="test") for _ in range(2)]
    process = ServerProcess(url, tmp_path / "log").start()
    key = make_key(url, "admin")
    secrets = [password, wrong, key, *links]
    with httpx.Client(base_url=process.url) as browser:
        asked = {"email": "kim@acme.example", "password": password}
        assert browser.post("/session", json=asked | {"password": wrong}).status_code == 401
        for way in ({"json": asked}, {"data": asked}):
            browser.post("/session", **way)
        me = browser.get("/session").json()
        secrets += [me["csrf"], browser.cookies["crossdock_session"]]
        browser.post("/session/link", json={"token": links[0]})
        browser.get(f"/session/link/{links[1]}")
        secrets += [browser.get("/session").json()["csrf"], browser.cookies["crossdock_session"]]
        csrf = {"X-CSRF-Token": secrets[-2], "Idempotency-Key": "one"}
        made = browser.post("/v1/admin/keys", json={"name": "k", "role": "viewer"}, headers=csrf)
        secrets.append(made.json()["key"])
        new = {"email": "lu@acme.example", "name": "Lu", "role": "viewer", "password": wrong}
        assert browser.post("/v1/admin/users", json=new, headers=csrf).status_code == 201
    with httpx.Client(base_url=process.url) as machine:
        for bad in (f"Bearer {key}", f"Bearer {key}x", f"Basic {key}", key):
            machine.get("/v1/parcels", headers={"Authorization": bad}, params={"key": key})
    process.kill()
    assert len(secrets) == 10
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert "store.db" in kept
    found = {
        (name, secret)
        for name, content in kept.items()
        for secret in secrets
        if secret.encode() in content
    }
    assert found == set()
