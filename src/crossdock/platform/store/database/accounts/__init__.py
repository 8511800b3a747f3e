"""Tenants, their people and machines, and how these prove who they are.

Everything done to an account is written to the audit log in the same transaction.
"""

from crossdock.platform.store.database.accounts.accounts import Accounts
from crossdock.platform.store.database.accounts.keys import KEY_ROLES, ApiKey, ApiKeys, NewKey
from crossdock.platform.store.database.accounts.links import SignInLinks
from crossdock.platform.store.database.accounts.rules import (
    AccountConflictError,
    AccountRules,
    SignInRefusedError,
)
from crossdock.platform.store.database.accounts.sessions import Session, Sessions
from crossdock.platform.store.database.accounts.users import USER_ROLES, User, Users

__all__ = [
    "KEY_ROLES",
    "USER_ROLES",
    "AccountConflictError",
    "AccountRules",
    "Accounts",
    "ApiKey",
    "ApiKeys",
    "NewKey",
    "Session",
    "Sessions",
    "SignInLinks",
    "SignInRefusedError",
    "User",
    "Users",
]
