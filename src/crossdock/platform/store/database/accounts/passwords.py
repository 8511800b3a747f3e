"""Passwords: hashed with argon2id, checked with the same work whether there is one or not."""

from __future__ import annotations

import unicodedata
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from crossdock.model import InvalidValueError
from crossdock.platform.store.database.accounts.tokens import new_token

LEAST_OF_A_PASSWORD = 12
MOST_OF_A_PASSWORD = 1_024


class Passwords:
    """Makes and checks hashes of passwords.

    Parameters
    ----------
    hasher
        With the parameters of new hashes.
    """

    def __init__(self, hasher: PasswordHasher) -> None:
        self._hasher = hasher

    def hashed(self, password: str) -> str:
        """The hash of a new password.

        Raises
        ------
        InvalidValueError
            It is too short, or too long to be one.
        """
        if not LEAST_OF_A_PASSWORD <= len(password) <= MOST_OF_A_PASSWORD:
            raise InvalidValueError(
                f"a password has {LEAST_OF_A_PASSWORD} to {MOST_OF_A_PASSWORD} characters",
                remedy="use a sentence",
            )
        return self._hasher.hash(_bytes(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether ``password`` made the hash ``kept``; without one, work as long and say no."""
        nobody = self._nobody  # made at the first check, whoever it is of
        try:
            self._hasher.verify(kept or nobody, _bytes(password[:MOST_OF_A_PASSWORD]))
        except (VerifyMismatchError, InvalidHashError):
            return False
        return kept is not None and len(password) <= MOST_OF_A_PASSWORD

    def outdated(self, kept: str) -> bool:
        """Whether the hash was made with other parameters than new ones are."""
        return self._hasher.check_needs_rehash(kept)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(new_token())


def _bytes(password: str) -> bytes:
    # One password from every keyboard: an accent typed as one character or as two is the same.
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
