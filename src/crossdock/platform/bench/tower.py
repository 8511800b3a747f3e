"""How much a server takes and how soon it is on the screen; traffic stays on this machine."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import platform
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from crossdock.model import Progress, WorkerFailedError
from crossdock.platform.bench.server_process import ServerProcess, make_key
from crossdock.platform.store import versions

_KINDS = ("picked_up", "arrived_facility", "departed_facility", "arrived_facility",
          "out_for_delivery", "delivered")  # fmt: skip
_SENDERS, _SENDERS_OF_SINGLES = 4, 16
_SETTLES_S = 2.0


@dataclass(frozen=True)
class Load:
    """Events offered: ``rate_per_s`` of them in batches of ``batch``."""

    rate_per_s: int
    batch: int

    @property
    def senders(self) -> int:
        """Connections that send at once, each waiting for its answers."""
        return _SENDERS_OF_SINGLES if self.batch == 1 else _SENDERS


LOADS = (Load(500, 1), Load(10_000, 100))


@dataclass(frozen=True)
class TowerRun:
    """What came of a load.

    Attributes
    ----------
    taken_per_s
        Events that were acknowledged in a second.
    post_p50_ms, post_p99_ms
        From the request to its answer.
    screen_p50_ms, screen_p99_ms
        From the sending of an event to its message at a listener.
    errors
        Answers other than 200.
    """

    load: Load
    taken_per_s: float
    post_p50_ms: float
    post_p99_ms: float
    screen_p50_ms: float
    screen_p99_ms: float
    told_share: float
    errors: int


@dataclass(frozen=True)
class TowerFigures:
    """A whole measurement.

    Attributes
    ----------
    reads_ms
        Median time of an answer by what was asked, with ``open_parcels`` known.
    """

    ready_s: float
    idle_mb: float
    runs: Sequence[TowerRun]
    open_parcels: int
    reads_ms: dict[str, float]


def measure_tower(
    seconds: float, open_parcels: int, progress: Progress, *, loads: Sequence[Load] = LOADS
) -> TowerFigures:
    """Start a server, load it for ``seconds`` each, and read from it.

    Raises
    ------
    WorkerFailedError
        The server did not start.
    """
    with tempfile.TemporaryDirectory(prefix="crossdock-bench-") as scratch:
        runs: list[TowerRun] = []
        ready_s = idle_mb = 0.0
        with progress.task("bench tower", len(loads) + 1) as task:
            for number, load in enumerate(loads):
                with _served(Path(scratch) / f"{number}.db") as server:
                    ready_s, idle_mb = server.ready_s, server.memory_mb()
                    runs.append(_loaded(server, load, seconds))
                task.advance()
            with _served(Path(scratch) / "open.db") as server:
                reads_ms = _reads(server, open_parcels)
            task.advance()
    return TowerFigures(ready_s, idle_mb, runs, open_parcels, reads_ms)


def write_tower(figures: TowerFigures, folder: Path) -> Path:
    """Write ``tower.md`` into ``folder``; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "tower.md"
    page.write_text(_markdown(figures), encoding="utf-8")
    return page


@dataclass
class _Server:
    process: ServerProcess
    key: str
    ready_s: float

    def connect(self) -> http.client.HTTPConnection:
        """A connection that is kept."""
        return http.client.HTTPConnection("127.0.0.1", self.process.port, timeout=60)

    @property
    def headers(self) -> dict[str, str]:
        """Of every request."""
        return {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}

    def memory_mb(self) -> float:
        """Resident memory of the process."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return float("nan")
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


@contextmanager
def _served(store: Path) -> Generator[_Server]:
    url = f"sqlite:///{store}"
    key = make_key(url, "dispatcher", "bench")
    process = ServerProcess(url, store.with_suffix(".log"), requests_per_s=1e6, request_burst=1e6)
    began_s = time.monotonic()
    try:
        process.start()
        yield _Server(process, key, time.monotonic() - began_s)
    finally:
        process.stop()


@dataclass
class _Heard:
    """What a listener heard: milliseconds from sending."""

    delays_ms: list[float] = field(default_factory=list[float])
    over: bool = False

    def listen(self, server: _Server) -> None:
        """Read the stream until it ends or the measurement is over."""
        connection = server.connect()
        connection.request("GET", "/v1/stream", headers=server.headers)
        lines = connection.getresponse().fp
        while not self.over:
            line = lines.readline()
            if not line:
                return
            if line.startswith(b'data: {"parcel_id"'):
                sent_at = json.loads(line[6:])["occurred_at"]
                now = dt.datetime.now(dt.UTC)
                delay = now - dt.datetime.fromisoformat(sent_at)
                self.delays_ms.append(delay.total_seconds() * 1_000)


@dataclass
class _Sent:
    """What one sender did."""

    acknowledged: int = 0
    errors: int = 0
    times_ms: list[float] = field(default_factory=list[float])

    def send(self, server: _Server, load: Load, number: int, ends_s: float) -> None:
        """Send batches at this sender's share of the rate."""
        connection = server.connect()
        every_s = load.batch * load.senders / load.rate_per_s
        due_s = time.monotonic() + every_s * number / load.senders
        sequence = 0
        while time.monotonic() < ends_s:
            time.sleep(max(0.0, due_s - time.monotonic()))
            body = _batch(number, sequence, load.batch)
            began_s = time.perf_counter()
            connection.request("POST", "/v1/events", body=body, headers=server.headers)
            answer = connection.getresponse()
            answer.read()
            self.times_ms.append((time.perf_counter() - began_s) * 1_000)
            if answer.status == 200:
                self.acknowledged += load.batch
            else:
                self.errors += 1
            sequence += load.batch
            due_s += every_s


