"""Whatever the OpenAPI document allows and much that it does not: no answer surprises a client."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from things import bring, carry_orders, make_people
from whole_app import WholeApp, whole_app

from crossdock.model.event import EVENT_KINDS
from crossdock.platform.bench import ServerProcess, make_key
from crossdock.platform.client import TowerClient
from crossdock.platform.store.database import open_database
from stored_plan import keep_plan

HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
NUMBERS = itertools.count()
STREAM, REVOKE = "/v1/stream", "/v1/admin/keys/{key_id}/revoke"
LONGEST_S = 300
"""Of a run: the machine may be busy."""
BY_DESIGN = "negative_data_rejection,positive_data_acceptance"
"""Bad items of a batch are answered one by one with 200; a cursor and the state of a thing make a
request wrong whose form is right."""


@dataclass(frozen=True)
class Served:
    process: ServerProcess
    things: Mapping[str, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    place = tmp_path_factory.mktemp("schemathesis")
    url = f"sqlite:///{place}/store.db"
    things = keep_plan(url, "acme", place / "run")
    with open_database(url) as store:
        things |= make_people(store, "acme")
    process = ServerProcess(url, place / "log", requests_per_s=1e6, request_burst=1e6).start()
    with TowerClient(process.url, make_key(url, "planner")) as tower:
        things |= bring(tower, "acme")
    carry_orders(url, things["plan_id"])
    yield Served(process, things)
    assert process.stop() == 0


def explore(served: Served, folder: Path, *options: str) -> str:
    """What schemathesis found."""
    config = folder / "schemathesis.toml"
    config.write_text(config_of(served.things), encoding="utf-8")
    key = make_key(served.process.store_url, "admin")
    command = [
        Path(sys.executable).with_name("schemathesis"), "--config-file", config, "--no-color",
        "run", f"{served.process.url}/openapi.json", "-H", f"Authorization: Bearer {key}",
        "--checks", "all", "--exclude-checks", BY_DESIGN, "--continue-on-failure",
        "--generation-deterministic", "--suppress-health-check", "all", *options,
    ]  # fmt: skip
    ran = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert served.process.said().count("\n") == 1, served.process.said()
    return ran.stdout


def config_of(things: Mapping[str, str]) -> str:
    """Most ids are those of things that are there: what is not there is answered soon."""
    known = [f'[dictionaries.{name}]\nvalues = ["{part}"]' for name, part in things.items()]
    used = [f'"path.{name}" = {{ dictionary = "{name}", probability = 0.7 }}' for name in things]
    return "\n".join([f'hooks = "{HOOKS}"', *known, "[parameters]", *used])


def explore_all(served: Served, folder: Path, *options: str) -> None:
    document = httpx.get(f"{served.process.url}/openapi.json").json()
    operations = sum(map(len, document["paths"].values()))
    said = explore(served, folder, "--exclude-path", STREAM, "--exclude-path", REVOKE, *options)
    assert re.search(rf"Tested: +{operations - 2}\n", said), said


def test_every_answer_is_as_the_document_says_and_none_is_5xx(served, tmp_path):
    explore_all(served, tmp_path, "--phases", "coverage,fuzzing", "--max-examples", "1")


@pytest.mark.slow
def test_the_same_of_many_more_requests_and_of_their_sequences(served, tmp_path):
    explore_all(served, tmp_path, "--phases", "fuzzing,stateful", "--max-examples", "60")


def test_revoking_keys_too(served, tmp_path):
    # Apart, since it may revoke the key that asks.
    assert "Tested:" in explore(served, tmp_path, "--include-path", REVOKE, "--max-examples", "5")


@pytest.fixture(scope="module")
def app(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeApp]:
    place = tmp_path_factory.mktemp("asked") / "store.db"
    shutil.copy(migrated_sqlite, place)  # the migrated one is every other test's to copy
    with whole_app(f"sqlite:///{place}") as app:
        yield app


@pytest.fixture(scope="module")
def viewer(app: WholeApp) -> Mapping[str, str]:
    return app.key("viewer")


@pytest.fixture(scope="module")
def ingest(app: WholeApp) -> Mapping[str, str]:
    return app.key("ingest")


@pytest.fixture(scope="module")
def dispatcher(app: WholeApp) -> Mapping[str, str]:
    return app.key("dispatcher", "strange")


@settings(max_examples=50)
@given(st.binary(max_size=60) | st.integers().map(lambda number: str(number).encode()))
def test_any_last_event_id_opens_a_stream_or_is_refused_as_a_problem(app, viewer, last_id):
    answer = app.ask("GET", STREAM, headers={**viewer, b"Last-Event-ID": last_id})
    if answer.status_code == 200:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.text.startswith("retry: ")
    else:
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/v1/events", "/v1/orders"])
@settings(max_examples=60)
@given(
    st.binary(max_size=40)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=8,
    ).map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
)
def test_any_body_of_a_bulk_route_is_answered(app, ingest, path, body):
    headers = {**ingest, "Content-Type": "application/json"}
    answer = app.ask("POST", path, headers=headers, content=body)
    assert answer.status_code in (200, 400, 413), answer.text
    assert answer.status_code == 200 or "detail" in answer.json()


def instant(microseconds: int) -> str:
    return (
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)
    ).isoformat()


texts = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12
).filter(str.strip)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
payloads = st.dictionaries(
    texts | st.sampled_from(sorted({key for kind in EVENT_KINDS.values() for key in kind.payload})),
    anything,
    max_size=4,
)
events = st.fixed_dictionaries(
    {
        "source": texts,
        "source_event_id": texts,
        "kind": st.sampled_from([*EVENT_KINDS, "teleported"]),
        "occurred_at": st.integers(0, 7_226_582_400_000_000).map(instant),
    },
    optional={
        **dict.fromkeys(("parcel_id", "facility_id", "vehicle_id", "driver_id"), texts),
        "latitude": st.floats(-90, 90),
        "longitude": st.floats(-180, 180),
        "payload": payloads,
    },
)
READS = (
    "/v1/exceptions", "/v1/parcels", "/v1/incidents", "/v1/kpis", "/v1/map", "/v1/drivers",
)  # fmt: skip


@settings(max_examples=8)
@given(st.lists(events, min_size=5, max_size=25))
def test_whatever_events_say_everything_can_be_read_afterwards(app, dispatcher, batch):
    batch = [
        each | {"source_event_id": f"{next(NUMBERS)} {each['source_event_id']}"} for each in batch
    ]
    taken = app.ask("POST", "/v1/events", headers=dispatcher, json=batch)
    assert taken.json() == {"accepted": len(batch), "duplicates": 0, "rejected": []}
    for path in READS:
        assert app.ask("GET", path, headers=dispatcher).status_code == 200
    with app.client(dispatcher) as tower:
        for parcel_id in {each["parcel_id"] for each in batch if "parcel_id" in each}:
            told = {each["source_event_id"] for each in tower.parcel_events(parcel_id)}
            assert told >= {e["source_event_id"] for e in batch if e.get("parcel_id") == parcel_id}
            for exception in tower.parcel(parcel_id)["exceptions"]:
                assert tower.exception(exception["id"])["evidence"]["numbers"] is not None


def test_an_id_is_in_the_evidence_as_it_was_sent(app):
    headers = app.key("dispatcher", "quoted")
    ids = ["plain", 'quo"ted', "back\\slash", "two\r\nlines", "\x01\x1f", "ü\u2028", '"],"x":["']
    batch = [
        {
            "source": "s",
            "source_event_id": each,
            "kind": "damaged",
            "occurred_at": "2026-11-26T01:00:00Z",
            "parcel_id": f"P of {each}",
        }
        for each in ids
    ]
    with app.client(headers) as tower:
        assert tower.send_events(batch)["accepted"] == len(ids)
        shown = [tower.exception(found["id"]) for found in tower.exceptions(kind="damage")]
    assert {tuple(each["evidence"]["events"]) for each in shown} == {(f"s/{each}",) for each in ids}


def test_the_document_is_a_valid_one_of_openapi_3_1(app):
    document = app.app.openapi()
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator({"components": {"schemas": schemas}, **schema})
    ids = [each["operationId"] for each in operations_of(document)]
    assert len(ids) == len(set(ids))


def test_every_operation_documents_its_errors_as_problems(app):
    for operation in operations_of(app.app.openapi()):
        told = operation["responses"]["default"]["content"]
        assert list(told) == ["application/problem+json"]
        assert operation["summary"]
        assert operation["description"]


def operations_of(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [told for methods in document["paths"].values() for told in methods.values()]
