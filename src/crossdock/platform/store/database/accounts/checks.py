"""Names, emails, roles and tenants as accounts accept them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Connection, select

from crossdock.model import InvalidValueError, NotFoundError
from crossdock.platform.store.database.tables import TENANTS

_TENANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,189}")
_MOST_OF_A_NAME = 200


def check_tenant(tenant: str) -> None:
    """Raise InvalidValueError where no tenant can be called ``tenant``."""
    if not _TENANT.fullmatch(tenant):
        raise InvalidValueError(
            f"no tenant can be called {tenant!r}",
            remedy="use 1 to 64 letters, digits, points, hyphens and underscores",
        )


def normal_email(email: str) -> str:
    """``email`` as it is compared, so that a capital letter makes no second account."""
    return email.strip().lower()


def checked_email(email: str) -> str:
    """``email`` as it is kept; raises InvalidValueError where it is none."""
    kept = normal_email(email)
    if not kept.isprintable() or not _EMAIL.fullmatch(kept):
        raise InvalidValueError(f"{email!r} is not an email address")
    return kept


def checked_name(name: str) -> str:
    """``name`` with single spaces; raises InvalidValueError where it cannot be shown."""
    kept = " ".join(name.split())
    if not kept or not kept.isprintable() or len(kept) > _MOST_OF_A_NAME:
        raise InvalidValueError(
            f"nobody can be called {name[:_MOST_OF_A_NAME]!r}",
            remedy=f"use 1 to {_MOST_OF_A_NAME} printable characters",
        )
    return kept


def check_role(role: str, roles: Sequence[str]) -> None:
    """Raise InvalidValueError where ``role`` is none of ``roles``."""
    if role not in roles:
        raise InvalidValueError(f"{role!r} is no role here", remedy=f"use {', '.join(roles)}")


def has_tenant(connection: Connection, tenant: str) -> bool:
    """Whether ``tenant`` was made."""
    query = select(TENANTS.c.tenant).where(TENANTS.c.tenant == tenant)
    return connection.execute(query).first() is not None


def need_tenant(connection: Connection, tenant: str) -> None:
    """Raise NotFoundError where ``tenant`` was not made."""
    if not has_tenant(connection, tenant):
        raise NotFoundError(f"there is no tenant {tenant}", remedy="make it first")
