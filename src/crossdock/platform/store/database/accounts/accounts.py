"""The accounts of a store in one place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy import insert

from crossdock.platform.store.database.accounts.checks import check_tenant, has_tenant
from crossdock.platform.store.database.accounts.keys import ApiKeys
from crossdock.platform.store.database.accounts.links import SignInLinks
from crossdock.platform.store.database.accounts.passwords import Passwords
from crossdock.platform.store.database.accounts.rules import AccountRules
from crossdock.platform.store.database.accounts.sessions import Sessions
from crossdock.platform.store.database.accounts.users import Users
from crossdock.platform.store.database.audit import AuditLog
from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import writing
from crossdock.platform.store.database.instants import microseconds
from crossdock.platform.store.database.tables import TENANTS


class Accounts:
    """Who may use a store.

    Parameters
    ----------
    rules
        How long sessions, links and locks last.
    hasher
        Makes and checks the hashes of passwords; a hash made with other parameters is replaced
        when its user signs in.

    Attributes
    ----------
    users, sessions, links, keys
        People, their signed-in browsers, their one-time links, and the keys of machines.
    audit
        Where all of these write down what is done.
    """

    def __init__(
        self,
        backend: Backend,
        now: Callable[[], datetime],
        *,
        rules: AccountRules | None = None,
        hasher: PasswordHasher | None = None,
    ) -> None:
        self._backend = backend
        self._now = now
        rules = rules or AccountRules()
        self.audit = AuditLog(backend, now)
        self.users = Users(backend, now, self.audit, rules, Passwords(hasher or PasswordHasher()))
        self.sessions = Sessions(backend, now, self.audit, rules)
        self.links = SignInLinks(backend, now, self.audit, rules, self.sessions)
        self.keys = ApiKeys(backend, now, self.audit)

    def make_tenant(self, tenant: str, *, by: str) -> bool:
        """Make ``tenant`` where it is new; returns whether it was.

        Raises
        ------
        InvalidValueError
            The name is not one that a tenant can have.
        """
        check_tenant(tenant)
        with writing(self._backend, lock="tenants") as connection:
            if has_tenant(connection, tenant):
                return False
            new = insert(TENANTS).values(tenant=tenant, created_at=microseconds(self._now()))
            connection.execute(new)
            self.audit.append_within(connection, tenant, by, "tenant.created", tenant)
        return True
