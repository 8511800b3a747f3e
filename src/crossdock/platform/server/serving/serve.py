"""Serve the application until the process is told to stop; then finish what is under way."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
import signal
import socket
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from granian.constants import Interfaces
from granian.server.embed import Server
from starlette.types import ASGIApp

from crossdock.model import UsageError
from crossdock.platform.server.serving.app import create_app
from crossdock.platform.server.serving.records import write_records
from crossdock.platform.server.serving.requests import UnderWay
from crossdock.platform.server.settings import ServerSettings
from crossdock.platform.store.database import Store, open_database

_LOG = logging.getLogger(__name__)
_STOPS = (signal.SIGTERM, signal.SIGINT)
_LOOKS_EVERY_S = 0.05
_HANGS_UP_S = 2.0
_SWITCH_S = 0.0005


def serve(
    store_url: str,
    *,
    host: str,
    port: int,
    settings: ServerSettings,
    networks: dict[str, Path] | None = None,
    told: Callable[[str], None],
) -> None:
    """Serve a store until SIGTERM or SIGINT.

    Parameters
    ----------
    networks
        Folders of network files that plans may name.
    told
        Is given the address when the server answers.

    Raises
    ------
    UsageError
        The address cannot be listened at.
    """
    get_ready(host, port)
    with open_database(store_url) as store:
        asyncio.run(_serve(store, host, port, settings, networks or {}, told))


def get_ready(host: str, port: int) -> None:
    """What a process that serves does first.

    Raises
    ------
    UsageError
        The address cannot be listened at.
    """
    write_records()
    _check_address(host, port)
    # Folding takes the interpreter for long stretches: let who asks in between more often.
    sys.setswitchinterval(_SWITCH_S)


async def _serve(
    store: Store,
    host: str,
    port: int,
    settings: ServerSettings,
    networks: dict[str, Path],
    told: Callable[[str], None],
) -> None:
    app = create_app(store, settings, now=lambda: dt.datetime.now(dt.UTC), networks=networks)
    async with (
        app.router.lifespan_context(app),
        listening(app, host, port, settings, told) as stop,
    ):
        await stop.wait()
        await drain(app, settings.drain_s)


@asynccontextmanager
async def listening(
    app: ASGIApp, host: str, port: int, settings: ServerSettings, told: Callable[[str], None]
) -> AsyncGenerator[asyncio.Event]:
    """Have ``app``, whose life is held outside, answer at an address.

    Yields an event that is set when the process is told to stop, or cannot serve any more.

    Parameters
    ----------
    told
        Is given the address when somebody answers there.
    """
    server = Server(
        app,
        host,
        port,
        interface=Interfaces.ASGINL,  # the application's life is held here, past every connection
        backpressure=settings.max_connections,
        log_enabled=False,
    )
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in _STOPS:
        loop.add_signal_handler(number, stop.set)
    serving = asyncio.create_task(server.serve())
    serving.add_done_callback(lambda _: stop.set())
    announcing = asyncio.create_task(_announce(host, port, told))
    try:
        yield stop
    finally:
        announcing.cancel()
        if not serving.done():
            server.stop()
            # Who has not even said what they ask for is not waited for.
            await asyncio.wait({serving}, timeout=_HANGS_UP_S)
    if serving.done():
        await serving


async def drain(app: FastAPI, most_s: float) -> None:
    """End the streams and wait for the requests that are being answered."""
    under_way: UnderWay = app.state.under_way
    under_way.draining = True
    for desk in app.state.desks.open.values():
        desk.hub.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(most_s):
            while under_way.count:
                await asyncio.sleep(_LOOKS_EVERY_S)
    if under_way.count:
        _LOG.warning("%d requests were cut off", under_way.count)
        under_way.cut_off()


async def _announce(host: str, port: int, told: Callable[[str], None]) -> None:
    """Say the address as soon as somebody answers there."""
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            writer.close()
            break
        await asyncio.sleep(_LOOKS_EVERY_S)
    shown = f"[{host}]" if ":" in host else host
    told(f"http://{shown}:{port}")


def _check_address(host: str, port: int) -> None:
    """Listen there for a moment: what cannot be said in one line later is said now."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except (OSError, OverflowError) as error:
        raise UsageError(
            f"{host}:{port} cannot be listened at: {error}",
            remedy="choose another --port, or end what listens there",
        ) from error
