"""Servers on loopback that answer as Valhalla and OSRM publish it, from what they are asked."""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SPEED_M_S = {"auto": 10.0, "truck": 8.0, "driving": 10.0}


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Along the grid, and farther to the north than back: latitudes and longitudes."""
    north, east = (other[0] - one[0]) * 111_000, (other[1] - one[1]) * 86_000
    return abs(east) + (1.5 * north if north > 0 else -north)


@dataclass
class RoadWorld:
    """What the servers know, and what they were asked.

    Attributes
    ----------
    stumbles
        Status and headers of the next answers, before they do their work again.
    island
        East of this longitude nobody gets from the west.
    sea
        South of this latitude there is no road.
    long_form
        Whether Valhalla answers as it did before it knew ``verbose``.
    """

    island: float = math.inf
    sea: float = -math.inf
    long_form: bool = False
    most_pairs: int = 2_500
    says: bytes | None = None
    stumbles: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def way(self, one: tuple[float, float], other: tuple[float, float]) -> float | None:
        crosses = one[1] <= self.island < other[1]
        return None if crosses else metres(one, other)


class _Handler(BaseHTTPRequestHandler):
    world: RoadWorld

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self._answer(lambda: self._valhalla(body))

    def do_GET(self) -> None:
        self._answer(self._osrm)

    def _answer(self, work) -> None:
        self.world.asked.append({"path": self.path, "headers": dict(self.headers)})
        if self.world.stumbles:
            status, headers = self.world.stumbles.pop(0)
            self._send(status, b"busy", headers)
        elif self.world.says is not None:
            self._send(200, self.world.says, {})
        else:
            status, told = work()
            self._send(status, json.dumps(told).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in (headers | {"Content-Length": str(len(content))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def _valhalla(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.world.asked[-1]["body"] = body
        sources, targets = (
            [(place["lat"], place["lon"]) for place in body[side]]
            for side in ("sources", "targets")
        )
        assert self.path == "/sources_to_targets"
        if len(sources) * len(targets) > self.world.most_pairs:
            return 400, {"error_code": 150, "error": "Exceeded max locations", "status_code": 400}
        if any(place[0] < self.world.sea for place in sources + targets):
            return 400, {"error_code": 171, "error": "No suitable edges near location"}
        ways = [[self.world.way(one, other) for other in targets] for one in sources]
        if all(way is None for row in ways for way in row):
            return 400, {"error_code": 442, "error": "No path could be found for input"}
        speed = SPEED_M_S[body["costing"]]
        if self.world.long_form:
            rows = [
                [
                    {
                        "from_index": i, "to_index": j,
                        "time": None if way is None else way / speed,
                        "distance": None if way is None else way / 1000,
                    }
                    for j, way in enumerate(row)
                ]
                for i, row in enumerate(ways)
            ]  # fmt: skip
            return 200, {"sources_to_targets": rows, "units": "kilometers"}
        seconds = [[None if way is None else way / speed for way in row] for row in ways]
        lengths = [[None if way is None else way / 1000 for way in row] for row in ways]
        return 200, {
            "sources_to_targets": {"durations": seconds, "distances": lengths},
            "units": "kilometers",
        }

    def _osrm(self) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(self.path)
        _, service, version, profile, listed = parts.path.split("/")
        assert (service, version) == ("table", "v1")
        places = [tuple(map(float, each.split(",")))[::-1] for each in listed.split(";")]
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        chosen = {
            side: [places[int(at)] for at in asked[side].split(";")]
            for side in ("sources", "destinations")
        }
        if len(chosen["sources"]) * len(chosen["destinations"]) > self.world.most_pairs:
            return 400, {"code": "TooBig", "message": "Too many table coordinates"}
        for at, place in enumerate(places):
            if place[0] < self.world.sea:
                words = f"Could not find a matching segment for coordinate {at}"
                return 400, {"code": "NoSegment", "message": words}
        ways = [
            [self.world.way(one, other) for other in chosen["destinations"]]
            for one in chosen["sources"]
        ]
        told: dict[str, Any] = {"code": "Ok", "sources": [], "destinations": []}
        if "duration" in asked["annotations"]:
            speed = SPEED_M_S[profile]
            told["durations"] = [[way if way is None else way / speed for way in r] for r in ways]
        if "distance" in asked["annotations"]:
            told["distances"] = ways
        return 200, told

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(world: RoadWorld) -> Iterator[str]:
    """The address of a server over a world."""
    handler = type("Handler", (_Handler,), {"world": world})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
