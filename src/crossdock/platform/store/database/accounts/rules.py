"""How long things last, and how accounts say no."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from crossdock.model import CrossdockError


@dataclass(frozen=True)
class AccountRules:
    """Times and counts of accounts; a server takes them from its settings.

    Attributes
    ----------
    session_idle, session_most
        A session ends after this silence, and at the latest after this time.
    link_life
        How long a one-time link can be used.
    lockout_failures, lockout
        Wrong passwords in a row that lock an email, and for how long.
    """

    session_idle: timedelta = timedelta(hours=1)
    session_most: timedelta = timedelta(hours=12)
    link_life: timedelta = timedelta(minutes=15)
    lockout_failures: int = 5
    lockout: timedelta = timedelta(minutes=15)


class SignInRefusedError(CrossdockError):
    """A password or a link does not let anyone in.

    Attributes
    ----------
    retry_after
        For how long the email is locked; None where it is not.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class AccountConflictError(CrossdockError):
    """What is asked contradicts what is there: an email in use, the last administrator."""
