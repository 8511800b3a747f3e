"""A real server in a process of its own, on a port of this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from crossdock.model import WorkerFailedError
from crossdock.platform.clock import SystemClock
from crossdock.platform.store.database import open_database
from crossdock.platform.store.database.accounts import Accounts

_READY_S = 30.0


def make_key(store_url: str, role: str, tenant: str = "acme") -> str:
    """A new key of a tenant, which is made if it is new."""
    with open_database(store_url) as store:
        accounts = Accounts(store.backend, SystemClock().now)
        accounts.make_tenant(tenant, by="bench")
        return accounts.keys.create(tenant, f"{role} of {tenant}", role, by="bench").clear


class ServerProcess:
    """``crossdock serve`` over a store.

    Parameters
    ----------
    log
        File that what it prints is added to.
    settings
        Of `ServerSettings`, by name.
    """

    def __init__(self, store_url: str, log: Path, **settings: object) -> None:
        self.store_url = store_url
        self._log = log
        self._settings = {f"CROSSDOCK_{name.upper()}": str(told) for name, told in settings.items()}
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> ServerProcess:
        """Start it and wait until it is ready.

        Raises
        ------
        WorkerFailedError
            It ended, or was not ready in time; the message has what it printed.
        """
        command = [
            sys.executable, "-m", "crossdock.platform.cli", "serve",
            "--store", self.store_url, "--port", str(self.port),
        ]  # fmt: skip
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **self._settings}
            )
        ends_s = time.monotonic() + _READY_S
        while time.monotonic() < ends_s and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=1.0).status_code == 200:
                    return self
            except httpx.TransportError:
                time.sleep(0.02)
        self.kill()
        raise WorkerFailedError(
            f"the server did not start: {self.said()}", remedy="run it alone: crossdock serve"
        )

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        return self._end(signal.SIGTERM)

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        assert self._process is not None
        return self._process.pid

    def said(self) -> str:
        """What it printed."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def _end(self, number: int) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(number)
        return process.wait(_READY_S)


def _free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])
