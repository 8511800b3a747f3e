"""Load on a server and what it makes of it: lean senders, so that they measure it and not them."""

from __future__ import annotations

import datetime as dt
import re
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from crossdock.model import WorkerFailedError
from crossdock.platform.bench.server_process import ServerProcess, make_key

_KINDS = ("picked_up", "arrived_facility", "departed_facility", "arrived_facility",
          "out_for_delivery", "delivered")  # fmt: skip
_SENDERS, _SENDERS_OF_SINGLES = 4, 16
_SETTLES_S = 2.0
_PATIENCE_S = 60.0
_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
_SENT_AT = re.compile(rb'data: \{"parcel_id".*?"occurred_at":"([^"]+)"')


@dataclass(frozen=True)
class Load:
    """Events offered: ``rate_per_s`` of them in batches of ``batch``."""

    rate_per_s: int
    batch: int

    @property
    def senders(self) -> int:
        """Connections that send at once, each waiting for its answers."""
        return _SENDERS_OF_SINGLES if self.batch == 1 else _SENDERS


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
    told_share
        Messages at the listener over the events that were acknowledged.
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
class Answer:
    """Status and body of an answer."""

    status: int
    body: bytes


class Line:
    """A connection that is kept: one request after the other."""

    def __init__(self, port: int, key: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), _PATIENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = f"Host: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"

    def post(self, path: str, body: bytes) -> Answer:
        """Post JSON."""
        said = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return self._ask(f"POST {path} HTTP/1.1\r\n{self._head}{said}\r\n".encode() + body)

    def get(self, path: str) -> Answer:
        """Ask for something."""
        return self._ask(f"GET {path} HTTP/1.1\r\n{self._head}\r\n".encode())

    def listen(self) -> Iterator[bytes]:
        """Whole lines of the stream, many at a time; ends where it ends or nothing comes."""
        self._socket.sendall(f"GET /v1/stream HTTP/1.1\r\n{self._head}\r\n".encode())
        rest = b""
        while found := self._socket.recv(1 << 18):
            whole, end, rest = (rest + found).rpartition(b"\n")
            yield whole + end

    def hang_up(self) -> None:
        """End it for who listens to it in another thread."""
        self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give it back."""
        self._socket.close()

    def _ask(self, request: bytes) -> Answer:
        self._socket.sendall(request)
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += self._more()
        head, _, body = answer.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        missing = (int(length[1]) if length else 0) - len(body)
        parts = [body]
        while missing > 0:
            parts.append(self._more())
            missing -= len(parts[-1])
        return Answer(int(head.split(b" ", 2)[1]), b"".join(parts))

    def _more(self) -> bytes:
        found = self._socket.recv(1 << 18)
        if not found:
            raise WorkerFailedError("bench tower: the server hung up")
        return found


@dataclass
class Served:
    """A server under measurement."""

    process: ServerProcess
    key: str
    ready_s: float

    def line(self) -> Line:
        """A connection of its own."""
        return Line(self.process.port, self.key)

    def memory_mb(self) -> float:
        """Resident memory of the process."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return float("nan")
        line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
        return int(line.split()[1]) / 1024


@contextmanager
def served(store: Path) -> Generator[Served]:
    """A server over a new store, without limits on who asks."""
    url = f"sqlite:///{store}"
    key = make_key(url, "dispatcher", "bench")
    process = ServerProcess(url, store.with_suffix(".log"), requests_per_s=1e6, request_burst=1e6)
    began_s = time.monotonic()
    try:
        process.start()
        yield Served(process, key, time.monotonic() - began_s)
    finally:
        process.stop()


def loaded(server: Served, load: Load, seconds: float) -> TowerRun:
    """Offer a load for some seconds."""
    heard = _Heard()
    line = server.line()
    listener = threading.Thread(target=heard.listen, args=(line,), daemon=True)
    listener.start()
    time.sleep(0.5)
    began_s = time.monotonic()
    senders = [_Sent() for _ in range(load.senders)]
    all_at_once(
        [
            lambda sent=sent, number=number: sent.send(server, load, number, began_s + seconds)
            for number, sent in enumerate(senders)
        ]
    )
    took_s = time.monotonic() - began_s
    time.sleep(_SETTLES_S)
    line.hang_up()
    listener.join()
    line.close()
    acknowledged = sum(sent.acknowledged for sent in senders)
    posts = np.quantile([ms for sent in senders for ms in sent.times_ms], (0.5, 0.99))
    screens = np.quantile(heard.delays_ms or [float("nan")], (0.5, 0.99))
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


def all_at_once(work: Sequence[Callable[[], None]]) -> None:
    """Do each in a thread, and wait for all."""
    threads = [threading.Thread(target=each) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@dataclass
class _Heard:
    """What a listener heard: milliseconds from sending."""

    delays_ms: list[float] = field(default_factory=list[float])

    def listen(self, line: Line) -> None:
        """Read the stream until it ends."""
        for lines in line.listen():
            now = dt.datetime.now(dt.UTC)
            for sent_at in _SENT_AT.findall(lines):
                delay = now - dt.datetime.fromisoformat(sent_at.decode())
                self.delays_ms.append(delay.total_seconds() * 1_000)


@dataclass
class _Sent:
    """What one sender did."""

    acknowledged: int = 0
    errors: int = 0
    times_ms: list[float] = field(default_factory=list[float])

    def send(self, server: Served, load: Load, number: int, ends_s: float) -> None:
        """Send batches at this sender's share of the rate."""
        line = server.line()
        every_s = load.batch * load.senders / load.rate_per_s
        due_s = time.monotonic() + every_s * number / load.senders
        sequence = 0
        while time.monotonic() < ends_s:
            time.sleep(max(0.0, due_s - time.monotonic()))
            body = _batch(number, sequence, load.batch)
            began_s = time.perf_counter()
            status = line.post("/v1/events", body).status
            self.times_ms.append((time.perf_counter() - began_s) * 1_000)
            if status == 200:
                self.acknowledged += load.batch
            else:
                self.errors += 1
            sequence += load.batch
            due_s += every_s
        line.close()


def _batch(sender: int, first: int, size: int) -> bytes:
    at = dt.datetime.now(dt.UTC).isoformat()
    rows = (
        f'{{"source":"s{sender}","source_event_id":"{place}","kind":"{_KINDS[place % 6]}",'
        f'"occurred_at":"{at}","parcel_id":"P{sender}-{place // 6}","facility_id":"F{place % 45}"}}'
        for place in range(first, first + size)
    )
    return f"[{','.join(rows)}]".encode()
