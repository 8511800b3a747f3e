"""Road times of an OSRM server: its service ``table``."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from crossdock.locate.roads.streets import RoadMatrix
from crossdock.model import UsageError
from crossdock.platform.roads.road_server import (
    Asking,
    Floats,
    Matrices,
    NoWayError,
    RoadServer,
    ask_matrix,
    off_road,
)

_PROFILE = re.compile(r"[A-Za-z0-9_-]+")
_COORDINATE = re.compile(r"coordinate (\d+)")


def osrm_matrix(
    server: RoadServer,
    profile: str,
    sources: Floats,
    targets: Floats,
    names: tuple[Sequence[str], Sequence[str]] | None = None,
) -> RoadMatrix:
    """Seconds and metres by an OSRM server.

    Parameters
    ----------
    profile
        In its addresses, such as ``driving``; which vehicle it means was decided when the server's
        data were prepared.
    sources, targets
        Latitudes and longitudes, (n, 2).
    names
        Of sources and targets, for messages.

    Raises
    ------
    InfeasibleError
        There is no way between two places; they are named.
    NotFoundError
        A place is near no road; it is named.
    ServiceUnavailableError
        The server cannot be reached, or is none.
    InvalidValueError
        The server refuses the request; its words are told.
    """
    if not _PROFILE.fullmatch(profile):
        raise UsageError(f"{profile!r} is no profile of OSRM", remedy="give letters: driving")
    asking = Asking(server)

    def ask(asking: Asking, sources: Floats, targets: Floats) -> Matrices:
        return _tile(asking, profile, sources, targets)

    try:
        return ask_matrix(asking, ask, sources, targets, names)
    finally:
        asking.close()


def _tile(asking: Asking, profile: str, sources: Floats, targets: Floats) -> Matrices:
    places = np.concatenate([sources, targets])
    coordinates = ";".join(f"{lon:.7f},{lat:.7f}" for lat, lon in places.tolist())
    asked = {
        "sources": ";".join(map(str, range(len(sources)))),
        "destinations": ";".join(map(str, range(len(sources), len(places)))),
        "annotations": "duration,distance",
    }
    _, told = asking.json("GET", f"/table/v1/{profile}/{coordinates}", params=asked)
    code, words = told.get("code"), str(told.get("message", ""))
    if code == "NoTable":
        raise NoWayError
    if code == "NoSegment":
        found = _COORDINATE.search(words)
        if found is None or int(found[1]) >= len(places):
            raise asking.refused(f"{code} {words}")
        at = int(found[1])
        is_source = at < len(sources)
        raise off_road(at if is_source else at - len(sources), is_source=is_source)
    if code != "Ok":
        raise asking.refused(f"{code} {words}".strip())
    shape = (len(sources), len(targets))
    return asking.cells(told.get("durations"), shape), asking.cells(told.get("distances"), shape)
