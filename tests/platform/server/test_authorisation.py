"""Who may do what, walked over every route that the OpenAPI document shows.

Nothing here names the routes one by one: a route that is added is walked from then on, and one that
takes an id of a kind that `things` does not make fails until it is made there.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from things import bring, make_people
from whole_app import WholeApp, faults_of_a_problem, unprotected, whole_app

from crossdock.platform.server.principal import ROLES
from crossdock.platform.store.database.accounts import USER_ROLES
from stored_plan import keep_edit, keep_plan
from synthetic_run import build_run

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
CHANGING = frozenset(METHODS) - {"GET"}
UNKNOWN_KEY = {"Authorization": f"Bearer cdk_{'x' * 43}"}
OPEN = {
    ("GET", "/livez"),
    ("GET", "/readyz"),
    ("POST", "/session"),
    ("GET", "/session/link/{token}"),
    ("POST", "/session/link"),
}
"""With ``GET /openapi.json`` and the page's own files, all that contracts.md opens."""
OF_SESSIONS_ALONE = {("DELETE", "/session"), ("POST", "/session/password")}


@dataclass(frozen=True)
class Operation:
    """One method of one path of the document."""

    method: str
    path: str
    scopes: tuple[str, ...] | None
    body: Any

    def at(self, parts: Mapping[str, str]) -> str:
        """The path with ids in it."""
        return self.path.format_map({name: quote(part, safe="") for name, part in parts.items()})

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass(frozen=True)
class House:
    """An application with a tenant who has one of everything, and another who has nothing."""

    app: WholeApp
    operations: list[Operation]
    things: Mapping[str, str]
    own: Mapping[str, str]
    other: Mapping[str, str]

    def ask(
        self,
        operation: Operation,
        headers: Mapping[str, str],
        parts: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        return self.app.ask(
            operation.method,
            operation.at(parts or dict.fromkeys(self.things, "nowhere")),
            headers={"Idempotency-Key": uuid.uuid4().hex, **headers},
            **({} if operation.body is None else {"json": operation.body}),
        )


@pytest.fixture(scope="module")
def house(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    place = tmp_path_factory.mktemp("authorisation")
    shutil.copy(migrated_sqlite, place / "store.db")
    url = f"sqlite:///{place}/store.db"
    run = build_run(60)
    things = {"token": "x" * 43} | keep_plan(url, "acme", place / "run", run)
    things |= keep_edit(url, "acme", things["plan_id"], run)
    with whole_app(url) as app:
        things |= make_people(app.store, "acme")
        with app.client(app.key("admin", "acme")) as tower:
            things |= bring(tower, "acme")
        own, other = app.key("admin", "acme"), app.key("admin", "globex")
        yield House(app, operations_of(app.app.openapi()), things, own, other)


def operations_of(document: Mapping[str, Any]) -> list[Operation]:
    return [
        Operation(
            method.upper(),
            path,
            scopes_of(told),
            body_of(document, told),
        )
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]


def scopes_of(told: Mapping[str, Any]) -> tuple[str, ...] | None:
    """What the operation asks of a role, whichever way its caller comes; None: nothing at all."""
    if not told.get("security"):
        return None
    ways = {name: tuple(scopes) for way in told["security"] for name, scopes in way.items()}
    assert set(ways) == {"key", "session"}
    assert ways["key"] == ways["session"]
    return ways["key"]


def body_of(document: Mapping[str, Any], told: Mapping[str, Any]) -> Any:
    content = told.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        return None
    return example(document, content["application/json"]["schema"])


def example(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """The least that a schema allows."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return example(document, document["components"]["schemas"][name])
    several = [told for how in ("anyOf", "oneOf", "allOf") for told in schema.get(how, ())]
    if several:
        return example(document, several[0])
    if "enum" in schema:
        return schema["enum"][0]
    if schema["type"] == "object":
        needed = schema.get("required", ())
        return {name: example(document, schema["properties"][name]) for name in needed}
    if schema["type"] == "array":
        return [example(document, schema["items"])] * schema.get("minItems", 0)
    plain = {"integer": schema.get("minimum", 0), "number": 0.0, "boolean": False, "string": "x"}
    return schema.get("const", plain[schema["type"]])


def closed(house: House) -> list[Operation]:
    return [each for each in house.operations if each.scopes is not None]


def allows(role: str, operation: Operation) -> bool:
    return set(operation.scopes or ()) <= ROLES[role]


def refused(answer: httpx.Response, status: int) -> list[str]:
    """What is wrong with an answer that should be an error of this status."""
    if answer.status_code != status:
        return [f"is {answer.status_code}, not {status}"]
    return faults_of_a_problem(answer)


def let_in(answer: httpx.Response) -> list[str]:
    """What is wrong with an answer to somebody who may ask."""
    if answer.status_code in (401, 403) or answer.status_code >= 500:
        return [f"is {answer.status_code}: {answer.text}"]
    return faults_of_a_problem(answer) if answer.is_error else unprotected(answer)


def test_what_is_open_is_what_the_contract_opens(house):
    assert {(each.method, each.path) for each in house.operations if each.scopes is None} == OPEN
    assert len(closed(house)) > 30


def test_without_credentials_every_other_route_is_401(house):
    wrong = {
        f"{operation} {headers}": faults
        for operation in closed(house)
        for headers in ({}, UNKNOWN_KEY, {"Authorization": "Basic YTpi"}, {"Cookie": "session=x"},
                        {"Cookie": f"crossdock_session={'x' * 43}"})
        if (faults := refused(house.ask(operation, headers), 401))
    }  # fmt: skip
    assert wrong == {}


def test_a_key_may_do_what_its_role_says_and_nothing_else(house):
    wrong: dict[str, list[str]] = {}
    for role in ROLES:
        key = house.app.key(role, "initech")
        for operation in closed(house):
            answer = house.ask(operation, key)
            of_sessions = (operation.method, operation.path) in OF_SESSIONS_ALONE
            may = allows(role, operation) and not of_sessions
            faults = let_in(answer) if may else refused(answer, 403)
            if faults:
                wrong[f"{role}: {operation}"] = faults
    assert wrong == {}


def test_a_signed_in_user_may_do_what_their_role_says_with_the_token_of_their_session(house):
    accounts = house.app.accounts
    accounts.make_tenant("hooli", by="test")
    wrong: dict[str, list[str]] = {}
    for role in USER_ROLES:
        user = accounts.users.create("hooli", f"{role}@hooli.example", role, role, by="test")
        for operation in closed(house):
            session = accounts.sessions.open(user, how="link")
            cookie = {"Cookie": f"crossdock_session={session.token}"}
            if operation.method in CHANGING:
                for forged in ({}, {"X-CSRF-Token": "x" * len(session.csrf)}):
                    if faults := refused(house.ask(operation, cookie | forged), 403):
                        wrong[f"{role} without the token: {operation}"] = faults
            answer = house.ask(operation, cookie | {"X-CSRF-Token": session.csrf})
            faults = let_in(answer) if allows(role, operation) else refused(answer, 403)
            if faults:
                wrong[f"{role}: {operation}"] = faults
    assert wrong == {}


def named(house: House) -> list[Operation]:
    """The closed operations that name a thing; each kind of thing is known."""
    found = [each for each in closed(house) if "{" in each.path]
    unknown = [str(each) for each in found if not knows(house, each)]
    assert unknown == [], "make a thing of this kind in things.py"
    return found


def knows(house: House, operation: Operation) -> bool:
    try:
        operation.at(house.things)
    except KeyError:
        return False
    return True


def test_a_thing_of_another_tenant_is_not_there(house):
    wrong = {
        str(operation): faults
        for operation in named(house)
        if (faults := refused(house.ask(operation, house.other, house.things), 404))
    }
    assert wrong == {}


def test_a_thing_of_another_tenant_is_told_of_as_one_that_never_was(house):
    differing: dict[str, tuple[str, str]] = {}
    for operation in named(house):
        never = {name: f"{part[:-1]}~" for name, part in house.things.items()}
        there = house.ask(operation, house.other, house.things).json()["detail"]
        nowhere = house.ask(operation, house.other, never).json()["detail"]
        for name, part in house.things.items():
            there, nowhere = there.replace(part, name), nowhere.replace(never[name], name)
        if there != nowhere:
            differing[str(operation)] = there, nowhere
    assert differing == {}


def test_no_list_holds_a_thing_of_another_tenant(house):
    told: dict[str, list[str]] = {}
    for operation in closed(house):
        if operation.method == "GET" and "{" not in operation.path:
            text = house.ask(operation, house.other).text
            if leaked := [part for part in (*house.things.values(), "acme") if part in text]:
                told[str(operation)] = leaked
    assert told == {}


def test_the_same_things_are_there_for_their_own_tenant(house):
    # Last but one of all that use the things: it disables, revokes, cancels and releases them.
    missing = {
        str(operation): answer.text
        for operation in sorted(named(house), key=lambda each: each.method)
        if (answer := house.ask(operation, house.own, house.things)).status_code
        not in (200, 201, 202, 409)
    }
    assert missing == {}


def test_a_path_or_a_method_that_is_not_there_is_a_problem(house):
    by_path: dict[str, set[str]] = {}
    for each in house.operations:
        by_path.setdefault(each.path, set()).add(each.method)
    parts = dict.fromkeys(house.things, "nowhere")
    wrong: dict[str, list[str]] = {}
    for path, methods in by_path.items():
        operation = Operation("", path, None, None)
        for method in set(METHODS) - methods:
            answer = house.app.ask(method, operation.at(parts), headers=house.own)
            faults = refused(answer, 405)
            if faults or set(answer.headers["allow"].split(", ")) != methods:
                wrong[f"{method} {path}"] = [*faults, f"allows {answer.headers.get('allow')}"]
    for path in ("/v1", "/v1/", "/v1/nowhere", "/session/nowhere"):
        for method in METHODS:
            if faults := refused(house.app.ask(method, path, headers=house.own), 404):
                wrong[f"{method} {path}"] = faults
    assert wrong == {}


def test_under_v1_a_stranger_learns_neither_paths_nor_methods(house):
    wrong = {
        f"{method} {path}": faults
        for path in ("/v1", "/v1/", "/v1/nowhere", "/v1/parcels", "/v1/parcels/P-acme/nowhere")
        for method in (*METHODS, "OPTIONS", "TRACE")
        if (faults := refused(house.app.ask(method, path), 401))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    "path",
    ["//v1/parcels", "/v1//parcels", "/V1/parcels", "/v1/parcels/", "/%76%31/parcels",
     "/v1%2Fparcels", "/v1;x/parcels", "/livez/%2e%2e/v1/parcels", "/v1/parcels%3Flimit=1"],
)  # fmt: skip
def test_no_spelling_of_a_path_goes_around_the_gate(house, path):
    answer = house.app.ask("GET", path)
    assert answer.status_code in (401, 404)
    assert faults_of_a_problem(answer) == []


def test_the_document_is_open_and_shows_every_route_of_the_api(house):
    answer = house.app.ask("GET", "/openapi.json")
    assert answer.status_code == 200
    assert unprotected(answer) == []
    assert answer.json()["openapi"].startswith("3.1")
    shown = set(answer.json()["paths"])
    hidden = {
        route.path_format
        for route in iter_route_contexts(house.app.app.routes)
        if route.path.startswith(("/v1", "/session")) and route.path_format not in shown
    }
    assert hidden == set()
