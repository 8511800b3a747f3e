"""What a route asks of its caller, in the code and in the OpenAPI document alike."""

# No postponed annotations here: those of the dependency that `require` makes name its argument.
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection
from starlette.types import Scope

from crossdock.platform.server.principal import Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.security.authentication import CSRF_HEADER, Authentication
from crossdock.platform.server.security.cookies import COOKIE

_PRINCIPAL = "crossdock.principal"  # of the scope itself: its state may be shared by a server
_KEY = HTTPBearer(
    scheme_name="key",
    description="A key of `crossdock admin create-key`. The scopes of a route are what the role "
    "of the key must allow.",
    auto_error=False,
)
_SESSION = APIKeyCookie(
    name=COOKIE,
    scheme_name="session",
    description=f"A signed-in browser; over HTTPS the name begins with `__Host-`. Whatever changes "
    f"something carries the header {CSRF_HEADER} with the token of `GET /session`.",
    auto_error=False,
)


async def principal_of(request: HTTPConnection) -> Principal:
    """Who sends ``request``, found out once; raises RefusedError (401, 403, 429) as said there."""
    known = request.scope.get(_PRINCIPAL)
    if isinstance(known, Principal):
        return known
    authentication: Authentication = request.app.state.authentication
    return keep_principal(request.scope, await authentication.principal(request))


def keep_principal(scope: Scope, principal: Principal) -> Principal:
    """Keep with a request who sent it."""
    scope[_PRINCIPAL] = principal
    return principal


def require(what: str) -> Callable[..., Awaitable[Principal]]:
    """A dependency that gives who asks, if they may do ``what``.

    The OpenAPI document has ``what`` as the scope of both security schemes of the route.

    Examples
    --------
    >>> @router.get("/v1/parcels")
    ... def parcels(asker: Annotated[Principal, Depends(require(READ))]): ...

    Raises
    ------
    RefusedError
        401 without a good key or session, 403 where their role does not allow it.
    """

    async def asker(
        request: Request,
        _key: Annotated[HTTPAuthorizationCredentials | None, Security(_KEY, scopes=[what])],
        _session: Annotated[str | None, Security(_SESSION, scopes=[what])],
    ) -> Principal:
        return await permitted(request, what)

    return asker


async def permitted(request: Request, what: str) -> Principal:
    """Who asks, if they may do ``what``; see `require`."""
    asker = await principal_of(request)
    if not asker.may(what):
        raise RefusedError(HTTPStatus.FORBIDDEN, f"the role {asker.role} does not allow to {what}")
    return asker


async def authenticated(
    request: Request,
    _key: Annotated[HTTPAuthorizationCredentials | None, Security(_KEY)],
    _session: Annotated[str | None, Security(_SESSION)],
) -> Principal:
    """Who asks, whatever their role."""
    return await principal_of(request)
