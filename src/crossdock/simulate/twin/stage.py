"""Scene, world, journal and state together: what every turn of the play acts on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.simulate.twin.chance import Chance
from crossdock.simulate.twin.journal import Journal
from crossdock.simulate.twin.scene import Scene
from crossdock.simulate.twin.state import NEVER, NOWHERE, State, Where
from crossdock.simulate.twin.truth import Truth
from crossdock.simulate.twin.world import World

Ints = NDArray[np.int64]


@dataclass
class Stage:
    """The play at work."""

    scene: Scene
    world: World
    journal: Journal
    state: State

    @property
    def truth(self) -> Truth:
        """The world's rates."""
        return self.world.truth

    @property
    def chance(self) -> Chance:
        """The run's luck."""
        return self.scene.chance

    def place(self, facility: int) -> str:
        """Id of a facility."""
        return self.scene.facilities[facility]

    def storm(self, facility: int, instant: int) -> bool:
        """Whether a facility has a storm on its local day."""
        scene = self.scene
        return self.world.storm(
            float(scene.latitude[facility]),
            float(scene.longitude[facility]),
            scene.local_date(facility, instant),
        )

    def at_facility(self, facility: int) -> NDArray[np.bool_]:
        """Parcels that a facility holds."""
        parcels = self.state.parcels
        return (parcels["where"] == Where.FACILITY) & (parcels["at"] == facility)

    def bring_in(self, parcels: Ints, facility: int, gate_at: Ints | int, at: Ints | int) -> None:
        """Parcels come to a facility: at its gate, then scanned; to be sorted."""
        columns = self.state.parcels
        columns["where"][parcels] = Where.FACILITY
        columns["at"][parcels] = facility
        columns["gate_at"][parcels] = gate_at
        columns["arrived_at"][parcels] = at
        columns["sorted_at"][parcels] = NEVER

    def put(self, parcels: Ints, where: Where, at: int = NOWHERE) -> None:
        """Give parcels to somebody else."""
        self.state.parcels["where"][parcels] = where
        self.state.parcels["at"][parcels] = at

    def whereabouts(self) -> pl.DataFrame:
        """One row a parcel."""
        columns = self.state.parcels
        names = pl.Series([where.name.lower() for where in Where])
        return pl.DataFrame(
            {
                "parcel_id": self.scene.parcels.ids,
                "where": names.gather(columns["where"]),
                "at": columns["at"],
                "attempts": columns["attempts"],
            }
        )
