"""Accounts: who may come in, with what, for how long; the same on both databases."""

from __future__ import annotations

import datetime as dt
import re
import threading
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event, select

from crossdock.model import InvalidValueError, NotFoundError
from crossdock.platform.server.principal import ROLES
from crossdock.platform.store.database import Store, open_database
from crossdock.platform.store.database.accounts import (
    KEY_ROLES,
    USER_ROLES,
    AccountConflictError,
    AccountRules,
    Accounts,
    SignInRefusedError,
    User,
)
from crossdock.platform.store.database.connections import reading
from crossdock.platform.store.database.tables import METADATA, SIGN_IN_FAILURES, USERS

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
PASSWORD = "the dock opens at four"
WRONG = "the dock opens at five"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with open_database(url) as opened:
        yield opened


@pytest.fixture
def accounts(store, clock) -> Accounts:
    accounts = Accounts(store.backend, clock.now, hasher=QUICK)
    accounts.make_tenant("acme", by="cli")
    return accounts


@pytest.fixture
def kim(accounts) -> User:
    return accounts.users.create(
        "acme", "Kim@Acme.example", "Kim Lee", "dispatcher", by="cli", password=PASSWORD
    )


def actions(accounts: Accounts, tenant: str = "acme") -> list[str]:
    return [row.action for row in reversed(accounts.audit.newest(tenant))]


def refused(accounts: Accounts, email: str, password: str) -> SignInRefusedError:
    with pytest.raises(SignInRefusedError) as caught:
        accounts.users.check_password(email, password)
    return caught.value


def writes(store: Store) -> list[str]:
    """What is written from now on, as statements."""
    seen: list[str] = []

    def note(_conn, _cursor, statement, *_rest) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(store.backend.engine, "before_cursor_execute", note)
    return seen


# Tenants and users


def test_the_roles_that_accounts_have_are_those_that_allow_something():
    assert set(KEY_ROLES) == set(ROLES)
    assert set(USER_ROLES) == set(ROLES) - {"ingest"}


def test_a_tenant_is_made_once(accounts):
    assert accounts.make_tenant("globex", by="cli")
    assert not accounts.make_tenant("globex", by="cli")
    assert actions(accounts, "globex") == ["tenant.created"]


def test_a_tenant_has_a_plain_name(accounts):
    for name in ("", "a b", "-acme", "a" * 65, "acme\n", "../acme", "a\0"):
        with pytest.raises(InvalidValueError):
            accounts.make_tenant(name, by="cli")


def test_a_user_is_found_by_email_however_it_is_typed(accounts, kim):
    assert accounts.users.of_email(" kim@ACME.example ") == kim
    assert accounts.users.get("acme", kim.user_id) == kim
    assert (kim.email, kim.name, kim.role) == ("kim@acme.example", "Kim Lee", "dispatcher")


def test_an_email_has_one_account(accounts, kim):
    accounts.make_tenant("globex", by="cli")
    with pytest.raises(AccountConflictError):
        accounts.users.create("globex", "KIM@acme.example", "Another", "viewer", by="cli")


def test_an_account_needs_its_tenant(accounts):
    with pytest.raises(NotFoundError):
        accounts.users.create("nobody", "a@b.example", "A", "viewer", by="cli")
    with pytest.raises(NotFoundError):
        accounts.keys.create("nobody", "feed", "ingest", by="cli")


def test_an_account_that_cannot_be_is_refused(accounts):
    for wrong in (
        {"email": "kim"},
        {"email": "a b@c.example"},
        {"email": "a@b@c"},
        {"email": "a\0@c.example"},
        {"email": "\ud800@c.example"},
        {"name": " "},
        {"name": "a\0b"},
        {"name": "\ud800"},
        {"name": "x" * 201},
        {"role": "owner"},
        {"role": "ingest"},
        {"password": "eleven char"},
        {"password": "x" * 1_025},
    ):
        right = {"email": "a@b.example", "name": "A", "role": "viewer", "password": PASSWORD}
        with pytest.raises(InvalidValueError):
            accounts.users.create("acme", by="cli", **(right | wrong))
    assert accounts.users.of_tenant("acme") == []


