"""``crossdock admin``: who may use a store, and whether its audit log is whole."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from crossdock.platform.server import ROLES

if TYPE_CHECKING:  # heavy
    from crossdock.platform.store.database.accounts import Accounts

Command = TypeVar("Command", bound=Callable[..., Any])

_BROKEN = 4
_BY = "cli"
_USER_ROLES = tuple(role for role in ROLES if role != "ingest")

KEY_EXAMPLE = """\b
Example:
  crossdock admin create-key --store sqlite:///tower.sqlite --tenant acme --role ingest \\
    --name "carrier feed"
"""
USER_EXAMPLE = """\b
Example:
  crossdock admin create-user --store sqlite:///tower.sqlite --tenant acme --role dispatcher \\
    --email kim@acme.example --name "Kim Lee"
"""
LINK_EXAMPLE = """\b
Example:
  crossdock admin sign-in-link --store sqlite:///tower.sqlite --email kim@acme.example
"""
AUDIT_EXAMPLE = """\b
Example:
  crossdock admin verify-audit --store sqlite:///tower.sqlite --tenant acme
"""


@click.group(epilog="Example: crossdock admin create-key --help")
def admin() -> None:
    """Say who may use a store, and check what was done there."""


def _store_option(command: Command) -> Command:
    return click.option(
        "--store",
        "store_url",
        required=True,
        metavar="URL",
        help="sqlite:///PATH or postgresql+psycopg://...; made or migrated where needed.",
    )(command)


def _tenant_option(command: Command) -> Command:
    return click.option("--tenant", required=True, help="Whose it is; made where it is new.")(
        command
    )


@admin.command("create-key", epilog=KEY_EXAMPLE)
@_store_option
@_tenant_option
@click.option("--role", type=click.Choice(tuple(ROLES)), required=True, help="What the key allows.")
@click.option("--name", required=True, help="What it is for, as people see it.")
def create_key(store_url: str, tenant: str, role: str, name: str) -> None:
    """Make an API key and print it, alone and this once."""
    with _accounts(store_url) as accounts:
        accounts.make_tenant(tenant, by=_BY)
        click.echo(accounts.keys.create(tenant, name, role, by=_BY).clear)


@admin.command("create-user", epilog=USER_EXAMPLE)
@_store_option
@_tenant_option
@click.option("--email", required=True, help="What they sign in with.")
@click.option("--role", type=click.Choice(_USER_ROLES), required=True, help="What they may do.")
@click.option("--name", required=True, help="What others see.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def create_user(
    store_url: str, tenant: str, email: str, role: str, name: str, password_stdin: bool
) -> None:
    """Let a person in with a password of at least 12 characters, which is asked for."""
    password = _password(from_stdin=password_stdin)
    with _accounts(store_url) as accounts:
        accounts.make_tenant(tenant, by=_BY)
        user = accounts.users.create(tenant, email, name, role, by=_BY, password=password)
    click.echo(f"{user.email} is a user of {tenant} ({role})")


@admin.command("sign-in-link", epilog=LINK_EXAMPLE)
@_store_option
@click.option("--email", required=True, help="Whom it signs in.")
@click.option(
    "--server",
    default="http://127.0.0.1:8000",
    show_default=True,
    help="Where the server is reached.",
)
def sign_in_link(store_url: str, email: str, server: str) -> None:
    """Print a link that signs a person in once, within 15 minutes and without a password."""
    from crossdock.platform.server.security import link_path  # noqa: PLC0415 heavy

    with _accounts(store_url) as accounts:
        token = accounts.links.create(accounts.users.of_email(email), by=_BY)
    click.echo(server.rstrip("/") + link_path(token))


@admin.command("verify-audit", epilog=AUDIT_EXAMPLE)
@_store_option
@click.option("--tenant", required=True, help="Whose log.")
def verify_audit(store_url: str, tenant: str) -> int:
    """Check that no row of an audit log was changed or taken out; 0 only if so.

    The number and hash of the last row are printed: kept elsewhere, they show later whether rows
    were cut off at the end.
    """
    with _accounts(store_url) as accounts:
        verdict = accounts.audit.verify(tenant)
    if verdict.broken is None:
        click.echo(f"intact: {verdict.rows} rows, the last with hash {verdict.last_hash}")
        return 0
    click.echo(
        f"row {verdict.broken} of the audit log of {tenant} is missing or was changed", err=True
    )
    return _BROKEN


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)


@contextmanager
def _accounts(store_url: str) -> Generator[Accounts]:
    from crossdock.platform.clock import SystemClock  # noqa: PLC0415 with the heavy ones
    from crossdock.platform.store.database import open_database  # noqa: PLC0415 heavy
    from crossdock.platform.store.database.accounts import Accounts  # noqa: PLC0415 heavy

    with open_database(store_url) as store:
        yield Accounts(store.backend, SystemClock().now)
