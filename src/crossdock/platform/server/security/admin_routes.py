"""What an administrator does: people, keys, the audit log of the own tenant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from crossdock.platform.server.principal import ADMINISTER, Principal
from crossdock.platform.server.security.permission import require
from crossdock.platform.store.database.accounts import Accounts

Administrator = Annotated[Principal, Depends(require(ADMINISTER))]
UserRole = Literal["viewer", "dispatcher", "planner", "admin"]
KeyRole = Literal["viewer", "dispatcher", "planner", "admin", "ingest"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class NewUserBody(_Body):
    """A person to let in; without a password a one-time link lets them in."""

    email: str = Field(max_length=254)
    name: str = Field(max_length=200)
    role: UserRole
    password: SecretStr | None = Field(default=None, max_length=1_024)


class RoleBody(_Body):
    """What a person may do from now on."""

    role: UserRole


class NewKeyBody(_Body):
    """A machine to let in."""

    name: str = Field(max_length=200)
    role: KeyRole


class UserAnswer(_Answer):
    """A person."""

    user_id: str
    email: str
    name: str
    role: str
    has_password: bool
    created_at: datetime
    disabled_at: datetime | None


class KeyAnswer(_Answer):
    """What is known of a key."""

    key_id: str
    name: str
    role: str
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewKeyAnswer(KeyAnswer):
    """A key that was just made; ``key`` is shown this once."""

    key: str


class AuditAnswer(_Answer):
    """One act."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Any]
    hash: str


class UsersAnswer(BaseModel):
    """All people of the tenant."""

    items: list[UserAnswer]


class KeysAnswer(BaseModel):
    """All keys of the tenant."""

    items: list[KeyAnswer]


class AuditPage(BaseModel):
    """Acts, newest first."""

    items: list[AuditAnswer]
    next_cursor: str | None


def admin_router(accounts: Accounts) -> APIRouter:
    """The routes under ``/v1/admin``."""
    router = APIRouter(prefix="/v1/admin", tags=["admin"])
    users, keys = accounts.users, accounts.keys

    @router.get("/users")
    def list_users(asker: Administrator) -> UsersAnswer:
        """Everyone of the tenant, also who is disabled."""
        found = users.of_tenant(asker.tenant)
        return UsersAnswer(items=[UserAnswer.model_validate(user) for user in found])

    @router.post("/users", status_code=HTTPStatus.CREATED)
    def create_user(asker: Administrator, asked: NewUserBody) -> UserAnswer:
        """Let a person in."""
        password = asked.password.get_secret_value() if asked.password else None
        made = users.create(
            asker.tenant, asked.email, asked.name, asked.role, by=asker.actor, password=password
        )
        return UserAnswer.model_validate(made)

    @router.put("/users/{user_id}/role")
    def set_role(asker: Administrator, user_id: str, asked: RoleBody) -> UserAnswer:
        """Give a person another role; they sign in anew."""
        changed = users.set_role(asker.tenant, user_id, asked.role, by=asker.actor)
        return UserAnswer.model_validate(changed)

    @router.post("/users/{user_id}/disable")
    def disable_user(asker: Administrator, user_id: str) -> UserAnswer:
        """Let a person in no more."""
        return UserAnswer.model_validate(users.disable(asker.tenant, user_id, by=asker.actor))

    @router.get("/keys")
    def list_keys(asker: Administrator) -> KeysAnswer:
        """Every key of the tenant, also those that were revoked."""
        found = keys.of_tenant(asker.tenant)
        return KeysAnswer(items=[KeyAnswer.model_validate(key) for key in found])

    @router.post("/keys", status_code=HTTPStatus.CREATED)
    def create_key(asker: Administrator, asked: NewKeyBody) -> NewKeyAnswer:
        """Make a key; it is shown this once."""
        made = keys.create(asker.tenant, asked.name, asked.role, by=asker.actor)
        known = KeyAnswer.model_validate(made.key).model_dump()
        return NewKeyAnswer(**known, key=made.clear)

    @router.post("/keys/{key_id}/revoke")
    def revoke_key(asker: Administrator, key_id: str) -> KeyAnswer:
        """Refuse a key from now on."""
        return KeyAnswer.model_validate(keys.revoke(asker.tenant, key_id, by=asker.actor))

    @router.get("/audit")
    def read_audit(
        asker: Administrator,
        cursor: Annotated[str | None, Query(pattern=r"^[0-9]{1,18}$")] = None,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    ) -> AuditPage:
        """Who did what, newest first."""
        before = int(cursor) if cursor else None
        found = accounts.audit.newest(asker.tenant, before=before, limit=limit)
        more = len(found) == limit and found[-1].number > 1
        return AuditPage(
            items=[AuditAnswer.model_validate(row) for row in found],
            next_cursor=str(found[-1].number) if more else None,
        )

    return router
