"""The doors of the server: who comes in, with what, how often; and what every answer carries."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, get_args

import httpx
import pytest
from argon2 import PasswordHasher
from fastapi import Depends, FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from crossdock.platform.server.principal import DISPATCH, INGEST, PLAN, READ, ROLES, Principal
from crossdock.platform.server.problems import PROBLEM_TYPE, RefusedError, answer_errors
from crossdock.platform.server.security import (
    TokenBuckets,
    check_depth,
    install_security,
    link_path,
    require,
)
from crossdock.platform.server.security.admin_routes import KeyRole, UserRole
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.accounts import KEY_ROLES, USER_ROLES, Accounts, User

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORD = "the dock opens at four"
WRONG = "the dock opens at five"
SMALL = replace(ServerSettings(), max_body_bytes=2_000, max_json_depth=5)
COOKIE = "crossdock_session"


class Thing(BaseModel):
    name: str


def guarded_app(store, settings: ServerSettings, now) -> FastAPI:
    """A few routes of each kind behind the doors."""
    app = FastAPI()
    answer_errors(app)
    install_security(app, store, settings, now)

    @app.get("/livez")
    async def livez() -> str:
        return "alive"

    @app.get("/boom")
    async def boom() -> None:
        raise ValueError("nobody foresaw this")

    @app.get("/v1/things")
    async def things(asker: Annotated[Principal, Depends(require(READ))]) -> dict[str, str]:
        return {"tenant": asker.tenant, "actor": asker.actor}

    @app.post("/v1/things")
    async def add(_: Annotated[Principal, Depends(require(DISPATCH))], thing: Thing) -> str:
        return thing.name

    @app.post("/v1/raw")
    async def raw(_: Annotated[Principal, Depends(require(INGEST))], request: Request) -> int:
        return len(await request.body())

    @app.post("/v1/plans")
    def plan(_: Annotated[Principal, Depends(require(PLAN))]) -> str:
        return "planned"

    @app.get("/v1/forgotten")
    async def forgotten() -> str:
        return "a route that forgot to ask"

    return app


class Caller:
    """Asks the app; keeps its cookies as a browser does."""

    def __init__(self, app: FastAPI, *, scheme: str = "http", address: str = "192.0.2.1") -> None:
        self._run = asyncio.Runner()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50_000))
        self.client = httpx.AsyncClient(transport=transport, base_url=f"{scheme}://tower.example")

    def __call__(self, method: str, path: str, **asked: Any) -> httpx.Response:
        return self._run.run(self.client.request(method, path, **asked))

    def close(self) -> None:
        self._run.run(self.client.aclose())
        self._run.close()

    @property
    def token(self) -> str:
        return self.client.cookies[COOKIE]


class House:
    """A store with a tenant and some people, an app on it, and those who call it."""

    def __init__(self, store, clock) -> None:
        self._store = store
        self._clock = clock
        self._callers: list[Caller] = []
        self.accounts = Accounts(store.backend, clock.now, hasher=QUICK)
        self.accounts.make_tenant("acme", by="test")
        self.accounts.make_tenant("globex", by="test")
        self._settings = ServerSettings()

    def settle(self, settings: ServerSettings) -> None:
        self._settings = settings

    @cached_property
    def app(self) -> FastAPI:
        return guarded_app(self._store, self._settings, self._clock.now)

    def caller(self, **how: Any) -> Caller:
        self._callers.append(Caller(self.app, **how))
        return self._callers[-1]

    def key(self, role: str, tenant: str = "acme") -> dict[str, str]:
        made = self.accounts.keys.create(tenant, f"{role} of {tenant}", role, by="test")
        return {"Authorization": f"Bearer {made.clear}"}

    def user(self, role: str = "dispatcher", name: str = "kim", **more: Any) -> User:
        email = f"{name}@acme.example"
        return self.accounts.users.create("acme", email, name, role, by="test", **more)

    def signed_in(self, user: User, **how: Any) -> tuple[Caller, str]:
        """A browser and its CSRF token."""
        caller = self.caller(**how)
        link = self.accounts.links.create(user, by="test")
        me = caller("POST", "/session/link", json={"token": link}).json()
        return caller, me["csrf"]

    def close(self) -> None:
        for caller in self._callers:
            caller.close()


@pytest.fixture
def house(migrated_sqlite: Path, tmp_path: Path, clock) -> Iterator[House]:
    shutil.copy(migrated_sqlite, tmp_path / "store.db")
    with open_database(f"sqlite:///{tmp_path}/store.db") as store:
        made = House(store, clock)
        yield made
        made.close()


def is_problem(answer: httpx.Response, status: int) -> bool:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == PROBLEM_TYPE
    assert {"type", "title", "status", "detail"} <= answer.json().keys()
    return answer.json()["status"] == status


# Keys


def test_a_key_opens_what_its_role_allows(house):
    ask = house.caller()
    for role, may in ROLES.items():
        key = house.key(role)
        for method, path, what in (
            ("GET", "/v1/things", READ),
            ("POST", "/v1/raw", INGEST),
            ("POST", "/v1/plans", PLAN),
            ("GET", "/v1/admin/users", "administer"),
        ):
            answer = ask(method, path, headers=key)
            assert answer.status_code == (200 if what in may else 403), (role, path)


def test_the_principal_is_the_keys_tenant_and_id(house):
    key = house.key("viewer", "globex")
    said = house.caller()("GET", "/v1/things", headers=key).json()
    key_id = key["Authorization"].split("_")[1]
    assert said == {"tenant": "globex", "actor": f"key:{key_id}"}


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", "Bearer xd_1_2", "Bearer \xe4"]
)
def test_without_a_good_key_the_answer_is_401_with_the_way_in(house, header):
    headers = {"Authorization": header.encode("latin-1")} if header else {}
    answer = house.caller()("GET", "/v1/things", headers=headers)
    assert is_problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_nothing_under_v1_is_told_to_who_is_not_known(house):
    ask = house.caller()
    for method, path in (
        ("GET", "/v1/none"),
        ("DELETE", "/v1/things"),
        ("GET", "/v1/forgotten"),
        ("GET", "/v1"),
        ("OPTIONS", "/v1/things"),
    ):
        assert is_problem(ask(method, path), 401)
    assert is_problem(ask("POST", "/v1/things", content=b"{", headers={}), 401)
    assert is_problem(ask("GET", "/v1/none", headers=house.key("viewer")), 404)


def test_what_is_open_needs_no_key(house):
    ask = house.caller()
    assert ask("GET", "/livez").status_code == 200
    assert ask("GET", "/openapi.json").status_code == 200


def test_a_revoked_key_is_refused_within_5_s_and_at_once_where_it_was_revoked(house, clock):
    ask = house.caller()
    admin, key = house.key("admin"), house.key("viewer")
    for _ in range(2):
        assert ask("GET", "/v1/things", headers=key).status_code == 200
    key_id = key["Authorization"].split("_")[1]
    other = house.key("viewer")
    ask("GET", "/v1/things", headers=other)
    assert ask("POST", f"/v1/admin/keys/{key_id}/revoke", headers=admin).status_code == 200
    assert is_problem(ask("GET", "/v1/things", headers=key), 401)
    house.accounts.keys.revoke("acme", other["Authorization"].split("_")[1], by="elsewhere")
    clock.move(seconds=5)
    assert is_problem(ask("GET", "/v1/things", headers=other), 401)


# Sign-in


def test_sign_in_with_a_password_and_out_again(house):
    house.user(password=PASSWORD)
    ask = house.caller()
    signed_in = ask("POST", "/session", json={"email": "kim@acme.example", "password": PASSWORD})
    me = signed_in.json()
    assert signed_in.status_code == 200
    assert (me["tenant"], me["name"], me["role"]) == ("acme", "kim", "dispatcher")
    assert ask("GET", "/session").json() == me
    assert ask("GET", "/v1/things").json() == {"tenant": "acme", "actor": me["actor"]}
    token = ask.token
    assert ask("DELETE", "/session", headers={"X-CSRF-Token": me["csrf"]}).status_code == 204
    assert COOKIE not in ask.client.cookies
    ask.client.cookies[COOKIE] = token
    assert is_problem(ask("GET", "/session"), 401)


def test_the_cookie_is_for_this_site_and_not_for_scripts(house):
    answer = house.caller()(
        "POST", "/session/link", json={"token": house.accounts.links.create(house.user(), by="t")}
    )
    name, *flags = answer.headers["set-cookie"].split("; ")
    assert name.startswith(f"{COOKIE}=")
    assert {flag.lower() for flag in flags} == {
        "httponly",
        "samesite=strict",
        "path=/",
        "max-age=43200",
    }


def test_over_https_the_cookie_is_secure_and_belongs_to_this_host_alone(house):
    house.settle(replace(ServerSettings(), secure_cookies=True))
    ask = house.caller(scheme="https")
    link = house.accounts.links.create(house.user(), by="t")
    answer = ask("POST", "/session/link", json={"token": link})
    assert answer.headers["set-cookie"].startswith(f"__Host-{COOKIE}=")
    assert "; Secure" in answer.headers["set-cookie"]
    assert "domain" not in answer.headers["set-cookie"].lower()
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert ask("GET", "/session").status_code == 200


def test_a_session_needs_its_csrf_token_to_change_anything(house):
    ask, csrf = house.signed_in(house.user())
    _, of_another = house.signed_in(house.user(name="lee"))
    thing = {"json": {"name": "box"}}
    for wrong in ({}, {"X-CSRF-Token": ""}, {"X-CSRF-Token": of_another}):
        assert is_problem(ask("POST", "/v1/things", headers=wrong, **thing), 403)
        assert is_problem(ask("DELETE", "/session", headers=wrong), 403)
    assert is_problem(ask("POST", "/v1/things", headers={"X-CSRF-Token": b"\xe4"}, **thing), 403)
    assert ask("POST", "/v1/things", headers={"X-CSRF-Token": csrf}, **thing).json() == "box"
    assert ask("GET", "/v1/things").status_code == 200


def test_a_key_needs_no_csrf_token_and_comes_before_the_cookie(house):
    ask, _ = house.signed_in(house.user("viewer"))
    key = house.key("dispatcher")
    assert ask("POST", "/v1/things", headers=key, json={"name": "box"}).status_code == 200
    wrong = {"Authorization": "Bearer nothing"}
    assert is_problem(ask("GET", "/v1/things", headers=wrong), 401)


def test_each_sign_in_gives_a_new_token_and_ends_the_session_it_replaces(house):
    user = house.user()
    ask, csrf = house.signed_in(user)
    old = ask.token
    link = house.accounts.links.create(user, by="test")
    me = ask("POST", "/session/link", json={"token": link}).json()
    assert ask.token != old
    assert me["csrf"] != csrf
    assert house.accounts.sessions.find(old) is None


def test_a_session_ends_with_silence_and_with_another_role(house, clock):
    user = house.user()
    ask, _ = house.signed_in(user)
    clock.move(minutes=59)
    assert ask("GET", "/session").status_code == 200
    clock.move(minutes=60)
    assert is_problem(ask("GET", "/session"), 401)
    ask, _ = house.signed_in(user)
    admin = house.key("admin")
    path = f"/v1/admin/users/{user.user_id}/role"
    assert ask("PUT", path, headers=admin, json={"role": "viewer"}).json()["role"] == "viewer"
    assert is_problem(ask("GET", "/session"), 401)


def test_a_new_password_renews_this_session_and_ends_the_others(house):
    user = house.user(password=PASSWORD)
    ask, csrf = house.signed_in(user)
    elsewhere, _ = house.signed_in(user)
    headers, old = {"X-CSRF-Token": csrf}, ask.token
    change = {"current": WRONG, "new": "the dock closes at nine"}
    assert is_problem(ask("POST", "/session/password", headers=headers, json=change), 401)
    change["current"] = PASSWORD
    me = ask("POST", "/session/password", headers=headers, json=change).json()
    assert ask.token != old
    assert ask("GET", "/session").json() == me
    assert is_problem(elsewhere("GET", "/session"), 401)
    assert house.accounts.sessions.find(old) is None
    assert house.accounts.users.check_password(user.email, "the dock closes at nine")


def test_who_came_by_link_may_choose_a_first_password_of_some_length(house):
    user = house.user()
    ask, csrf = house.signed_in(user)
    headers = {"X-CSRF-Token": csrf}
    assert is_problem(ask("POST", "/session/password", headers=headers, json={"new": "short"}), 422)
    first = ask("POST", "/session/password", headers=headers, json={"new": PASSWORD})
    assert first.status_code == 200
    assert house.accounts.users.check_password(user.email, PASSWORD).has_password


def test_a_key_has_no_session_to_end_and_no_password_to_change(house):
    ask, _ = house.signed_in(house.user())
    key = house.key("admin")
    assert is_problem(ask("DELETE", "/session", headers=key), 403)
    assert is_problem(ask("POST", "/session/password", headers=key, json={"new": PASSWORD}), 403)
    assert ask("GET", "/session", headers=key).json()["csrf"] == ""


def test_wrong_passwords_are_401_then_locked_for_emails_with_and_without_an_account(house):
    house.settle(replace(ServerSettings(), lockout_failures=2))
    house.user(password=PASSWORD)
    ask = house.caller()
    for email in ("kim@acme.example", "nobody@acme.example"):
        said = []
        for _ in range(2):
            answer = ask("POST", "/session", json={"email": email, "password": WRONG})
            assert is_problem(answer, 401)
            said.append(answer.json()["detail"])
        assert set(said) == {"email and password do not belong together"}
        locked = ask("POST", "/session", json={"email": email, "password": PASSWORD})
        assert is_problem(locked, 429)
        assert locked.headers["retry-after"] == "900"


def test_sign_in_is_limited_by_address_and_by_email(house, clock):
    house.settle(replace(ServerSettings(), lockout_failures=1))
    asked = {"email": "kim@acme.example", "password": WRONG}
    # The first locks the email; the others are refused without any work until the limit is met.
    seen = []
    for number in range(11):
        caller = house.caller(address=f"192.0.2.{number}")
        seen.append(caller("POST", "/session", json=asked))
    assert seen[9].headers["retry-after"] == "900"
    assert seen[10].headers["retry-after"] == "6"
    ask = house.caller(address="2001:db8::1")
    for _ in range(20):
        assert is_problem(ask("POST", "/session/link", json={"token": "x"}), 401)
    neighbour = house.caller(address="2001:db8::2")
    assert is_problem(neighbour("POST", "/session/link", json={"token": "x"}), 429)
    clock.move(seconds=3)
    assert is_problem(neighbour("POST", "/session/link", json={"token": "x"}), 401)


def test_a_page_elsewhere_signs_nobody_in(house):
    link = house.accounts.links.create(house.user(), by="test")
    ask = house.caller()
    for site in ("cross-site", "same-site"):
        answer = ask(
            "POST", "/session/link", json={"token": link}, headers={"Sec-Fetch-Site": site}
        )
        assert is_problem(answer, 403)
    answer = ask(
        "POST", "/session/link", json={"token": link}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert answer.status_code == 200


# Links


def test_the_page_of_a_link_can_be_opened_by_programs_without_using_it_up(house):
    link = house.accounts.links.create(house.user(), by="test")
    ask = house.caller()
    for _ in range(3):
        page = ask("GET", link_path(link))
        assert page.status_code == 200
        assert f'name="token" value="{link}"' in page.text
        assert "set-cookie" not in page.headers
    assert "<script" not in page.text
    assert "style" not in page.text
    answer = ask("POST", "/session/link", data={"token": link})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert ask("GET", "/session").json()["name"] == "kim"
    assert is_problem(ask("POST", "/session/link", data={"token": link}), 401)


def test_what_is_no_link_has_no_page(house):
    ask = house.caller()
    assert is_problem(ask("GET", "/session/link/short"), 404)
    assert is_problem(ask("GET", "/session/link/" + "%22%3E%3Cscript%3E" * 4), 404)


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[]", "application/json", 422),
        (b'{"token":1}', "application/json", 422),
        (b'{"token":"x","more":1}', "application/json", 422),
        (b'{"token":"\\ud800"}', "application/json", 400),
        (b"token", "application/x-www-form-urlencoded", 401),
        (b"token=%ff", "application/x-www-form-urlencoded", 401),
        (b"x", "text/plain", 415),
    ],
)
def test_a_link_that_cannot_be_read_is_a_problem(house, body, kind, status):
    answer = house.caller()("POST", "/session/link", content=body, headers={"Content-Type": kind})
    assert is_problem(answer, status)


# Limits


async def in_chunks(body: bytes, size: int = 500) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize("path", ["/v1/raw", "/v1/things"])
def test_a_body_over_the_limit_is_refused_however_it_is_sent(house, path):
    house.settle(SMALL)
    ask, key = house.caller(), house.key("planner")
    fits = json.dumps({"name": "x" * (2_000 - 12)}).encode()
    headers = key | {"Content-Type": "application/json"}
    assert len(fits) == 2_000
    assert ask("POST", path, headers=headers, content=fits).status_code == 200
    assert ask("POST", path, headers=headers, content=in_chunks(fits)).status_code == 200
    assert is_problem(ask("POST", path, headers=headers, content=fits + b" "), 413)
    chunked = ask("POST", path, headers=headers, content=in_chunks(fits + b" "))
    assert "content-length" not in chunked.request.headers
    assert is_problem(chunked, 413)


@pytest.mark.parametrize("path", ["/v1/raw", "/v1/things"])
def test_a_body_that_nests_too_deeply_is_refused(house, path):
    house.settle(SMALL)
    ask, headers = house.caller(), house.key("planner") | {"Content-Type": "application/json"}
    fits = b'{"name":"[[[[[[[[[[","more":[[[[1]]]]}'
    bomb = b'{"name":"x","more":[[[[[1]]]]]}'
    assert ask("POST", path, headers=headers, content=fits).status_code == 200
    assert is_problem(ask("POST", path, headers=headers, content=bomb), 413)
    assert is_problem(ask("POST", path, headers=headers, content=in_chunks(bomb, 7)), 413)
    assert is_problem(ask("POST", path, headers=headers, content=b"[" * 1_999), 413)


def test_lines_of_json_are_each_measured_alone(house):
    house.settle(SMALL)
    ask, headers = house.caller(), house.key("ingest")
    headers["Content-Type"] = "application/x-ndjson"
    unclosed = b'{"a":[\n' * 20
    assert ask("POST", "/v1/raw", headers=headers, content=unclosed).status_code == 200
    assert is_problem(ask("POST", "/v1/raw", headers=headers, content=b"{}\n" + b"[" * 6), 413)


def test_what_is_not_json_may_hold_any_brackets(house):
    house.settle(SMALL)
    headers = house.key("ingest") | {"Content-Type": "text/csv"}
    answer = house.caller()("POST", "/v1/raw", headers=headers, content=b"[" * 100)
    assert answer.json() == 100


JSON = st.recursive(
    st.none() | st.integers() | st.text(st.sampled_from('ab"\\[]{}')),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.sampled_from('"\\[{')), inner),
    max_leaves=30,
)


def depth_of(value: object) -> int:
    if not isinstance(value, list | dict):
        return 0
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(depth_of, inner), default=0)


@given(JSON, st.integers(0, 6))
def test_the_depth_is_that_of_the_parsed_text(value, most):
    body = json.dumps(value).encode()
    if depth_of(value) <= most:
        check_depth(body, most)
    else:
        with pytest.raises(RefusedError) as caught:
            check_depth(body, most)
        assert caught.value.status == 413


@given(st.binary() | st.text('[]{}"\\', max_size=60).map(str.encode))
def test_no_body_breaks_the_measure(body):
    with contextlib.suppress(RefusedError):
        check_depth(body, 3)


def test_each_key_and_each_address_has_a_limit_of_its_own(house, clock):
    house.settle(replace(ServerSettings(), requests_per_s=0.5, request_burst=3))
    keys = [house.key("viewer") for _ in range(2)]
    ask = house.caller()
    for _ in range(3):
        assert ask("GET", "/v1/things", headers=keys[0]).status_code == 200
    over = ask("GET", "/v1/things", headers=keys[0])
    assert is_problem(over, 429)
    assert over.headers["retry-after"] == "2"
    assert ask("GET", "/v1/things", headers=keys[1]).status_code == 200
    clock.move(seconds=2)
    assert ask("GET", "/v1/things", headers=keys[0]).status_code == 200
    wrong = {"Authorization": "Bearer x"}
    for number, (path, headers) in enumerate((("/livez", {}), ("/v1/x", {}), ("/v1/x", wrong))):
        stranger = house.caller(address=f"198.51.100.{number}")
        seen = [stranger("GET", path, headers=headers).status_code for _ in range(4)]
        assert 429 not in seen[:3]
        assert seen[3] == 429


@given(st.lists(st.floats(0, 5), max_size=60), st.floats(0.1, 10), st.integers(1, 10))
def test_a_bucket_gives_no_more_than_its_burst_and_what_it_gained(waits_s, rate_per_s, burst):
    began = now = dt.datetime(2026, 11, 30, 12, tzinfo=dt.UTC)
    buckets = TokenBuckets(rate_per_s, burst, lambda: now)
    for wait_s in waits_s:
        now += dt.timedelta(seconds=wait_s)
        try:
            buckets.take("key:1")
        except RefusedError as error:
            now += dt.timedelta(seconds=int(error.headers["Retry-After"]))
            buckets.take("key:1")
    gained = (now - began).total_seconds() * rate_per_s
    assert len(waits_s) <= burst + gained + 0.001


def test_buckets_are_bounded_and_the_idle_ones_go_first(clock):
    buckets = TokenBuckets(1, 1, clock.now, most_buckets=3)
    for whose in ("a", "b", "c"):
        buckets.take(whose)
    with pytest.raises(RefusedError):
        buckets.take("a")
    buckets.take("d")
    assert len(buckets) == 3
    buckets.take("b")  # dropped, so full again
    with pytest.raises(RefusedError):
        buckets.take("d")


def test_a_clock_that_is_set_back_locks_nobody_out(clock):
    buckets = TokenBuckets(1, 1, clock.now)
    buckets.take("a")
    clock.move(hours=-1)
    with pytest.raises(RefusedError):
        buckets.take("a")
    clock.move(seconds=1)
    buckets.take("a")


# Headers


def test_every_answer_protects_itself_errors_of_every_kind_included(house):
    house.settle(replace(SMALL, requests_per_s=0.001, request_burst=12))
    ask, key = house.caller(), house.key("admin")
    answers = [
        ask("GET", "/livez"),
        ask("GET", "/v1/things", headers=key),
        ask("GET", "/v1/things"),
        ask("GET", "/none"),
        ask("POST", "/livez"),
        ask("GET", "/boom"),
        ask("POST", "/v1/things", headers=key, json={}),
        ask("POST", "/v1/raw", headers=key, content=b"x" * 3_000),
        ask("POST", "/v1/raw", headers=key, content=in_chunks(b"x" * 3_000)),
        *(ask("GET", "/none") for _ in range(12)),
    ]
    assert {each.status_code for each in answers} == {200, 401, 404, 405, 413, 422, 429, 500}
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "geolocation=()" in answer.headers["permissions-policy"]
        assert "strict-transport-security" not in answer.headers
        assert len(answer.headers["x-request-id"]) == 32
        if answer.status_code >= 400:
            assert is_problem(answer, answer.status_code)
    assert len({each.headers["x-request-id"] for each in answers}) == len(answers)
    assert answers[1].headers["cache-control"] == "no-store"


def test_a_request_keeps_the_id_of_its_caller_if_no_log_can_be_forged_with_it(house):
    ask = house.caller()
    for given_id, kept in (("order-7.2", True), ("a b", False), ("x" * 65, False)):
        answer = ask("GET", "/livez", headers={"X-Request-ID": given_id})
        assert (answer.headers["x-request-id"] == given_id) == kept


# The document


def test_the_document_says_what_each_route_asks_of_its_caller(house):
    document = house.caller()("GET", "/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert document["components"]["securitySchemes"].keys() == {"key", "session"}
    for path, method, what in (
        ("/v1/things", "get", READ),
        ("/v1/things", "post", DISPATCH),
        ("/v1/admin/keys", "post", "administer"),
    ):
        asked = document["paths"][path][method]["security"]
        assert asked == [{"key": [what]}, {"session": [what]}]
    for path in ("/session/link", "/session", "/livez"):
        assert all(
            "security" not in each
            for name, each in document["paths"][path].items()
            if name == "post" or path == "/livez"
        )


def test_roles_of_the_document_are_those_of_accounts():
    assert get_args(UserRole) == USER_ROLES
    assert get_args(KeyRole) == KEY_ROLES


# Administration


def test_an_administrator_makes_lists_changes_and_disables_people(house):
    ask, admin = house.caller(), house.key("admin")
    made = ask(
        "POST",
        "/v1/admin/users",
        headers=admin,
        json={"email": "Lee@acme.example", "name": "Lee", "role": "viewer"},
    )
    assert made.status_code == 201
    lee = made.json()
    assert ask("GET", "/v1/admin/users", headers=admin).json() == {"items": [lee]}
    again = {"email": "lee@acme.example", "name": "Lee", "role": "viewer"}
    assert is_problem(ask("POST", "/v1/admin/users", headers=admin, json=again), 409)
    path = f"/v1/admin/users/{lee['user_id']}"
    changed = ask("PUT", f"{path}/role", headers=admin, json={"role": "planner"})
    assert changed.json() == lee | {"role": "planner"}
    disabled = ask("POST", f"{path}/disable", headers=admin).json()
    assert disabled["disabled_at"] is not None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/admin/users", {"email": "x", "name": "X", "role": "viewer"}),
        ("/v1/admin/users", {"email": "x@y.z", "name": "\ud800", "role": "viewer"}),
        ("/v1/admin/users", {"email": "x@y.z", "name": "X", "role": "ingest"}),
        ("/v1/admin/users", {"email": "x@y.z", "name": "X", "role": "admin", "password": "short"}),
        ("/v1/admin/users", {"email": "x@y.z", "name": "X", "role": "admin", "tenant": "globex"}),
        ("/v1/admin/keys", {"name": "a\0", "role": "viewer"}),
        ("/v1/admin/keys", {"name": "a", "role": "root"}),
    ],
)
def test_what_cannot_be_made_is_a_problem(house, path, body):
    headers = house.key("admin") | {"Content-Type": "application/json"}
    answer = house.caller()("POST", path, headers=headers, content=json.dumps(body).encode())
    assert is_problem(answer, 422)


def test_a_key_is_shown_once(house):
    ask, admin = house.caller(), house.key("admin")
    asked = {"name": "carrier feed", "role": "ingest"}
    made = ask("POST", "/v1/admin/keys", headers=admin, json=asked).json()
    key = made.pop("key")
    assert ask("POST", "/v1/raw", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    listed = ask("GET", "/v1/admin/keys", headers=admin)
    assert made["key_id"] in {each["key_id"] for each in listed.json()["items"]}
    assert key not in listed.text


def test_another_tenants_people_and_keys_are_404(house):
    ask, admin = house.caller(), house.key("admin", "globex")
    user, key_id = house.user(), house.key("viewer")["Authorization"].split("_")[1]
    asked = [
        ("PUT", f"/v1/admin/users/{user.user_id}/role", {"json": {"role": "viewer"}}),
        ("POST", f"/v1/admin/users/{user.user_id}/disable", {}),
        ("POST", f"/v1/admin/keys/{key_id}/revoke", {}),
        ("POST", "/v1/admin/keys/%00/revoke", {}),
        ("POST", "/v1/admin/users/%00/disable", {}),
    ]
    for method, path, more in asked:
        assert is_problem(ask(method, path, headers=admin, **more), 404)
    assert house.accounts.users.get("acme", user.user_id) == user
    assert [
        each["role"] for each in ask("GET", "/v1/admin/keys", headers=admin).json()["items"]
    ] == ["admin"]
    said = ask("GET", "/v1/admin/audit", headers=admin).text
    assert user.user_id not in said
    assert key_id not in said


def test_the_audit_log_is_read_in_pages_to_its_end(house):
    ask, admin = house.caller(), house.key("admin")
    for number in range(7):
        house.app.state.audit.append("acme", "user:kim", "load.held", f"load:{number}")
    seen, cursor = [], None
    while True:
        query = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = ask("GET", "/v1/admin/audit", headers=admin, params=query).json()
        seen += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert [each["number"] for each in seen] == list(range(len(seen), 0, -1))
    assert seen[0]["subject"] == "load:6"
    assert is_problem(ask("GET", "/v1/admin/audit?cursor=x", headers=admin), 422)


# Secrets


def test_no_secret_is_in_any_log_record_or_error(house, caplog):
    caplog.set_level(logging.DEBUG)
    user = house.user(password=PASSWORD)
    ask, csrf = house.signed_in(user)
    headers = {"X-CSRF-Token": csrf}
    key = house.key("admin")
    clear = key["Authorization"].removeprefix("Bearer ")
    link = house.accounts.links.create(user, by="test")
    answers = [
        ask("POST", "/session", json={"email": user.email, "password": PASSWORD, "x": PASSWORD}),
        ask("POST", "/session", json={"email": PASSWORD * 20, "password": [PASSWORD]}),
        ask("POST", "/session", content=f'{{"password":"{PASSWORD}"'.encode(),
            headers={"Content-Type": "application/json"}),
        ask("POST", "/session/password", headers=headers, json={"current": PASSWORD, "new": 7}),
        ask("POST", "/session/link", json={"token": link, "more": link}),
        ask("GET", "/v1/things", headers={"Authorization": f"Bearer {clear}x"}),
        ask("GET", "/boom", headers=key),
        ask("GET", "/v1/none", headers=key),
    ]  # fmt: skip
    assert all(answer.status_code >= 400 for answer in answers)
    said = caplog.text + "".join(answer.text for answer in answers)
    for secret in (PASSWORD, clear, ask.token, link):
        assert secret not in said
