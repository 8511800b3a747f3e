"""What is under way when the play begins: told once, as the log opens with it."""

from __future__ import annotations

import numpy as np

from crossdock.simulate.twin import yards
from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.pings import tell_way
from crossdock.simulate.twin.road import TRUCK_PING_S
from crossdock.simulate.twin.stage import Ints, Stage
from crossdock.simulate.twin.state import NEVER, NOWHERE, LoadState, Turn, Where


def open_network(stage: Stage) -> None:
    """Put the background where it is: at facilities, to be sorted, and on the road."""
    scene = stage.scene
    under_way: Ints = np.flatnonzero(scene.parcels.available > 0)
    if not len(under_way):
        return
    coming = np.array([scene.parcels.coming_on[int(at)] is not None for at in under_way])
    _at_facilities(stage, under_way[~coming])
    number = {name: at for at, name in enumerate(stage.state.loads.ids)}
    by_load: dict[int, list[int]] = {}
    for at in under_way[coming]:
        parcel = int(at)
        by_load.setdefault(number[str(scene.parcels.coming_on[parcel])], []).append(parcel)
    for load, riding in by_load.items():
        _on_road(stage, load, np.array(riding))


def _at_facilities(stage: Stage, parcels: Ints) -> None:
    scene, now = stage.scene, stage.scene.starts_at
    for facility in np.unique(scene.parcels.origin[parcels]).tolist():
        here = parcels[scene.parcels.origin[parcels] == facility]
        name = stage.place(facility)
        stage.bring_in(here, facility, now, now)
        stage.journal.tell_parcels(
            "arrived_facility",
            f"station:{name}",
            now,
            here,
            facility=name,
            told=payload(opening=True),
        )


def _on_road(stage: Stage, load: int, riding: Ints) -> None:
    """A load that left before the play and arrives in it, as planned."""
    scene, loads = stage.scene, stage.state.loads
    now, origin, to = scene.starts_at, loads.origin[load], loads.to[load]
    name = stage.place(origin)
    yards.leave(stage, load)
    loads.state[load] = int(LoadState.ON_ROAD)
    loads.actual_departs[load] = loads.departs[load]
    loads.actual_arrives[load] = max(loads.arrives[load], now + 60)
    stage.put(riding, Where.LOAD, load)
    columns = stage.state.parcels
    columns["next_load"][riding] = NOWHERE
    columns["leg"][riding] = -1
    columns["sorted_at"][riding] = NEVER
    stage.journal.tell_parcels(
        "departed_facility",
        f"station:{name}",
        now,
        riding,
        facility=name,
        told=payload(load_id=loads.ids[load], to=stage.place(to), opening=True),
    )
    share = (now - loads.departs[load]) / max(loads.actual_arrives[load] - loads.departs[load], 1)
    here, there = (
        (float(places[origin]), float(places[to])) for places in (scene.latitude, scene.longitude)
    )
    start = (here[0] + share * (here[1] - here[0]), there[0] + share * (there[1] - there[0]))
    tell_way(
        stage.journal,
        f"T-{loads.ids[load]}",
        (now, loads.actual_arrives[load]),
        (start, (here[1], there[1])),
        TRUCK_PING_S,
        load_id=loads.ids[load],
    )
    stage.state.wake(loads.actual_arrives[load], Turn.ARRIVE, load)
