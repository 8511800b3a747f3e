"""What a body may be: not too long, and as JSON not too deep."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.security.depth import check_depth


class BodyLimits:
    """Refuses (413) a body over the limits while it comes in, however it is sent.

    The refusal is raised out of ``receive`` as the HTTPException that FastAPI passes on from there.
    """

    def __init__(self, app: ASGIApp, most_bytes: int, most_depth: int) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._most_depth = most_depth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = HTTPConnection(scope).headers
        told = headers.get("content-length", "")
        if told.isdecimal() and int(told) > self._most_bytes:
            raise self._too_long()
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        is_json = kind in ("", "application/json") or kind.endswith("+json")
        is_lines = kind == "application/x-ndjson"
        length, chunks = 0, list[bytes]()

        async def receive_within_limits() -> Message:
            nonlocal length
            message = await receive()
            if message["type"] != "http.request":
                return message
            chunk: bytes = message.get("body", b"")
            length += len(chunk)
            if length > self._most_bytes:
                raise self._too_long()
            if is_json or is_lines:
                chunks.append(chunk)
                if not message.get("more_body", False):
                    self._check_depth(b"".join(chunks), in_lines=is_lines)
                    chunks.clear()
            return message

        await self._app(scope, receive_within_limits, send)

    def _check_depth(self, body: bytes, *, in_lines: bool) -> None:
        try:
            for each in body.splitlines() if in_lines else (body,):
                check_depth(each, self._most_depth)
        except RefusedError as error:
            raise HTTPException(error.status, error.message) from None

    def _too_long(self) -> HTTPException:
        # The rest of the body is not read, so nothing can follow on this connection.
        return HTTPException(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the body is over {self._most_bytes} bytes",
            headers={"Connection": "close"},
        )
