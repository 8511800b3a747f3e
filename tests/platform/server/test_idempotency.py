"""A request that is sent again has one effect and is answered as it was the first time."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse, Response

from crossdock.model import NotFoundError, StoreUnavailableError
from crossdock.platform.server.idempotency import Idempotency, KeyNeeded, KeyWelcome, id_of
from crossdock.platform.server.principal import DISPATCH, Principal
from crossdock.platform.store.database.idempotency import (
    KeptAnswer,
    KeptAnswers,
    NoTurn,
    Turn,
)
from served_api import Client, app_of, require

KEY = {"Idempotency-Key": "k-1"}
ANSWER = KeptAnswer(201, {"location": "/x"}, b"\x00\xffbytes")


@pytest.fixture
def answers(store, clock) -> KeptAnswers:
    return KeptAnswers(store.backend, clock.now, kept=timedelta(hours=24))


def begun(answers: KeptAnswers, key: str = "k", request: str = "hash") -> Turn:
    turn = answers.begin("acme", "user:1", key, request)
    assert isinstance(turn, Turn)
    return turn


# What is kept


def test_the_first_request_has_its_turn_and_the_next_gets_its_answer(answers):
    answers.keep(begun(answers), ANSWER)
    assert answers.begin("acme", "user:1", "k", "hash") == ANSWER


def test_a_request_that_comes_meanwhile_waits(answers):
    begun(answers)
    assert answers.begin("acme", "user:1", "k", "hash") is NoTurn.IN_FLIGHT


def test_another_request_under_the_key_is_told_apart_before_and_after_the_answer(answers):
    turn = begun(answers)
    assert answers.begin("acme", "user:1", "k", "other") is NoTurn.OTHER_REQUEST
    answers.keep(turn, ANSWER)
    assert answers.begin("acme", "user:1", "k", "other") is NoTurn.OTHER_REQUEST


def test_each_tenant_and_actor_has_keys_of_its_own(answers):
    answers.keep(begun(answers), ANSWER)
    assert isinstance(answers.begin("acme", "user:2", "k", "hash"), Turn)
    assert isinstance(answers.begin("other", "user:1", "k", "hash"), Turn)


def test_a_key_that_is_forgotten_is_new(answers):
    answers.forget(begun(answers))
    begun(answers, request="other")


def test_an_answer_is_kept_for_its_time_and_no_longer(answers, clock):
    answers.keep(begun(answers), ANSWER)
    clock.move(hours=23, minutes=59)
    assert answers.begin("acme", "user:1", "k", "hash") == ANSWER
    clock.move(minutes=1)
    begun(answers, request="other")


def test_old_answers_of_other_keys_are_swept_away(answers, clock, store):
    for number in range(5):
        answers.keep(begun(answers, f"k{number}"), ANSWER)
    clock.move(hours=25)
    begun(answers, "new")
    with store.backend.engine.connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM idempotency").scalar_one()
    assert count == 1


def test_a_request_of_a_crashed_server_is_taken_over_with_the_same_token(answers, clock):
    crashed = begun(answers)
    clock.move(minutes=4, seconds=59)
    assert answers.begin("acme", "user:1", "k", "hash") is NoTurn.IN_FLIGHT
    clock.move(seconds=1)
    taken = begun(answers)
    assert taken.token == crashed.token
    assert id_of(taken.token, "plan") == id_of(crashed.token, "plan") != id_of("other", "plan")
    answers.keep(crashed, KeptAnswer(200, {}, b"late"))
    answers.keep(taken, ANSWER)
    assert answers.begin("acme", "user:1", "k", "hash") == ANSWER


def test_of_many_that_begin_at_once_one_has_the_turn(answers):
    with ThreadPoolExecutor(20) as pool:
        got = list(pool.map(lambda _: answers.begin("acme", "user:1", "k", "hash"), range(20)))
    assert sum(isinstance(each, Turn) for each in got) == 1
    assert got.count(NoTurn.IN_FLIGHT) == 19


def test_of_many_that_take_over_at_once_one_has_the_turn(answers, clock):
    begun(answers)
    clock.move(minutes=5)
    with ThreadPoolExecutor(20) as pool:
        got = list(pool.map(lambda _: answers.begin("acme", "user:1", "k", "hash"), range(20)))
    assert sum(isinstance(each, Turn) for each in got) == 1


# Around a route


class Counter:
    """A route with an effect that can be counted, and that fails when it is told to."""

    def __init__(self, answers: KeptAnswers) -> None:
        self.effects = 0
        self.fails_with: Exception | None = None
        self.takes_s = 0.0
        self._once = Idempotency(answers)
        self._lock = threading.Lock()

    def router(self) -> APIRouter:
        router = APIRouter()
        dispatcher = Depends(require(DISPATCH))

        @router.post("/needed/{name}")
        def needed(name: str, *, principal: Principal = dispatcher, key: KeyNeeded) -> Response:
            return self._once.answer(key, principal, self.count)

        @router.post("/welcome")
        def welcome(*, principal: Principal = dispatcher, key: KeyWelcome) -> Response:
            return self._once.answer(key, principal, self.count)

        return router

    def count(self, token: str) -> Response:
        time.sleep(self.takes_s)
        with self._lock:
            self.effects += 1
        if self.fails_with is not None:
            raise self.fails_with
        return JSONResponse({"effects": self.effects}, 202, {"Location": f"/{self.effects}"})


@pytest.fixture
def counter(answers) -> Counter:
    return Counter(answers)


@pytest.fixture
def client(counter) -> Client:
    return Client(app_of(counter.router()))


def test_the_same_request_is_replayed_byte_for_byte(client, counter):
    first = client.post("/needed/a", headers=KEY, json={"a": 1})
    again = client.post("/needed/a", headers=KEY, json={"a": 1})
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.content == first.content == b'{"effects":1}'
    assert again.headers["Location"] == "/1"
    assert again.headers["content-type"] == first.headers["content-type"]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert counter.effects == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [("/needed/a", {"a": 2}), ("/needed/b", {"a": 1}), ("/needed/a?x=1", {"a": 1})],
)
def test_another_request_under_the_key_is_422(client, counter, path, body):
    client.post("/needed/a", headers=KEY, json={"a": 1})
    other = client.post(path, headers=KEY, json=body)
    assert other.status_code == 422
    assert other.headers["content-type"] == "application/problem+json"
    assert counter.effects == 1


def test_twenty_equal_requests_at_once_have_one_effect(client, counter):
    counter.takes_s = 0.1
    got = client.at_once(20, "POST", "/needed/a", headers=KEY, json={})
    assert counter.effects == 1
    assert {each.status_code for each in got} <= {202, 409}
    assert {each.content for each in got if each.status_code == 202} == {b'{"effects":1}'}
    assert all(each.headers["Retry-After"] for each in got if each.status_code == 409)
    assert client.post("/needed/a", headers=KEY, json={}).content == b'{"effects":1}'


@pytest.mark.parametrize("key", [None, "", "k" * 256, "tab\tbed", "ümlaut"])
def test_a_key_that_is_missing_or_no_key_is_400(client, counter, key):
    headers = {} if key is None else {"Idempotency-Key": key.encode("latin-1")}
    refused = client.post("/needed/a", headers=headers)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["location"] == "header.Idempotency-Key"
    assert counter.effects == 0


def test_a_key_of_255_characters_is_taken(client):
    assert client.post("/needed/a", headers={"Idempotency-Key": "k" * 255}).status_code == 202


def test_without_a_key_where_it_is_welcome_each_request_has_its_effect(client, counter):
    client.post("/welcome")
    client.post("/welcome")
    client.post("/welcome", headers=KEY)
    client.post("/welcome", headers=KEY)
    assert counter.effects == 3


def test_who_asks_is_asked_before_the_key(client):
    assert client.post("/needed/a", headers={"who": "acme/viewer"}).status_code == 403


def test_an_error_of_the_request_is_an_answer_too(client, counter):
    counter.fails_with = NotFoundError("no load L-1")
    first = client.post("/needed/a", headers=KEY)
    counter.fails_with = None
    again = client.post("/needed/a", headers=KEY)
    assert (first.status_code, again.status_code, counter.effects) == (404, 404, 1)
    assert again.content == first.content
    assert again.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("error", "status"), [(StoreUnavailableError("down"), 503), (ZeroDivisionError(), 500)]
)
def test_an_error_of_the_server_is_not_kept(client, counter, error, status):
    counter.fails_with = error
    assert client.post("/needed/a", headers=KEY).status_code == status
    counter.fails_with = None
    again = client.post("/needed/a", headers=KEY)
    assert again.status_code == 202
    assert "Idempotency-Replayed" not in again.headers


def test_the_openapi_document_shows_the_header(counter):
    operation = app_of(counter.router()).openapi()["paths"]["/needed/{name}"]["post"]
    (header,) = (each for each in operation["parameters"] if each["in"] == "header")
    assert header["name"] == "Idempotency-Key"
