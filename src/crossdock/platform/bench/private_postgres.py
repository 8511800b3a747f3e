"""A PostgreSQL server of our own, on a socket in a private folder, for as long as it is needed."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from crossdock.model import NotFoundError, WorkerFailedError

_DEBIAN = Path("/usr/lib/postgresql")
_PATIENCE_S = 60.0
_ACCOUNTS = ("postgres", "nobody")
_PROGRAMS = ("initdb", "postgres", "pg_isready")


@contextmanager
def private_postgres() -> Generator[str]:
    """The URL of a fresh server that listens on a Unix socket alone and ends with the block.

    Raises
    ------
    NotFoundError
        PostgreSQL's server programs are not on the machine.
    WorkerFailedError
        The server does not start.
    """
    programs = _programs()
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="crossdock-pg-"))
    try:
        if account is not None:
            os.chown(folder, pwd.getpwnam(account).pw_uid, -1)
        _make_cluster(programs, folder / "data", account)
        with _served(programs, folder, account):
            yield f"postgresql+psycopg://crossdock@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    """Folder of the server's programs; Debian keeps them beside the PATH, one a version."""
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(_DEBIAN.glob("*/bin"), reverse=True)
    for folder in folders:
        if all((folder / name).is_file() for name in _PROGRAMS):
            return folder
    raise NotFoundError(
        "PostgreSQL's server programs are not on this machine",
        remedy="install postgresql, or name a server by its URL",
    )


def _account() -> str | None:
    """Whose server it is: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _ACCOUNTS if name in known), None)


def _make_cluster(programs: Path, data: Path, account: str | None) -> None:
    made = subprocess.run(
        [programs / "initdb", "-D", data, "-U", "crossdock", "--auth=trust", "--encoding=UTF8",
         "--locale=C", "--no-sync"],
        user=account, cwd=data.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if made.returncode:
        raise _not_started(made.stderr)


@contextmanager
def _served(programs: Path, folder: Path, account: str | None) -> Generator[None]:
    log = folder / "server.log"
    with log.open("w", encoding="utf-8") as output:
        server = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", "-k", folder,
             "-c", "listen_addresses="],
            user=account, cwd=folder, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            _wait_until_ready(programs, folder, server, log)
            yield
        finally:
            _stop(server)


def _wait_until_ready(
    programs: Path, folder: Path, server: subprocess.Popen[bytes], log: Path
) -> None:
    give_up_s = time.monotonic() + _PATIENCE_S
    while subprocess.run(
        [programs / "pg_isready", "-q", "-h", folder], check=False, capture_output=True
    ).returncode:
        if server.poll() is not None or time.monotonic() > give_up_s:
            raise _not_started(log.read_text(encoding="utf-8"))
        time.sleep(0.05)


def _stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)  # at once: what it holds is thrown away
    try:
        server.wait(_PATIENCE_S)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _not_started(said: str) -> WorkerFailedError:
    last = next(reversed(said.strip().splitlines()), "it said nothing")
    return WorkerFailedError(
        f"a private PostgreSQL does not start: {last}",
        remedy="name a running server by its URL",
    )
