"""``crossdock admin``: the first key and user of a store, and the check of its audit log."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from crossdock.platform.cli import main
from crossdock.platform.cli.main import crossdock
from crossdock.platform.clock import SystemClock
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.accounts import Accounts
from crossdock.platform.store.database.connections import writing
from crossdock.platform.store.database.tables import AUDIT

PASSWORD = "the dock opens at four"


@pytest.fixture
def new_store(tmp_path: Path) -> str:
    """Where no store is yet."""
    return f"sqlite:///{tmp_path}/tower.sqlite"


def create_key(url: str, *, tenant: str = "acme", role: str = "ingest") -> int:
    asked = ["--store", url, "--tenant", tenant, "--role", role, "--name", "carrier feed"]
    return main(["admin", "create-key", *asked])


def create_user(url: str, *more: str) -> int:
    asked = ["--store", url, "--tenant", "acme", "--role", "admin"]
    return main(
        ["admin", "create-user", *asked, "--email", "kim@acme.example", "--name", "Kim", *more]
    )


@pytest.fixture
def typed(monkeypatch):
    """Give the password on standard input."""

    def give(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return give


def test_a_key_is_printed_alone_and_opens_the_new_store(new_store, capsys):
    assert create_key(new_store) == 0
    said = capsys.readouterr()
    assert re.fullmatch(r"xd_[0-9a-f]{16}_[0-9a-f]{64}\n", said.out)
    assert said.err == ""
    with open_database(new_store) as store:
        accounts = Accounts(store.backend, SystemClock().now)
        found = accounts.keys.find(said.out.strip())
        assert found is not None
        assert (found.tenant, found.role, found.name) == ("acme", "ingest", "carrier feed")
        acts = [(row.actor, row.action) for row in accounts.audit.newest("acme")]
    assert acts == [("cli", "key.created"), ("cli", "tenant.created")]


def test_a_second_key_goes_to_the_tenant_that_is_there(url, capsys):
    assert [create_key(url), create_key(url, role="admin")] == [0, 0]
    assert len(set(capsys.readouterr().out.split())) == 2
    with open_database(url) as store:
        keys = Accounts(store.backend, SystemClock().now).keys.of_tenant("acme")
    assert {key.role for key in keys} == {"ingest", "admin"}


def test_a_wrong_role_or_tenant_makes_nothing(new_store, capsys):
    assert create_key(new_store, role="root") == 2
    assert create_key(new_store, tenant="a b") == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "no tenant can be called 'a b'" in said.err


def test_a_user_comes_in_with_the_password_from_standard_input(new_store, typed, capsys):
    typed(f"{PASSWORD}\n")
    assert create_user(new_store, "--password-stdin") == 0
    assert PASSWORD not in "".join(capsys.readouterr())
    with open_database(new_store) as store:
        accounts = Accounts(store.backend, SystemClock().now)
        user = accounts.users.check_password("kim@acme.example", PASSWORD)
    assert (user.tenant, user.role, user.name) == ("acme", "admin", "Kim")


def test_the_password_is_asked_for_twice_and_never_shown(new_store):
    asked = ["--store", new_store, "--tenant", "acme", "--role", "viewer"]
    asked += ["--email", "kim@acme.example", "--name", "Kim"]
    ran = CliRunner().invoke(
        crossdock, ["admin", "create-user", *asked], input=f"{PASSWORD}\n{PASSWORD}\n"
    )
    assert ran.exit_code == 0
    assert "Password" in ran.output
    assert PASSWORD not in ran.output


def test_a_short_password_and_an_email_in_use_are_refused(new_store, typed, capsys):
    typed("short\n")
    assert create_user(new_store, "--password-stdin") == 2
    for code in (0, 2):
        typed(f"{PASSWORD}\n")
        assert create_user(new_store, "--password-stdin") == code
    said = capsys.readouterr().err
    assert "12 to 1024 characters" in said
    assert "has an account already" in said
    assert "short" not in said


def test_a_link_signs_its_user_in(new_store, typed, capsys):
    typed(f"{PASSWORD}\n")
    create_user(new_store, "--password-stdin")
    capsys.readouterr()
    asked = ["--store", new_store, "--email", "kim@acme.example", "--server", "http://tower:81/"]
    assert main(["admin", "sign-in-link", *asked]) == 0
    link = capsys.readouterr().out
    token = re.fullmatch(r"http://tower:81/session/link/([\w-]{43})\n", link)
    assert token is not None
    with open_database(new_store) as store:
        session = Accounts(store.backend, SystemClock().now).links.redeem(token[1])
    assert session.user.email == "kim@acme.example"


def test_nobody_has_no_link(new_store, capsys):
    asked = ["--store", new_store, "--email", "nobody@acme.example"]
    assert main(["admin", "sign-in-link", *asked]) == 4
    assert "has no account" in capsys.readouterr().err


def test_the_audit_log_is_verified_and_its_first_broken_row_named(new_store, capsys):
    verify = ["admin", "verify-audit", "--store", new_store, "--tenant", "acme"]
    create_key(new_store)
    create_key(new_store)
    assert main(verify) == 0
    assert "intact: 3 rows" in capsys.readouterr().out
    with open_database(new_store) as store, writing(store.backend) as connection:
        connection.execute(delete(AUDIT).where(AUDIT.c.number == 2))
    assert main(verify) == 4
    assert "row 2 of the audit log of acme" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["create-key", "create-user", "sign-in-link", "verify-audit"])
def test_every_command_has_help_with_an_example(command, capsys):
    assert main(["admin", command, "--help"]) == 0
    assert f"Example:\n    crossdock admin {command}" in capsys.readouterr().out
