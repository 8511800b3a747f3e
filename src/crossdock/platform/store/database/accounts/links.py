"""One-time links: whoever opens one is signed in, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from crossdock.platform.store.database.accounts.rules import AccountRules, SignInRefusedError
from crossdock.platform.store.database.accounts.sessions import Session, Sessions
from crossdock.platform.store.database.accounts.tokens import digest, new_token
from crossdock.platform.store.database.accounts.users import User, as_user
from crossdock.platform.store.database.audit import AuditLog
from crossdock.platform.store.database.backend import Backend
from crossdock.platform.store.database.connections import writing
from crossdock.platform.store.database.instants import microseconds
from crossdock.platform.store.database.tables import SIGN_IN_LINKS, USERS


class SignInLinks:
    """The links of all users."""

    def __init__(
        self,
        backend: Backend,
        now: Callable[[], datetime],
        audit: AuditLog,
        rules: AccountRules,
        sessions: Sessions,
    ) -> None:
        self._backend = backend
        self._now = now
        self._audit = audit
        self._rules = rules
        self._sessions = sessions

    def create(self, user: User, *, by: str) -> str:
        """The token of a new link, which is not stored and cannot be had again."""
        now, token = self._now(), new_token()
        with writing(self._backend) as connection:
            over = SIGN_IN_LINKS.c.expires_at <= microseconds(now)
            connection.execute(delete(SIGN_IN_LINKS).where(over))
            connection.execute(
                insert(SIGN_IN_LINKS).values(
                    token_hash=digest(token),
                    user_id=user.user_id,
                    expires_at=microseconds(now + self._rules.link_life),
                )
            )
            subject = f"user:{user.user_id}"
            self._audit.append_within(connection, user.tenant, by, "link.created", subject)
        return token

    def redeem(self, token: str) -> Session:
        """Sign in with a link and use it up.

        Raises
        ------
        SignInRefusedError
            It was used, is too old, never was, or its user may not come in.
        """
        now, link = microseconds(self._now()), SIGN_IN_LINKS.c
        of_token = link.token_hash == digest(token)
        usable = of_token & link.used_at.is_(None) & (link.expires_at > now)
        with writing(self._backend) as connection:
            use = update(SIGN_IN_LINKS).where(usable).values(used_at=now)
            if connection.execute(use).rowcount == 1:
                whose = select(USERS).join(SIGN_IN_LINKS, link.user_id == USERS.c.user_id)
                active = USERS.c.disabled_at.is_(None)
                found = connection.execute(whose.where(of_token, active)).first()
                if found is not None:
                    return self._sessions.open_within(connection, as_user(found), how="link")
        raise SignInRefusedError("the link was used already, or is too old")