def _batch(sender: int, first: int, size: int) -> bytes:
    at = dt.datetime.now(dt.UTC).isoformat()
    rows = (
        f'{{"source":"s{sender}","source_event_id":"{place}","kind":"{_KINDS[place % 6]}",'
        f'"occurred_at":"{at}","parcel_id":"P{sender}-{place // 6}","facility_id":"F{place % 45}"}}'
        for place in range(first, first + size)
    )
    return f"[{','.join(rows)}]".encode()


def _loaded(server: _Server, load: Load, seconds: float) -> TowerRun:
    heard = _Heard()
    threading.Thread(target=heard.listen, args=(server,), daemon=True).start()
    time.sleep(0.5)
    began_s = time.monotonic()
    senders = [_Sent() for _ in range(load.senders)]
    _all_at_once(
        [
            lambda sent=sent, number=number: sent.send(server, load, number, began_s + seconds)
            for number, sent in enumerate(senders)
        ]
    )
    took_s = time.monotonic() - began_s
    time.sleep(_SETTLES_S)
    heard.over = True
    acknowledged = sum(sent.acknowledged for sent in senders)
    posts = np.quantile([ms for sent in senders for ms in sent.times_ms], (0.5, 0.99))
    delays = heard.delays_ms or [float("nan")]
    screens = np.quantile(delays, (0.5, 0.99))
    return TowerRun(
        load=load,
        taken_per_s=acknowledged / took_s,
        post_p50_ms=float(posts[0]),
        post_p99_ms=float(posts[1]),
        screen_p50_ms=float(screens[0]),
        screen_p99_ms=float(screens[1]),
        told_share=len(heard.delays_ms) / max(acknowledged, 1),
        errors=sum(sent.errors for sent in senders),
    )


def _all_at_once(work: Sequence[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _reads(server: _Server, open_parcels: int) -> dict[str, float]:
    connection = server.connect()
    at = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)).isoformat()
    for first in range(0, open_parcels, 5_000):
        kinds = {n: "attempt_failed" if n % 20 == 0 else "arrived_facility" for n in range(20)}
        rows = (
            f'{{"source":"s","source_event_id":"{n}","kind":"{kinds[n % 20]}",'
            f'"occurred_at":"{at}","parcel_id":"P{n:07}","facility_id":"F1"}}'
            for n in range(first, min(first + 5_000, open_parcels))
        )
        _ask(connection, server, "POST", "/v1/events", f"[{','.join(rows)}]".encode())
    time.sleep(_SETTLES_S * 2)
    asked = {
        "first page of parcels": "/v1/parcels?limit=100",
        "parcels by status": "/v1/parcels?status=attempt_failed&limit=100",
        "parcels by part of an id": "/v1/parcels?q=99&limit=100",
        "open exceptions": "/v1/exceptions?state=open&limit=100",
        "figures": "/v1/kpis",
    }
    return {
        name: float(np.median([_ask(connection, server, "GET", path) for _ in range(15)]))
        for name, path in asked.items()
    }


def _ask(
    connection: http.client.HTTPConnection,
    server: _Server,
    method: str,
    path: str,
    body: bytes | None = None,
) -> float:
    began_s = time.perf_counter()
    connection.request(method, path, body=body, headers=server.headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise WorkerFailedError(f"bench tower: {path} was answered by {answer.status}")
    return (time.perf_counter() - began_s) * 1_000


def _markdown(figures: TowerFigures) -> str:
    made = ", ".join(f"{name} {number}" for name, number in versions().items())
    lines = [
        "# The tower: what a server takes, and how soon it shows",
        "",
        f"Made by `crossdock bench tower` on {os.cpu_count()} cores with {made}; senders, listener "
        "and server share them. SQLite, each batch durable before its answer.",
        f"Load of the machine at the end: {os.getloadavg()[0]:.1f} (1 is one busy core).",
        "",
        f"Ready {figures.ready_s:.1f} s after the start; {figures.idle_mb:.0f} MB when idle.",
        "",
        "| offered | taken/s | errors | answer p50 ms | p99 ms | sent to screen p50 ms | p99 ms "
        "| told |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {run.load.rate_per_s:,}/s in batches of {run.load.batch} | {run.taken_per_s:,.0f} "
            f"| {run.errors} | {run.post_p50_ms:.1f} | {run.post_p99_ms:.1f} "
            f"| {run.screen_p50_ms:.0f} | {run.screen_p99_ms:.0f} | {100 * run.told_share:.1f} % |"
            for run in figures.runs
        ),
        "",
        f"With {figures.open_parcels:,} open parcels:",
        "",
        "| asked | median ms |",
        "| --- | ---: |",
        *(f"| {name} | {ms:.0f} |" for name, ms in figures.reads_ms.items()),
        "",
        f"System: {platform.system()} {platform.machine()}.",
        "",
    ]
    return "\n".join(lines)
