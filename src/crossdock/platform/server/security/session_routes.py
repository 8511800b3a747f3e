"""Sign in, sign out, who am I."""

from __future__ import annotations

import html
import re
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from starlette.concurrency import run_in_threadpool

from crossdock.platform.server.principal import Principal
from crossdock.platform.server.problems import RefusedError
from crossdock.platform.server.security.authentication import Authentication, of_session
from crossdock.platform.server.security.cookies import SessionCookie
from crossdock.platform.server.security.permission import authenticated
from crossdock.platform.server.security.sign_in import SignIn
from crossdock.platform.store.database.accounts import Accounts, Session

_FORM = "application/x-www-form-urlencoded"
_LINK_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_SAME_SITE = ("same-origin", "none")

Asker = Annotated[Principal, Depends(authenticated)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EmailAndPassword(_Body):
    """What a person signs in with."""

    email: str = Field(max_length=254)
    password: SecretStr = Field(max_length=1_024)


class PasswordChange(_Body):
    """A new password; the current one where there is one."""

    current: SecretStr = Field(default=SecretStr(""), max_length=1_024)
    new: SecretStr = Field(max_length=1_024)


class Me(BaseModel):
    """Who is signed in.

    ``csrf`` is what a browser repeats as ``X-CSRF-Token`` to change anything; empty with a key.
    """

    tenant: str
    actor: str
    name: str
    role: str
    csrf: str


class _Link(msgspec.Struct, forbid_unknown_fields=True):
    token: str


def session_router(
    accounts: Accounts, authentication: Authentication, sign_in: SignIn, cookie: SessionCookie
) -> APIRouter:
    """The routes under ``/session``."""
    router = APIRouter(prefix="/session", tags=["session"])
    signed_in = [Depends(authenticated)]

    async def end_session(request: Request) -> None:
        found = await authentication.session(request)
        if found is not None:
            await run_in_threadpool(accounts.sessions.end, found)

    async def own_session(request: Request) -> Session:
        found = None
        if "authorization" not in request.headers:
            found = await authentication.session(request)
        if found is None:
            raise RefusedError(HTTPStatus.FORBIDDEN, "a key has no session and no password")
        return found

    @router.post("")
    async def sign_in_with_password(
        request: Request, response: Response, asked: EmailAndPassword
    ) -> Me:
        """Sign in with email and password."""
        _refuse_other_sites(request)
        session = await sign_in.with_password(
            request, asked.email, asked.password.get_secret_value()
        )
        await end_session(request)
        cookie.put(response, session.token)
        return _me(of_session(session))

    @router.get("")
    async def who_am_i(asker: Asker) -> Me:
        """Who asks."""
        return _me(asker)

    @router.delete("", status_code=HTTPStatus.NO_CONTENT, dependencies=signed_in)
    async def sign_out(request: Request, response: Response) -> None:
        """Sign out: the cookie is worth nothing from then on."""
        await run_in_threadpool(accounts.sessions.end, await own_session(request))
        cookie.take_back(response)

    @router.get("/link/{token}", response_class=HTMLResponse)
    async def page_of_a_link(token: str) -> HTMLResponse:
        """The page of a one-time link. It does not use the link up: programs open links too."""
        if not _LINK_TOKEN.fullmatch(token):
            raise RefusedError(HTTPStatus.NOT_FOUND, "this is no sign-in link")
        return HTMLResponse(_PAGE.format(token=html.escape(token)))

    @router.post(
        "/link",
        response_model=Me,
        openapi_extra={"requestBody": _link_body()},
        responses={HTTPStatus.SEE_OTHER: {"description": "Signed in by the form of the page."}},
    )
    async def sign_in_with_link(request: Request) -> Response:
        """Sign in with a one-time link and use it up."""
        _refuse_other_sites(request)
        token, is_form = await _token_of_a_link(request)
        session = await sign_in.with_link(request, token)
        await end_session(request)
        response: Response
        if is_form:
            response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        else:
            me = _me(of_session(session))
            response = Response(me.model_dump_json(), media_type="application/json")
        cookie.put(response, session.token)
        return response

    @router.post("/password", dependencies=signed_in)
    async def change_password(request: Request, response: Response, asked: PasswordChange) -> Me:
        """Change the own password. All other sessions end; this one goes on anew."""
        session = await sign_in.change_password(
            request,
            await own_session(request),
            asked.current.get_secret_value(),
            asked.new.get_secret_value(),
        )
        cookie.put(response, session.token)
        return _me(of_session(session))

    return router


def _me(asker: Principal) -> Me:
    return Me(
        tenant=asker.tenant,
        actor=asker.actor,
        name=asker.name,
        role=asker.role,
        csrf=asker.csrf,
    )


def _refuse_other_sites(request: Request) -> None:
    """Nobody is signed in by a page elsewhere, which would watch what they do as its user."""
    if request.headers.get("sec-fetch-site", "none") not in _SAME_SITE:
        raise RefusedError(HTTPStatus.FORBIDDEN, "sign in from the page of this server")


async def _token_of_a_link(request: Request) -> tuple[str, bool]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if kind == _FORM:
        return parse_qs(body.decode("latin-1")).get("token", [""])[0], True
    if kind != "application/json":
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send application/json or {_FORM}")
    try:
        return msgspec.json.decode(body, type=_Link).token, False
    except msgspec.ValidationError as error:
        raise RefusedError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "1 fields are wrong", errors=[("body", str(error))]
        ) from None
    except msgspec.DecodeError:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None


def _link_body() -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["token"],
        "properties": {"token": {"type": "string"}},
        "additionalProperties": False,
    }
    kinds = ("application/json", _FORM)
    return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}


_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>Sign in to Crossdock</title>
<main>
<h1>Crossdock</h1>
<p>This link signs you in once.</p>
<form method="post" action="/session/link">
<input type="hidden" name="token" value="{token}">
<button autofocus>Sign in</button>
</form>
</main>
</html>
"""
