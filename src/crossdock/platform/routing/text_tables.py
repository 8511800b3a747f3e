"""The two classic text tables: Solomon and Gehring-Homberger, Li and Lim."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from crossdock.plan.routing import (
    Depot,
    Job,
    PlanarMetric,
    Problem,
    Rounding,
    Shipment,
    ShipmentEnd,
    VehicleType,
    Window,
)
from crossdock.platform.routing.instance import (
    MOST_PLACES,
    Instance,
    number_at,
    refuse,
    whole_at,
)

_SOLOMON_COLUMNS = 7
_LI_LIM_COLUMNS = 9
_Lines = list[tuple[int, list[str]]]


def read_solomon(path: Path, text: str, rounding: Rounding | None) -> Instance:
    """Solomon (1987) and Gehring and Homberger (1999): id, x, y, demand, ready, due, service."""
    lines = _lines(text)
    name = " ".join(lines[0][1])
    numeric = [(line, words) for line, words in lines[1:] if words[0][0].isdigit()]
    if not numeric or len(numeric[0][1]) != 2:
        remedy = "give NUMBER and CAPACITY under VEHICLE"
        refuse(path, lines[0][0], "there are no vehicles", remedy)
    (line, (count, capacity)), *rows = numeric
    table = _Table(path, rows, _SOLOMON_COLUMNS)
    problem = Problem(
        metric=PlanarMetric(table.xy(), rounding or Rounding.EXACT),
        depots=(Depot(table.ids[0], 0),),
        vehicles=(_vehicle(path, line, count, capacity, table),),
        jobs=tuple(
            Job(
                id=table.ids[at],
                place=at,
                delivery=(table.amount(at),),
                windows=(table.window(at),),
                service=table.numbers[at][6],
            )
            for at in range(1, len(table.ids))
        ),
    )
    return Instance(name, "VRPTW", problem)


def read_li_lim(path: Path, text: str, rounding: Rounding | None) -> Instance:
    """Li and Lim (2001): id, x, y, demand, earliest, latest, service, its pickup, its delivery.

    The third number of the first line, a speed, is 1 in all their files and not used.
    """
    lines = _lines(text)
    (line, (count, capacity, _)), *rows = lines
    table = _Table(path, rows, _LI_LIM_COLUMNS)
    index = {each: at for at, each in enumerate(table.ids)}
    shipments: list[Shipment] = []
    for at in range(1, len(table.ids)):
        if table.words[at][7] != "0":
            continue
        other = index.get(table.words[at][8])
        if other is None or table.words[other][7] != table.ids[at]:
            message = f"{table.ids[at]} is brought to {table.words[at][8]}, which is not its own"
            refuse(path, table.lines[at], message, "let the two name each other")
        ends = [
            ShipmentEnd(table.ids[end], end, (table.window(end),), table.numbers[end][6])
            for end in (at, other)
        ]
        name = f"{table.ids[at]}-{table.ids[other]}"
        shipments.append(Shipment(name, ends[0], ends[1], (table.amount(at),)))
    problem = Problem(
        metric=PlanarMetric(table.xy(), rounding or Rounding.EXACT),
        depots=(Depot(table.ids[0], 0),),
        vehicles=(_vehicle(path, line, count, capacity, table),),
        shipments=tuple(shipments),
    )
    return Instance(path.stem, "PDPTW", problem)


class _Table:
    """Rows of numbers, the first of which is the depot."""

    def __init__(self, path: Path, rows: _Lines, width: int) -> None:
        if not 1 <= len(rows) <= MOST_PLACES:
            remedy = f"give the depot and up to {MOST_PLACES} more"
            refuse(path, None, f"there are {len(rows)} nodes", remedy)
        self._path = path
        self.lines = [line for line, _ in rows]
        self.words = [words for _, words in rows]
        for line, words in rows:
            if len(words) != width:
                refuse(path, line, f"there are {len(words)} numbers", f"give {width} a node")
        self.numbers = [[number_at(path, line, word) for word in words] for line, words in rows]
        self.ids = [words[0] for words in self.words]

    def xy(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.array([row[1:3] for row in self.numbers], dtype=np.float64)

    def amount(self, at: int) -> int:
        return whole_at(self._path, self.lines[at], self.words[at][3])

    def window(self, at: int) -> Window:
        return Window(self.numbers[at][4], self.numbers[at][5])


def _vehicle(path: Path, line: int, count: str, capacity: str, table: _Table) -> VehicleType:
    depot, window = table.ids[0], table.window(0)
    return VehicleType(
        id="1",
        count=whole_at(path, line, count),
        capacity=(whole_at(path, line, capacity),),
        start_depot=depot,
        end_depot=depot,
        shift_starts=window.opens,
        shift_ends=window.closes,
    )


def _lines(text: str) -> _Lines:
    """Lines that are not blank, with their numbers."""
    numbered = enumerate(text.splitlines(), start=1)
    return [(line, words) for line, content in numbered if (words := content.split())]
