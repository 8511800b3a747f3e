"""People: their role, their password, and whether they may still come in."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from crossdock.model import NotFoundError
from crossdock.platform.store.database.accounts.checks import (
    check_role,
    checked_email,
    checked_name,
    need_tenant,
    normal_email,
)
from crossdock.platform.store.database.accounts.lockout import Lockout
from crossdock.platform.store.database.accounts.passwords import Passwords
from crossdock.platform.store.database.accounts.rules import (
    AccountConflictError,
    AccountRules,
    SignInRefusedError,
)
from crossdock.platform.store.database.accounts.tokens import is_id, new_id
from crossdock.platform.store.database.audit import AuditLog
from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import reading, writing
from crossdock.platform.store.database.instants import instant_of, microseconds
from crossdock.platform.store.database.tables import SESSIONS, USERS

USER_ROLES = ("viewer", "dispatcher", "planner", "admin")


@dataclass(frozen=True)
class User:
    """A person of one tenant."""

    user_id: str
    tenant: str
    email: str
    name: str
    role: str
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None


class Users:
    """The people of all tenants. An email belongs to one account of the whole store.

    ``by`` is who does it, as the audit log names them.
    """

    def __init__(
        self,
        backend: Backend,
        now: Callable[[], datetime],
        audit: AuditLog,
        rules: AccountRules,
        passwords: Passwords,
    ) -> None:
        self._backend = backend
        self._now = now
        self._audit = audit
        self._passwords = passwords
        self._lockout = Lockout(rules)

    def create(
        self, tenant: str, email: str, name: str, role: str, *, by: str, password: str | None = None
    ) -> User:
        """Make an account; without ``password`` only a one-time link opens it.

        Raises
        ------
        InvalidValueError
            Email, name, role or password cannot be one.
        AccountConflictError
            The email has an account.
        NotFoundError
            There is no such tenant.
        """
        check_role(role, USER_ROLES)
        cells: dict[str, Any] = {
            "user_id": new_id(),
            "tenant": tenant,
            "email": checked_email(email),
            "name": checked_name(name),
            "role": role,
            "password_hash": None if password is None else self._passwords.hashed(password),
            "created_at": microseconds(self._now()),
        }
        with writing(self._backend, lock="users") as connection:
            need_tenant(connection, tenant)
            if _of_email(connection, cells["email"]) is not None:
                raise AccountConflictError(f"{cells['email']} has an account already")
            connection.execute(insert(USERS).values(cells))
            told = {"email": cells["email"], "name": cells["name"], "role": role}
            self._audit.append_within(
                connection, tenant, by, "user.created", f"user:{cells['user_id']}", told
            )
            return as_user(_of_tenant(connection, tenant, cells["user_id"]))

    def get(self, tenant: str, user_id: str) -> User:
        """One account of ``tenant``; raises NotFoundError where it has none of that id."""
        with reading(self._backend) as connection:
            return as_user(_of_tenant(connection, tenant, user_id))

    def of_email(self, email: str) -> User:
        """The account of an email; raises NotFoundError where it has none."""
        with reading(self._backend) as connection:
            found = _of_email(connection, normal_email(email))
        if found is None:
            raise NotFoundError(
                f"{email} has no account", remedy="make one with `crossdock admin create-user`"
            )
        return as_user(found)

    def of_tenant(self, tenant: str) -> list[User]:
        """Every account of ``tenant``, also those that are disabled, by email."""
        query = select(USERS).where(USERS.c.tenant == tenant).order_by(USERS.c.email)
        with reading(self._backend) as connection:
            return [as_user(found) for found in connection.execute(query)]

    def check_password(self, email: str, password: str) -> User:
        """The user who signs in with ``password``.

        An email without an account takes the same steps and is locked alike.

        Raises
        ------
        SignInRefusedError
            Email and password do not belong together, the account is disabled, or the email is
            locked after too many wrong passwords; then even the right one does not open it.
        """
        email = normal_email(email)
        with reading(self._backend) as connection:
            self._lockout.refuse_locked(connection, email, self._now())
            found = _of_email(connection, email)
        right = self._passwords.matches(found.password_hash if found else None, password)
        # Hashed anew outside of the transaction, which should be short.
        renewed = None
        if right and found and self._passwords.outdated(found.password_hash):
            renewed = self._passwords.hashed(password)
        # One at a time: of many guesses made at once, those after the lock are refused too.
        with writing(self._backend, lock="sign-in") as connection:
            self._lockout.refuse_locked(connection, email, self._now())
            unchanged = _of_email(connection, email) == found
            if right and unchanged and found is not None and found.disabled_at is None:
                self._lockout.forget(connection, email)
                if renewed:
                    _set(connection, found.user_id, password_hash=renewed)
                return as_user(found)
            locked = self._lockout.count(connection, email, self._now())
            if locked and found is not None:
                subject = f"user:{found.user_id}"
                self._audit.append_within(connection, found.tenant, subject, "user.locked", subject)
        raise SignInRefusedError("email and password do not belong together")

    def set_password(self, tenant: str, user_id: str, password: str, *, by: str) -> None:
        """Give a user a new password and end all their sessions."""
        hashed = self._passwords.hashed(password)
        with self._changing(tenant, user_id, by, "user.password_set") as (connection, found):
            _set(connection, user_id, password_hash=hashed)
            self._lockout.forget(connection, found.email)

    def set_role(self, tenant: str, user_id: str, role: str, *, by: str) -> User:
        """Give a user another role and end all their sessions: the next has the new rights.

        Raises
        ------
        AccountConflictError
            They are the last administrator of the tenant.
        """
        check_role(role, USER_ROLES)
        told = {"role": role}
        with self._changing(tenant, user_id, by, "user.role_set", told) as (connection, found):
            if role != "admin":
                _keep_an_admin(connection, found)
            _set(connection, user_id, role=role)
            return as_user(_of_tenant(connection, tenant, user_id))

    def disable(self, tenant: str, user_id: str, *, by: str) -> User:
        """Let a user in no more, from now on.

        Raises
        ------
        AccountConflictError
            They are the last administrator of the tenant.
        """
        with self._changing(tenant, user_id, by, "user.disabled") as (connection, found):
            _keep_an_admin(connection, found)
            _set(connection, user_id, disabled_at=microseconds(self._now()))
            return as_user(_of_tenant(connection, tenant, user_id))

    @contextlib.contextmanager
    def _changing(
        self,
        tenant: str,
        user_id: str,
        by: str,
        action: str,
        told: Mapping[str, object] | None = None,
    ) -> Generator[tuple[Connection, Row[Any]]]:
        with writing(self._backend, lock="users") as connection:
            yield connection, _of_tenant(connection, tenant, user_id)
            connection.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id))
            self._audit.append_within(connection, tenant, by, action, f"user:{user_id}", told)


def as_user(found: Row[Any]) -> User:
    """A row of the table as a user."""
    return User(
        user_id=found.user_id,
        tenant=found.tenant,
        email=found.email,
        name=found.name,
        role=found.role,
        has_password=found.password_hash is not None,
        created_at=instant_of(int(found.created_at)),
        disabled_at=instant_of(found.disabled_at),
    )


def _of_email(connection: Connection, email: str) -> Row[Any] | None:
    if not email.isprintable():  # no account has it, and no database need hold it
        return None
    return connection.execute(select(USERS).where(USERS.c.email == email)).first()


def _of_tenant(connection: Connection, tenant: str, user_id: str) -> Row[Any]:
    which = (USERS.c.tenant == tenant) & (USERS.c.user_id == user_id)
    found = connection.execute(select(USERS).where(which)).first() if is_id(user_id) else None
    if found is None:
        raise NotFoundError(f"there is no user {user_id}")
    return found


def _keep_an_admin(connection: Connection, found: Row[Any]) -> None:
    others = select(func.count()).where(
        USERS.c.tenant == found.tenant,
        USERS.c.role == "admin",
        USERS.c.disabled_at.is_(None),
        USERS.c.user_id != found.user_id,
    )
    if found.role == "admin" and not connection.execute(others).scalar_one():
        raise AccountConflictError(f"{found.email} is the last administrator of {found.tenant}")


def _set(connection: Connection, user_id: str, **cells: object) -> None:
    connection.execute(update(USERS).where(USERS.c.user_id == user_id).values(cells))
