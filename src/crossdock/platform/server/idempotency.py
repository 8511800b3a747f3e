"""``Idempotency-Key``: a request that is sent again is answered as it was the first time.

After draft-ietf-httpapi-idempotency-key-header-06: another request under the same key is 422, one
that comes while the first is being answered is 409.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.responses import Response

from crossdock.model import CrossdockError
from crossdock.platform.server.principal import Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.store.database.idempotency import KeptAnswer, KeptAnswers, NoTurn, Turn

KEY_HEADER = "Idempotency-Key"
LONGEST_KEY = 255
REPLAYED = "Idempotency-Replayed"

_NEEDED = (
    "Needed: a text of your own, new for each thing to be done, the same when it is asked again. "
    f"1 to {LONGEST_KEY} printable ASCII characters."
)
_WELCOME = (
    "A text of your own; the same request with the same key is answered as it was the first time. "
    f"1 to {LONGEST_KEY} printable ASCII characters."
)
_SHAPE = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[ -~]+$"}
_KEPT_HEADERS = ("content-type", "location", "retry-after")
_RETRY_AFTER_S = "1"


@dataclass(frozen=True)
class KeyedRequest:
    """A request and the key it came with.

    Attributes
    ----------
    key
        None: the client does not care to ask again.
    fingerprint
        Equal for equal method, path, query, type and body; empty without a key.
    """

    request: Request
    key: str | None
    fingerprint: str


async def _key_needed(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(alias=KEY_HEADER, description=_NEEDED),
    ] = None,
) -> KeyedRequest:
    if idempotency_key is None:
        raise _bad_key("is missing; give each thing to be done a key of its own, such as a UUID")
    return await _keyed(request, idempotency_key)


async def keyed_request(request: Request) -> KeyedRequest:
    """A request with the key that it came with, if any; `KeyWelcome` for who reads by hand."""
    return await _keyed(request, request.headers.get(KEY_HEADER))


async def _key_welcome(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(alias=KEY_HEADER, description=_WELCOME),
    ] = None,
) -> KeyedRequest:
    return await _keyed(request, idempotency_key)


KeyNeeded = Annotated[KeyedRequest, Depends(_key_needed)]
"""Parameter of a route that refuses a request without a key. Let it follow the principal."""
KeyWelcome = Annotated[KeyedRequest, Depends(_key_welcome)]
"""Parameter of a route that takes a key."""


class Idempotency:
    """Answers each key once."""

    def __init__(self, answers: KeptAnswers) -> None:
        self._answers = answers

    def answer(
        self, keyed: KeyedRequest, principal: Principal, work: Callable[[str], Response]
    ) -> Response:
        """What ``work`` answers, or what it answered the first time.

        Parameters
        ----------
        work
            Does what is asked. It is given a token: ids that grow from it (`id_of`) name the
            same things when a request is taken over from a server that died. Errors of ours that
            it raises are answers too; one of 500 and above is not kept.

        Raises
        ------
        RefusedError
            The key is in use: by another request (422), or by one that is not answered yet (409).
        """
        if keyed.key is None:
            return work(uuid.uuid4().hex)
        begun = self._answers.begin(principal.tenant, principal.actor, keyed.key, keyed.fingerprint)
        if isinstance(begun, KeptAnswer):
            return Response(begun.body, begun.status, {**begun.headers, REPLAYED: "true"})
        if isinstance(begun, NoTurn):
            raise _no_turn(begun)
        return self._first(keyed, begun, work)

    def _first(self, keyed: KeyedRequest, turn: Turn, work: Callable[[str], Response]) -> Response:
        try:
            response = _answered(keyed.request, work, turn.token)
        except BaseException:
            self._answers.forget(turn)
            raise
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._answers.forget(turn)
            return response
        headers = {name: value for name, value in response.headers.items() if name in _KEPT_HEADERS}
        self._answers.keep(turn, KeptAnswer(response.status_code, headers, bytes(response.body)))
        return response


def id_of(token: str, kind: str) -> str:
    """The id of the one ``kind`` of thing that a request with this token makes."""
    return f"{kind}_{hashlib.blake2b(f'{kind} {token}'.encode(), digest_size=12).hexdigest()}"


def document_key(operation: dict[str, Any]) -> None:
    """Say in an operation of the OpenAPI document what its key looks like, and if it is needed.

    The routes themselves take any text or none, so that a wrong key is 400 as the draft has it.
    """
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == KEY_HEADER:
            parameter["required"] = parameter["description"] == _NEEDED
            parameter["schema"] = dict(_SHAPE)


def _answered(request: Request, work: Callable[[str], Response], token: str) -> Response:
    """The response, also where it is one of our errors: as the app's own handlers word it."""
    try:
        return work(token)
    except CrossdockError as error:
        for kind in type(error).__mro__:
            handler = request.app.exception_handlers.get(kind)
            if handler is not None:
                return handler(request, error)
        raise


async def _keyed(request: Request, key: str | None) -> KeyedRequest:
    if key is not None and not (
        0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()
    ):
        raise _bad_key(f"is not 1 to {LONGEST_KEY} printable ASCII characters")
    if key is None:
        return KeyedRequest(request, None, "")
    return KeyedRequest(request, key, _fingerprint(request, await request.body()))


def _fingerprint(request: Request, body: bytes) -> str:
    url = request.url
    told = f"{request.method} {url.path}?{url.query} {request.headers.get('content-type', '')}\n"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass") + body).hexdigest()


def _bad_key(said: str) -> RefusedError:
    return RefusedError(
        HTTPStatus.BAD_REQUEST,
        f"the header {KEY_HEADER} {said}",
        errors=[(f"header.{KEY_HEADER}", said)],
    )


def _no_turn(why: NoTurn) -> RefusedError:
    if why is NoTurn.OTHER_REQUEST:
        return RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"the {KEY_HEADER} was used for another request; give this one a key of its own",
            errors=[(f"header.{KEY_HEADER}", "was used for another request")],
        )
    return RefusedError(
        HTTPStatus.CONFLICT,
        f"the first request with this {KEY_HEADER} is not answered yet; ask again",
        headers={"Retry-After": _RETRY_AFTER_S},
    )
