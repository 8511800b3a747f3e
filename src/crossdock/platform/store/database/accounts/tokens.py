"""Random secrets, of which the store keeps the digest alone.

SHA-256 is enough for them, unlike for passwords: nobody can guess 256 random bits, however fast
the guesses are checked.
"""

from __future__ import annotations

import hashlib
import re
import secrets

_BYTES = 32
_ID = re.compile(r"[0-9a-f]{16}")


def new_token() -> str:
    """256 random bits in 43 characters of a URL."""
    return secrets.token_urlsafe(_BYTES)


def new_hex_token() -> str:
    """256 random bits in hexadecimal: no character of it breaks a word that is searched for."""
    return secrets.token_hex(_BYTES)


def new_id() -> str:
    """A name that says nothing and nobody had before."""
    return secrets.token_hex(8)


def is_id(text: str) -> bool:
    """Whether `new_id` could have made ``text``; a database need not be asked about others."""
    return _ID.fullmatch(text) is not None


def digest(secret: str) -> str:
    """What is stored of ``secret``."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
