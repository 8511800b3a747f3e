"""Put the security on an application."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from fastapi import FastAPI
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from crossdock.platform.server.problems import problem
from crossdock.platform.server.security.admin_routes import admin_router
from crossdock.platform.server.security.authentication import Authentication
from crossdock.platform.server.security.bodies import BodyLimits
from crossdock.platform.server.security.buckets import TokenBuckets
from crossdock.platform.server.security.cookies import SessionCookie
from crossdock.platform.server.security.gate import Gate
from crossdock.platform.server.security.headers import ProtectiveHeaders
from crossdock.platform.server.security.session_routes import session_router
from crossdock.platform.server.security.sign_in import SignIn
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.store.database import Store
from crossdock.platform.store.database.accounts import (
    AccountConflictError,
    AccountRules,
    Accounts,
)


def install_security(
    app: FastAPI, store: Store, settings: ServerSettings, now: Callable[[], datetime]
) -> None:
    """Close ``app`` to all but those who may come in, and add the routes by which they do.

    Call it once, after `answer_errors`. ``app.state`` then has ``accounts`` and ``audit``.
    """
    accounts = Accounts(store.backend, now, rules=_rules(settings))
    cookie = SessionCookie(
        secure=settings.secure_cookies, lasts=timedelta(hours=settings.session_max_h)
    )
    requests = TokenBuckets(settings.requests_per_s, settings.request_burst, now)
    authentication = Authentication(accounts, cookie, requests)
    app.state.accounts = accounts
    app.state.audit = accounts.audit
    app.state.authentication = authentication
    app.add_exception_handler(AccountConflictError, _conflict)
    app.include_router(session_router(accounts, authentication, SignIn(accounts, now), cookie))
    app.include_router(admin_router(accounts))
    # The last that is added is the first to see a request.
    app.add_middleware(
        BodyLimits, most_bytes=settings.max_body_bytes, most_depth=settings.max_json_depth
    )
    app.add_middleware(Gate, authentication=authentication)
    app.add_middleware(
        ExceptionMiddleware,
        handlers={
            kind: answer
            for kind, answer in app.exception_handlers.items()
            if kind not in (500, Exception)
        },
    )
    _wrap_whole(app, https_only=settings.secure_cookies)


def link_path(token: str) -> str:
    """Where the server shows the page of a one-time sign-in link."""
    return f"/session/link/{token}"


def _rules(settings: ServerSettings) -> AccountRules:
    return AccountRules(
        session_idle=timedelta(minutes=settings.session_idle_min),
        session_most=timedelta(hours=settings.session_max_h),
        lockout_failures=settings.lockout_failures,
        lockout=timedelta(minutes=settings.lockout_min),
    )


def _conflict(_: Request, error: Exception) -> Response:
    assert isinstance(error, AccountConflictError)
    return problem(409, error.message)


def _wrap_whole(app: FastAPI, *, https_only: bool) -> None:
    """Put the headers around all of ``app``.

    As a middleware they would be inside of the one that answers what nobody foresaw, and a 500
    would go out without them.
    """
    build = app.build_middleware_stack

    def build_wrapped() -> ASGIApp:
        return ProtectiveHeaders(build(), https_only=https_only)

    app.build_middleware_stack = build_wrapped
