"""Headers of every answer: what a browser may do with it, and which request it answers."""

from __future__ import annotations

import re
import uuid

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUEST_ID = "X-Request-ID"
_OF_A_CALLER = re.compile(r"[A-Za-z0-9._-]{1,64}")  # nothing that could forge a line of a log
_PRIVATE = ("/v1/", "/session")

_ALWAYS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_HTTPS_FROM_NOW_ON = "max-age=31536000"


class ProtectiveHeaders:
    """Adds the headers to every answer, errors of every kind included.

    A request keeps the id its caller gave it, or gets one; the scope has it as
    ``crossdock.request_id``. An answer about a tenant is not kept by browsers and proxies. What
    an answer says itself of any of this stays.
    """

    def __init__(self, app: ASGIApp, *, https_only: bool) -> None:
        self._app = app
        https = {"Strict-Transport-Security": _HTTPS_FROM_NOW_ON} if https_only else {}
        self._added = _raw(_ALWAYS | https)
        self._private = self._added + _raw({"Cache-Control": "no-store"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = Headers(scope=scope).get(REQUEST_ID, "")
        if not _OF_A_CALLER.fullmatch(request_id):
            request_id = uuid.uuid4().hex
        scope["crossdock.request_id"] = request_id
        added = self._private if scope["path"].startswith(_PRIVATE) else self._added

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                told = list(message.get("headers", ()))
                present = {name for name, _ in told}
                told += [header for header in added if header[0] not in present]
                message["headers"] = [*told, (b"x-request-id", request_id.encode())]
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]
