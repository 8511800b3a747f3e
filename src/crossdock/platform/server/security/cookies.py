"""The cookie of a session.

``SameSite=Strict``: a page elsewhere can neither act for who is signed in nor load anything as
them. It costs nothing here, since the tower's page holds no data of its own and asks for them from
the same site; and a sign-in link works too, since the cookie is set by the answer to a form that
the tower's own page sends, and is not needed to open that page.
"""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import HTTPConnection
from starlette.responses import Response

COOKIE = "crossdock_session"


class SessionCookie:
    """Sets, reads and takes back the cookie.

    Parameters
    ----------
    secure
        Over HTTPS alone, and under the prefix ``__Host-``: no neighbour under the same domain can
        set it.
    lasts
        How long a browser keeps it.
    """

    def __init__(self, *, secure: bool, lasts: timedelta) -> None:
        self._secure = secure
        self._name = f"__Host-{COOKIE}" if secure else COOKIE
        self._lasts = lasts

    def token(self, connection: HTTPConnection) -> str | None:
        """The token that a browser sent along."""
        return connection.cookies.get(self._name) or None

    def put(self, response: Response, token: str) -> None:
        """Have the browser keep ``token``."""
        response.set_cookie(
            self._name,
            token,
            max_age=int(self._lasts.total_seconds()),
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="strict",
        )

    def take_back(self, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(
            self._name, path="/", secure=self._secure, httponly=True, samesite="strict"
        )