def test_another_tenants_user_is_not_there(accounts, kim):
    for act in (
        lambda: accounts.users.get("globex", kim.user_id),
        lambda: accounts.users.disable("globex", kim.user_id, by="cli"),
        lambda: accounts.users.set_role("globex", kim.user_id, "viewer", by="cli"),
        lambda: accounts.users.set_password("globex", kim.user_id, PASSWORD, by="cli"),
        lambda: accounts.users.get("acme", "\0"),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert accounts.users.of_tenant("globex") == []


def test_the_last_administrator_stays(accounts):
    ada, bo = (
        accounts.users.create("acme", f"{name}@acme.example", name, "admin", by="cli")
        for name in ("ada", "bo")
    )
    accounts.users.disable("acme", ada.user_id, by="cli")
    with pytest.raises(AccountConflictError):
        accounts.users.disable("acme", bo.user_id, by="cli")
    with pytest.raises(AccountConflictError):
        accounts.users.set_role("acme", bo.user_id, "viewer", by="cli")
    assert accounts.users.get("acme", bo.user_id) == bo


# Passwords


def test_the_right_password_gives_the_user(accounts, kim):
    assert accounts.users.check_password("Kim@acme.example", PASSWORD) == kim


def test_an_accent_is_the_same_from_every_keyboard(accounts):
    made = accounts.users.create(
        "acme", "a@b.example", "A", "viewer", by="cli", password="le café ferme tôt"
    )
    assert accounts.users.check_password("a@b.example", "le cafe\u0301 ferme to\u0302t") == made


def test_any_other_email_or_password_is_refused_with_the_same_words(accounts, kim):
    for email, password in (
        ("kim@acme.example", WRONG),
        ("kim@acme.example", PASSWORD + "x" * 1_024),
        ("nobody@acme.example", PASSWORD),
        ("kim\0@acme.example", PASSWORD),
        ("\ud800", "\ud800"),
        ("", ""),
    ):
        said = refused(accounts, email, password).message
        assert said == "email and password do not belong together"


def test_a_user_without_a_password_cannot_use_one(accounts):
    accounts.users.create("acme", "a@b.example", "A", "viewer", by="cli")
    refused(accounts, "a@b.example", "")


def test_a_disabled_user_is_refused(accounts, kim):
    accounts.users.disable("acme", kim.user_id, by="cli")
    refused(accounts, kim.email, PASSWORD)


def test_an_unknown_email_is_as_much_work_as_a_known_one(accounts, store, kim, monkeypatch):
    hashed: list[str] = []
    verify = PasswordHasher.verify

    def counted(self, kept, password):
        hashed.append(kept.rsplit("$", 2)[0])
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    done = []
    for email in ("kim@acme.example", "nobody@acme.example"):
        written = writes(store)
        hashed.clear()
        refused(accounts, email, WRONG)
        done.append((list(hashed), list(written)))
    assert done[0] == done[1]
    assert len(done[0][0]) == 1


def test_too_many_wrong_passwords_lock_an_email_for_a_while(accounts, clock, kim):
    for _ in range(5):
        assert refused(accounts, kim.email, WRONG).retry_after is None
    assert refused(accounts, kim.email, PASSWORD).retry_after == dt.timedelta(minutes=15)
    clock.move(minutes=14)
    assert refused(accounts, kim.email, PASSWORD).retry_after == dt.timedelta(minutes=1)
    clock.move(minutes=1)
    assert accounts.users.check_password(kim.email, PASSWORD) == kim
    assert actions(accounts)[-1] == "user.locked"


def test_an_email_without_an_account_is_locked_alike(accounts, store):
    for _ in range(5):
        refused(accounts, "nobody@acme.example", WRONG)
    assert refused(accounts, "nobody@acme.example", WRONG).retry_after is not None
    with reading(store.backend) as connection:
        kept = connection.execute(select(SIGN_IN_FAILURES)).one()
    assert "nobody" not in kept.email_hash


def test_after_a_lock_the_count_starts_anew(accounts, clock, kim):
    for _ in range(5):
        refused(accounts, kim.email, WRONG)
    clock.move(minutes=15)
    for _ in range(4):
        refused(accounts, kim.email, WRONG)
    assert accounts.users.check_password(kim.email, PASSWORD) == kim


def test_the_right_password_ends_the_count(accounts, kim):
    for _ in range(3):
        for _ in range(4):
            refused(accounts, kim.email, WRONG)
        accounts.users.check_password(kim.email, PASSWORD)


def test_guesses_made_at_once_are_counted_one_by_one(url, clock, accounts, kim):
    answers: list[object] = []

    def guess() -> None:
        with open_database(url) as own:
            elsewhere = Accounts(own.backend, clock.now, hasher=QUICK)
            answers.append(refused(elsewhere, kim.email, WRONG))

    guessing = [threading.Thread(target=guess) for _ in range(8)]
    for each in guessing:
        each.start()
    for each in guessing:
        each.join()
    assert len(answers) == 8
    assert refused(accounts, kim.email, PASSWORD).retry_after is not None


def test_a_hash_of_other_parameters_is_replaced_at_sign_in(accounts, store, clock, kim):
    stronger = Accounts(
        store.backend,
        clock.now,
        hasher=PasswordHasher(time_cost=2, memory_cost=64, parallelism=1),
    )
    stronger.users.check_password(kim.email, PASSWORD)
    with reading(store.backend) as connection:
        kept = connection.execute(select(USERS.c.password_hash)).scalar_one()
    assert kept.startswith("$argon2id$v=19$m=64,t=2,p=1$")
    assert stronger.users.check_password(kim.email, PASSWORD) == kim


def test_a_new_password_replaces_the_old_and_ends_all_sessions_and_the_lock(accounts, kim):
    session = accounts.sessions.open(kim, how="password")
    for _ in range(5):
        refused(accounts, kim.email, WRONG)
    accounts.users.set_password("acme", kim.user_id, "the dock closes at nine", by="cli")
    assert accounts.sessions.find(session.token) is None
    refused(accounts, kim.email, PASSWORD)
    assert accounts.users.check_password(kim.email, "the dock closes at nine") == kim


# Sessions


def test_each_sign_in_has_a_token_and_a_csrf_token_of_its_own(accounts, kim):
    first, second = (accounts.sessions.open(kim, how="password") for _ in range(2))
    assert len({first.token, second.token, first.csrf, second.csrf}) == 4
    assert min(len(first.token), len(second.token)) >= 43
    found = accounts.sessions.find(first.token)
    assert found == first
    assert found.csrf == first.csrf


def test_a_session_ends_after_silence(accounts, clock, kim):
    session = accounts.sessions.open(kim, how="password")
    for _ in range(3):
        clock.move(minutes=59)
        assert accounts.sessions.find(session.token) == session
    clock.move(minutes=60)
    assert accounts.sessions.find(session.token) is None


def test_a_session_ends_at_the_latest_after_its_time(accounts, clock, kim):
    session = accounts.sessions.open(kim, how="password")
    for _ in range(23):
        clock.move(minutes=30)
        assert accounts.sessions.find(session.token) == session
    clock.move(minutes=30)
    assert accounts.sessions.find(session.token) is None


def test_a_short_idle_time_does_not_end_a_session_in_use(store, clock, accounts, kim):
    rules = AccountRules(session_idle=dt.timedelta(seconds=40))
    hasty = Accounts(store.backend, clock.now, hasher=QUICK, rules=rules)
    session = hasty.sessions.open(kim, how="password")
    for _ in range(10):
        clock.move(seconds=25)
        assert hasty.sessions.find(session.token) == session


def test_a_session_is_seen_in_the_store_at_most_once_a_minute(accounts, store, clock, kim):
    session = accounts.sessions.open(kim, how="password")
    written = writes(store)
    for _ in range(12):
        clock.move(seconds=10)
        accounts.sessions.find(session.token)
    assert len([each for each in written if "UPDATE sessions" in each]) == 2


def test_a_session_that_was_ended_is_over(accounts, kim):
    first, second = (accounts.sessions.open(kim, how="password") for _ in range(2))
    accounts.sessions.end(first)
    assert accounts.sessions.find(first.token) is None
    assert accounts.sessions.find(second.token) == second
    assert accounts.sessions.end_all(kim) == 1
    assert accounts.sessions.find(second.token) is None


def test_another_role_or_the_end_of_an_account_ends_its_sessions(accounts, kim):
    session = accounts.sessions.open(kim, how="password")
    assert accounts.users.set_role("acme", kim.user_id, "planner", by="cli").role == "planner"
    assert accounts.sessions.find(session.token) is None
    session = accounts.sessions.open(kim, how="password")
    accounts.users.disable("acme", kim.user_id, by="cli")
    assert accounts.sessions.find(session.token) is None


def test_what_is_no_token_finds_no_session(accounts, kim):
    accounts.sessions.open(kim, how="password")
    for token in ("", "x", "ä", "\ud800", "\0", "'" * 50):
        assert accounts.sessions.find(token) is None


# Links


def test_a_link_signs_in_once(accounts, kim):
    token = accounts.links.create(kim, by="cli")
    session = accounts.links.redeem(token)
    assert session.user == kim
    assert accounts.sessions.find(session.token) == session
    with pytest.raises(SignInRefusedError):
        accounts.links.redeem(token)


def test_a_link_that_two_use_at_once_signs_one_in(url, clock, accounts, kim):
    token = accounts.links.create(kim, by="cli")
    signed_in: list[str] = []

    def redeem() -> None:
        with open_database(url) as own:
            try:
                Accounts(own.backend, clock.now).links.redeem(token)
            except SignInRefusedError:
                return
            signed_in.append(token)

    using = [threading.Thread(target=redeem) for _ in range(4)]
    for each in using:
        each.start()
    for each in using:
        each.join()
    assert signed_in == [token]


def test_a_link_is_too_old_after_a_quarter_of_an_hour(accounts, clock, kim):
    token = accounts.links.create(kim, by="cli")
    clock.move(minutes=15)
    with pytest.raises(SignInRefusedError):
        accounts.links.redeem(token)


def test_a_link_of_a_disabled_user_and_one_that_never_was_are_refused(accounts, kim):
    token = accounts.links.create(kim, by="cli")
    accounts.users.disable("acme", kim.user_id, by="cli")
    for each in (token, "x" * 43, "\ud800", ""):
        with pytest.raises(SignInRefusedError):
            accounts.links.redeem(each)


# Keys


def test_a_key_is_found_by_what_was_shown_once(accounts):
    made = accounts.keys.create("acme", "carrier feed", "ingest", by="cli")
    assert re.fullmatch(r"xd_[0-9a-f]{16}_[0-9a-f]{64}", made.clear)
    found = accounts.keys.find(made.clear)
    assert found == made.key
    assert (found.tenant, found.name, found.role) == ("acme", "carrier feed", "ingest")


def test_a_key_with_any_other_letter_is_none(accounts):
    clear = accounts.keys.create("acme", "feed", "ingest", by="cli").clear
    other = "0" if clear[-1] != "0" else "1"
    for wrong in (clear[:-1] + other, clear[:-1], clear + "0", clear.upper(), "", "\ud800", "\0"):
        assert accounts.keys.remembered(wrong) is None
        assert accounts.keys.find(wrong) is None


def test_a_key_with_the_id_of_another_is_none_even_while_that_is_remembered(accounts):
    good, bad = (accounts.keys.create("acme", name, "admin", by="cli") for name in "ab")
    accounts.keys.find(good.clear)
    mixed = f"xd_{good.key.key_id}_{bad.clear.rsplit('_', 1)[1]}"
    assert accounts.keys.remembered(mixed) is None
    assert accounts.keys.find(mixed) is None
    assert accounts.keys.remembered(good.clear) == good.key


def test_a_revoked_key_is_refused_at_once_here_and_within_5_s_elsewhere(store, clock, accounts):
    elsewhere = Accounts(store.backend, clock.now)
    made = accounts.keys.create("acme", "feed", "ingest", by="cli")
    for process in (accounts, elsewhere):
        process.keys.find(made.clear)
    revoked = accounts.keys.revoke("acme", made.key.key_id, by="cli")
    assert revoked.revoked_at == clock.now()
    assert accounts.keys.remembered(made.clear) is None
    clock.move(seconds=4.9)
    assert elsewhere.keys.remembered(made.clear) is not None
    clock.move(seconds=0.1)
    assert elsewhere.keys.remembered(made.clear) is None
    assert elsewhere.keys.find(made.clear) is None
    assert accounts.keys.find(made.clear) is None


def test_a_clock_that_is_set_back_prolongs_nothing(accounts, clock):
    made = accounts.keys.create("acme", "feed", "ingest", by="cli")
    accounts.keys.find(made.clear)
    clock.move(hours=-1)
    assert accounts.keys.remembered(made.clear) is None


def test_a_key_that_is_remembered_asks_the_store_nothing(accounts, store):
    made = accounts.keys.create("acme", "feed", "ingest", by="cli")
    accounts.keys.find(made.clear)
    asked: list[object] = []
    event.listen(store.backend.engine, "before_cursor_execute", lambda *said: asked.append(said))
    assert accounts.keys.remembered(made.clear) == made.key
    assert asked == []


def test_the_use_of_a_key_is_noted_at_most_once_a_minute(accounts, store, clock):
    made = accounts.keys.create("acme", "feed", "ingest", by="cli")
    written = writes(store)
    for _ in range(13):
        accounts.keys.find(made.clear)
        clock.move(seconds=10)
    assert len([each for each in written if "UPDATE api_keys" in each]) == 3
    assert accounts.keys.of_tenant("acme")[0].last_used_at == clock.now() - dt.timedelta(seconds=10)


def test_another_tenants_key_is_not_there(accounts):
    made = accounts.keys.create("acme", "feed", "ingest", by="cli")
    for key_id in (made.key.key_id, "0" * 16, "\0"):
        with pytest.raises(NotFoundError):
            accounts.keys.revoke("globex", key_id, by="cli")
    assert accounts.keys.find(made.clear) is not None
    assert accounts.keys.of_tenant("globex") == []


def test_a_key_is_revoked_once(accounts, clock):
    made = accounts.keys.create("acme", "feed", "ingest", by="cli")
    first = accounts.keys.revoke("acme", made.key.key_id, by="cli")
    clock.move(minutes=1)
    assert accounts.keys.revoke("acme", made.key.key_id, by="cli") == first
    assert actions(accounts).count("key.revoked") == 1


# What is kept


def test_everything_done_to_accounts_is_written_down(accounts, kim):
    accounts.users.set_role("acme", kim.user_id, "admin", by="user:boss")
    accounts.sessions.end(accounts.links.redeem(accounts.links.create(kim, by="cli")))
    key = accounts.keys.create("acme", "feed", "ingest", by="user:boss").key
    accounts.keys.revoke("acme", key.key_id, by="user:boss")
    assert actions(accounts) == [
        "tenant.created",
        "user.created",
        "user.role_set",
        "link.created",
        "session.opened",
        "session.ended",
        "key.created",
        "key.revoked",
    ]
    assert accounts.audit.verify("acme").broken is None


def test_no_secret_is_in_the_store_nor_in_what_objects_say_of_themselves(accounts, store, kim):
    made = accounts.keys.create("acme", "feed", "ingest", by="cli")
    link = accounts.links.create(kim, by="cli")
    session = accounts.links.redeem(link)
    kept = []
    with reading(store.backend) as connection:
        for table in METADATA.sorted_tables:
            kept += [repr(tuple(row)) for row in connection.execute(select(table))]
    said = "\n".join([*kept, repr(made), repr(session), repr(kim)])
    for secret in (PASSWORD, made.clear, made.clear.split("_")[2], link, session.token):
        assert secret not in said
    assert session.csrf not in said
