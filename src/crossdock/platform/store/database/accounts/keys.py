"""API keys: how machines prove who they are."""

from __future__ import annotations

import contextlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from crossdock.model import NotFoundError, StoreUnavailableError
from crossdock.platform.store.database.accounts.checks import (
    check_role,
    checked_name,
    need_tenant,
)
from crossdock.platform.store.database.accounts.tokens import digest, is_id, new_hex_token, new_id
from crossdock.platform.store.database.accounts.users import USER_ROLES
from crossdock.platform.store.database.audit import AuditLog
from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.instants import instant_of, microseconds
from crossdock.platform.store.database.tables import API_KEYS

KEY_ROLES = (*USER_ROLES, "ingest")
REMEMBERED_FOR = timedelta(seconds=5)
"""A revoked key works no longer than this in a process that has just seen it."""

_REMEMBERED = 10_000
_USED_EVERY = timedelta(minutes=1)
_FORM = re.compile(r"xd_([0-9a-f]{16})_[0-9a-f]{64}")


@dataclass(frozen=True)
class ApiKey:
    """What is known of a key; not the key."""

    key_id: str
    tenant: str
    name: str
    role: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class NewKey:
    """A key that was just made.

    Attributes
    ----------
    clear
        The key itself, ``xd_<key id>_<secret>``: a form by which leaks are found. It is not
        stored and cannot be had again.
    """

    key: ApiKey
    clear: str = field(repr=False)


class ApiKeys:
    """The keys of all tenants.

    A key that was found is remembered for a few seconds, since machines ask often. Only its
    digest is, and only of keys that are good.
    """

    def __init__(self, backend: Backend, now: Callable[[], datetime], audit: AuditLog) -> None:
        self._backend = backend
        self._now = now
        self._audit = audit
        self._recent: OrderedDict[str, tuple[str, ApiKey, datetime]] = OrderedDict()

    def create(self, tenant: str, name: str, role: str, *, by: str) -> NewKey:
        """Make a key.

        Raises
        ------
        InvalidValueError
            Name or role cannot be one.
        NotFoundError
            There is no such tenant.
        """
        check_role(role, KEY_ROLES)
        key_id = new_id()
        clear = f"xd_{key_id}_{new_hex_token()}"
        cells = {
            "key_id": key_id,
            "tenant": tenant,
            "name": checked_name(name),
            "role": role,
            "key_hash": digest(clear),
            "created_at": microseconds(self._now()),
        }
        with writing(self._backend) as connection:
            need_tenant(connection, tenant)
            connection.execute(insert(API_KEYS).values(cells))
            told = {"name": cells["name"], "role": role}
            self._audit.append_within(connection, tenant, by, "key.created", f"key:{key_id}", told)
            made = connection.execute(select(API_KEYS).where(API_KEYS.c.key_id == key_id)).one()
        return NewKey(_as_key(made), clear)

    def remembered(self, clear: str) -> ApiKey | None:
        """The good key that ``clear`` was found to be a moment ago, without asking the store."""
        kept = digest(clear)
        found = self._recent.get(_id_in(clear))
        if found is None or not hmac.compare_digest(found[0], kept):
            return None
        # A clock that was set back makes nothing last longer.
        fresh = timedelta(0) <= self._now() - found[2] < REMEMBERED_FOR
        return found[1] if fresh else None

    def find(self, clear: str) -> ApiKey | None:
        """The good key that ``clear`` is; None where it is none, or was revoked."""
        now, kept, key_id = self._now(), digest(clear), _id_in(clear)
        query = select(API_KEYS).where(API_KEYS.c.key_id == key_id)
        with reading(self._backend) as connection:
            found = connection.execute(query).first()
        # By the time it takes, an unknown id and a wrong secret are alike.
        right = hmac.compare_digest(found.key_hash if found else digest(""), kept)
        if found is None or not right or found.revoked_at is not None:
            return None
        if found.last_used_at is None or now - instant_of(int(found.last_used_at)) >= _USED_EVERY:
            self._used(key_id, now)
        key = _as_key(found)
        self._recent[key_id] = (kept, key, now)
        while len(self._recent) > _REMEMBERED:
            self._recent.popitem(last=False)
        return key

    def of_tenant(self, tenant: str) -> list[ApiKey]:
        """Every key of ``tenant``, also those that were revoked, in the order of their making."""
        query = (
            select(API_KEYS)
            .where(API_KEYS.c.tenant == tenant)
            .order_by(API_KEYS.c.created_at, API_KEYS.c.key_id)
        )
        with reading(self._backend) as connection:
            return [_as_key(found) for found in connection.execute(query)]

    def revoke(self, tenant: str, key_id: str, *, by: str) -> ApiKey:
        """Refuse a key from now on; in other processes within `REMEMBERED_FOR`.

        Raises
        ------
        NotFoundError
            ``tenant`` has no key of that id.
        """
        if not is_id(key_id):
            raise NotFoundError(f"there is no key {key_id}")
        which = (API_KEYS.c.tenant == tenant) & (API_KEYS.c.key_id == key_id)
        with writing(self._backend) as connection:
            good = which & API_KEYS.c.revoked_at.is_(None)
            revoke = update(API_KEYS).where(good).values(revoked_at=microseconds(self._now()))
            if connection.execute(revoke).rowcount:
                subject = f"key:{key_id}"
                self._audit.append_within(connection, tenant, by, "key.revoked", subject)
            found = connection.execute(select(API_KEYS).where(which)).first()
        if found is None:
            raise NotFoundError(f"there is no key {key_id}")
        self._recent.pop(key_id, None)
        return _as_key(found)

    def _used(self, key_id: str, now: datetime) -> None:
        # Of several processes one writes. A store that cannot be written is still read.
        last = API_KEYS.c.last_used_at
        due = or_(last.is_(None), last <= microseconds(now - _USED_EVERY))
        with contextlib.suppress(StoreUnavailableError), writing(self._backend) as connection:
            connection.execute(
                update(API_KEYS)
                .where(API_KEYS.c.key_id == key_id, due)
                .values(last_used_at=microseconds(now))
            )


def _id_in(clear: str) -> str:
    matched = _FORM.fullmatch(clear)
    return matched[1] if matched else ""


def _as_key(found: Row[Any]) -> ApiKey:
    return ApiKey(
        key_id=found.key_id,
        tenant=found.tenant,
        name=found.name,
        role=found.role,
        created_at=instant_of(int(found.created_at)),
        last_used_at=instant_of(found.last_used_at),
        revoked_at=instant_of(found.revoked_at),
    )
