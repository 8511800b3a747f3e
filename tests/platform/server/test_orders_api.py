"""Orders come in over the API: each is stored once, or refused with its field and reason."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from crossdock.locate.zips import zip_table
from crossdock.model import NotFoundError
from crossdock.model.order import RAW_ORDERS, check_orders
from crossdock.platform.server.idempotency import Idempotency
from crossdock.platform.server.orders import OrderIntake, orders_of, orders_router
from crossdock.platform.server.orders.intake import bodies_of
from crossdock.platform.store.database import Store
from crossdock.platform.store.database.idempotency import KeptAnswers
from crossdock.platform.store.database.orders import OrdersStore, Verdict
from crossdock.platform.store.database.tables import ORDER_ROWS
from served_api import Client, app_of, require

ORDER: dict[str, Any] = {
    "order_id": "O-1",
    "created_at": "2026-11-30T09:15:00-05:00",
    "merchant_id": "M-1",
    "ship_from_zip": "07032",
    "recipient": "Ada Lovelace",
    "address": "233 S Wacker Dr, Chicago, IL 60606",
    "service": "2-day",
    "weight_kg": 1.5,
    "length_cm": 30,
    "width_cm": 20,
    "height_cm": 10,
    "declared_value_usd": "49.90",
}


@pytest.fixture
def orders(store, clock) -> OrdersStore:
    return OrdersStore(store.backend, clock.now)


def carry(store: Store, order_id: str, plan_id: str = "plan_1") -> None:
    with store.backend.engine.begin() as connection:
        this = update(ORDER_ROWS).where(ORDER_ROWS.c.order_id == order_id)
        connection.execute(this.values(plan_id=plan_id))


# What is stored


def test_an_order_is_stored_once(orders):
    assert orders.put("acme", {"a": "1", "b": "2"}) == dict.fromkeys("ab", Verdict.ACCEPTED)
    assert orders.put("acme", {"b": "2", "c": "3"}) == {
        "b": Verdict.DUPLICATE,
        "c": Verdict.ACCEPTED,
    }
    assert orders.read("acme", "b").body == "2"


def test_an_order_is_changed_only_where_that_is_asked(orders):
    orders.put("acme", {"a": "1"})
    assert orders.put("acme", {"a": "2"}) == {"a": Verdict.CHANGED}
    assert orders.read("acme", "a").body == "1"
    assert orders.put("acme", {"a": "2"}, replace=True) == {"a": Verdict.ACCEPTED}
    assert orders.read("acme", "a").body == "2"
    assert orders.open_orders("acme")["revision"].to_list() == [2]


def test_an_order_that_a_released_plan_carries_is_not_changed(orders, store):
    orders.put("acme", {"a": "1"})
    carry(store, "a")
    assert orders.put("acme", {"a": "2"}, replace=True) == {"a": Verdict.CARRIED}
    assert orders.put("acme", {"a": "1"}, replace=True) == {"a": Verdict.DUPLICATE}
    assert orders.read("acme", "a").plan_id == "plan_1"


def test_open_orders_are_those_that_no_released_plan_carries(orders, store):
    orders.put("acme", {"b": "2", "a": "1", "c": "3"})
    carry(store, "b")
    assert orders.open_orders("acme")["order_id"].to_list() == ["a", "c"]
    assert orders.open_ids("acme", ["a", "b", "x", "\0"]) == {"a"}
    carry(store, "a")
    carry(store, "c")
    assert not orders.any_open("acme")
    assert orders.open_orders("acme").height == 0


def test_tenants_have_orders_of_their_own(orders):
    orders.put("acme", {"a": "1"})
    assert orders.put("other", {"a": "2"}) == {"a": Verdict.ACCEPTED}
    assert orders.read("acme", "a").body == "1"
    with pytest.raises(NotFoundError):
        orders.read("third", "a")
    assert not orders.any_open("third")


def test_a_large_batch_is_stored_whole(orders):
    bodies = {f"O-{number}": "{}" for number in range(12_000)}
    assert set(orders.put("acme", bodies).values()) == {Verdict.ACCEPTED}
    assert set(orders.put("acme", bodies).values()) == {Verdict.DUPLICATE}


def test_equal_batches_that_come_at_once_are_accepted_once(orders):
    bodies = {f"O-{number}": "{}" for number in range(50)}
    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(lambda _: orders.put("acme", bodies), range(6)))
    said = [verdict for each in got for verdict in each.values()]
    assert said.count(Verdict.ACCEPTED) == 50
    assert said.count(Verdict.DUPLICATE) == 250


# Bodies


cells = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)


@settings(max_examples=40)
@given(
    recipient=cells.filter(str.strip),
    weight=st.floats(0.001, 60),
    pieces=st.none() | st.integers(1, 999),
    instructions=st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    offset=st.integers(-840, 840),
)
def test_a_stored_order_is_read_as_it_was_checked(recipient, weight, pieces, instructions, offset):
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    told = ORDER | {
        "created_at": f"2026-11-30T09:15:00.25{sign}{minutes // 60:02}:{minutes % 60:02}",
        "recipient": recipient,
        "weight_kg": weight,
        "pieces": pieces,
        "instructions": instructions,
    }
    cells = {name: None if (cell := told.get(name)) is None else str(cell) for name in RAW_ORDERS}
    raw = pl.DataFrame([cells | {"row": 1}], schema=pl.Schema(RAW_ORDERS))
    checked, rejects = check_orders(raw, services=["2-day"], known_zips=zip_table()["zip5"])
    assert rejects.is_empty()
    assert orders_of(bodies_of(checked)).equals(checked)


def test_no_stored_orders_are_read_as_none():
    assert orders_of(pl.Series("body", [], pl.String)).is_empty()


# The routes


@pytest.fixture
def client(here, clock) -> Client:
    intake = OrderIntake(
        OrdersStore(here.backend, clock.now), services=lambda: ["2-day", "3-day"], most_items=1_000
    )
    once = Idempotency(KeptAnswers(here.backend, clock.now, kept=timedelta(hours=24)))
    return Client(app_of(orders_router(intake, once, require)))


def order(number: int, **cells: object) -> dict[str, Any]:
    return ORDER | {"order_id": f"O-{number}"} | cells


def sent(client: Client, *items: object, **query: object) -> dict[str, Any]:
    answer = client.post("/v1/orders", json=list(items), params=query)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    rejected = {each["index"] for each in told["rejected"]}
    assert told["accepted"] + told["duplicates"] + len(told["rejected"]) == len(items)
    assert len(rejected) == len(told["rejected"])
    return told


def test_orders_are_accepted_and_read_back_in_utc(client):
    assert sent(client, order(1), order(2)) == {"accepted": 2, "duplicates": 0, "rejected": []}
    told = client.get("/v1/orders/O-1").json()
    assert told["created_at"] == "2026-11-30T14:15:00Z"
    assert told["received_at"] == "2026-11-30T12:00:00Z"
    assert (told["weight_kg"], told["declared_value_usd"], told["pieces"]) == (1.5, 49.9, 1)
    assert told["plan_id"] is None


def test_an_order_sent_again_is_a_duplicate_however_it_is_written(client):
    sent(client, order(1))
    again = order(
        1, created_at="2026-11-30T14:15:00Z", weight_kg="1.50", service="2-DAY", color="red"
    )
    assert sent(client, again) == {"accepted": 0, "duplicates": 1, "rejected": []}


def test_an_id_that_comes_twice_in_a_batch_is_a_duplicate_or_refused(client):
    told = sent(client, order(1), order(1), order(1, weight_kg=2), order(2))
    assert (told["accepted"], told["duplicates"]) == (2, 1)
    assert (told["rejected"][0]["index"], told["rejected"][0]["field"]) == (2, "order_id")


def test_each_item_has_its_own_verdict(client):
    told = sent(
        client,
        order(1),
        order(2, weight_kg=-1),
        "no object",
        order(3, service="next-day", height_cm=0),
        order(4, recipient=["a", "list"]),
        order(5, weight_kg=True),
        {},
        order(6, instructions="x" * 40_000),
        order(2, weight_kg=-1),
        order(7),
    )
    assert told["accepted"] == 2
    faults = {each["index"]: (each["field"], each["reason"]) for each in told["rejected"]}
    assert faults[1] == ("weight_kg", "is negative; correct the sign")
    assert faults[2][0] == ""
    assert faults[3] == (
        "service",
        "is not a service of this network; use one of 2-day, 3-day; also wrong: height_cm",
    )
    assert faults[4][0] == "recipient"
    assert faults[5][0] == "weight_kg"
    assert faults[6][0] == "order_id"
    assert faults[7][0] == "instructions"
    assert faults[8] == faults[1]
    assert sorted(faults) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_other_values_under_an_id_are_refused_unless_they_shall_replace(client, here):
    sent(client, order(1))
    changed = order(1, weight_kg=2)
    told = sent(client, changed)["rejected"][0]
    assert (told["index"], told["field"]) == (0, "order_id")
    assert told["reason"].startswith("was sent with other values")
    assert sent(client, changed, replace="true")["accepted"] == 1
    assert client.get("/v1/orders/O-1").json()["weight_kg"] == 2
    carry(here, "O-1")
    assert sent(client, order(1), replace="true")["rejected"][0]["field"] == "order_id"


def test_lines_are_read_as_an_array_is(client):
    lines = "\n".join(json.dumps(order(number)) for number in range(3)) + "\n"
    kind = {"content-type": "application/x-ndjson; charset=utf-8"}
    answer = client.post("/v1/orders", content=lines, headers=kind)
    assert answer.json()["accepted"] == 3


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"{}", b"[1,]", b"\xff\xfe", b'"text"', b"[" * 100_000, b'["\\ud800"]', b"[NaN]",
     b"[1" + b"0" * 5_000 + b"]"],
)  # fmt: skip
def test_a_body_that_cannot_be_read_is_400(client, body):
    answer = client.post("/v1/orders", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_body_of_another_type_is_415(client):
    answer = client.post("/v1/orders", content=b"a,b", headers={"content-type": "text/csv"})
    assert answer.status_code == 415


def test_more_items_than_the_limit_are_413(client):
    assert client.post("/v1/orders", json=[0] * 1_001).status_code == 413
    assert len(sent(client, *[0] * 1_000)["rejected"]) == 1_000


def test_no_items_are_no_fault(client):
    assert sent(client) == {"accepted": 0, "duplicates": 0, "rejected": []}


def test_numbers_beyond_measure_are_faults_of_their_item(client):
    text = json.dumps([order(1, weight_kg=0), order(2)]).replace(" 0,", " 1e999,")
    kind = {"content-type": "application/json"}
    told = client.post("/v1/orders", content=text, headers=kind).json()
    assert told["accepted"] == 1
    assert told["rejected"][0]["field"] == "weight_kg"


def test_a_key_replays_the_answer(client):
    key = {"Idempotency-Key": "k"}
    first = client.post("/v1/orders", json=[order(1)], headers=key)
    again = client.post("/v1/orders", json=[order(1)], headers=key)
    assert again.json()["accepted"] == 1
    assert again.content == first.content


@pytest.mark.parametrize("order_id", ["O/1 a", "Ä-1", "O-1?x#y", "../O-1"])
def test_an_order_of_any_id_can_be_read(client, order_id):
    sent(client, order(1, order_id=order_id))
    told = client.get(f"/v1/orders/{quote(order_id, safe='')}")
    assert told.json()["order_id"] == order_id


def test_orders_of_others_are_not_there(client):
    sent(client, order(1))
    for path, who in (("O-1", "other/planner"), ("O-9", "acme/viewer"), ("%00", "acme/viewer")):
        assert client.get(f"/v1/orders/{path}", headers={"who": who}).status_code == 404


@pytest.mark.parametrize(
    ("who", "brings", "reads"),
    [("acme/ingest", 200, 403), ("acme/viewer", 403, 200), ("acme/planner", 200, 200)],
)
def test_each_role_does_what_it_may(client, who, brings, reads):
    sent(client, order(1))
    asked = {"headers": {"who": who}}
    assert client.post("/v1/orders", json=[order(1)], **asked).status_code == brings
    assert client.get("/v1/orders/O-1", **asked).status_code == reads
