"""Jobs and ends of shipments as columns: what a search reads thousands of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from crossdock.plan.routing.jobs import Job, Shipment, ShipmentEnd
from crossdock.plan.routing.metric import Floats, Ints


@dataclass(frozen=True, eq=False)
class Nodes:
    """One row a node: first the jobs, then the pickups, then the deliveries of the shipments.

    Attributes
    ----------
    ids
        Of jobs and ends of shipments.
    jobs, shipments
        How many there are.
    delivery, pickup
        Amounts from and to a depot, (nodes, dimensions); of shipments 0.
    carried
        Change of the load by the end of a shipment, (nodes, dimensions); of jobs 0.
    opens, closes
        Of the first and the last window.
    """

    ids: tuple[str, ...]
    jobs: int
    shipments: int
    place: Ints
    delivery: Ints
    pickup: Ints
    carried: Ints
    service: Floats
    parking: Floats
    opens: Floats
    closes: Floats
    several_windows: NDArray[np.bool_]
    release: Floats
    prize: Floats
    required: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.place)

    @classmethod
    def of(cls, jobs: Sequence[Job], shipments: Sequence[Shipment], dimensions: int) -> Nodes:
        """Columns of ``jobs`` and ``shipments``."""
        ends = [ship.pickup for ship in shipments] + [ship.delivery for ship in shipments]
        both: list[Job | ShipmentEnd] = [*jobs, *ends]
        amount = amounts([ship.amount for ship in shipments], dimensions)
        nothing = np.zeros((len(jobs), dimensions), dtype=np.int64)
        no_ends = np.zeros((len(ends), dimensions), dtype=np.int64)
        optional = [*shipments, *shipments]
        return cls(
            ids=tuple(node.id for node in both),
            jobs=len(jobs),
            shipments=len(shipments),
            place=np.array([node.place for node in both], dtype=np.int64),
            delivery=np.vstack([amounts([job.delivery for job in jobs], dimensions), no_ends]),
            pickup=np.vstack([amounts([job.pickup for job in jobs], dimensions), no_ends]),
            carried=np.vstack([nothing, amount, -amount]),
            service=_floats([node.service for node in both]),
            parking=_floats([node.parking for node in both]),
            opens=_floats([node.windows[0].opens for node in both]),
            closes=_floats([node.windows[-1].closes for node in both]),
            several_windows=np.array([len(node.windows) > 1 for node in both], dtype=np.bool_),
            release=_floats([job.release for job in jobs] + [0.0] * len(ends)),
            prize=_floats([node.prize for node in (*jobs, *optional)]),
            required=np.array([node.required for node in (*jobs, *optional)], dtype=np.bool_),
        )


def amounts(told: Sequence[tuple[int, ...]], dimensions: int) -> Ints:
    """Amounts as rows; an empty tuple is nothing."""
    nothing = (0,) * dimensions
    rows = [each or nothing for each in told]
    return np.array(rows, dtype=np.int64).reshape(len(rows), dimensions)


def _floats(values: list[float]) -> Floats:
    return np.array(values, dtype=np.float64)
