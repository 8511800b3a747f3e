"""Sort waves: first come, first sorted, at a rate that is not quite the planned one."""

from __future__ import annotations

import numpy as np

from crossdock.simulate.twin import afterwards, handoff, onward
from crossdock.simulate.twin.journal import payload
from crossdock.simulate.twin.scene import Waves
from crossdock.simulate.twin.stage import Ints, Stage
from crossdock.simulate.twin.state import NEVER, NOWHERE, ONWARD, Turn


def set_waves(stage: Stage) -> None:
    """Have every wave of the run's days come."""
    for facility, waves in enumerate(stage.scene.waves):
        for number in range(len(waves.names)):
            at = max(waves.cutoff[number], waves.starts[number])
            if at >= stage.scene.starts_at:
                stage.state.wake(int(at), Turn.WAVE, facility, number)


def sort_wave(stage: Stage, facility: int, number: int) -> None:
    """Sort what was at the gate by the cut-off; what does not fit waits for the next wave."""
    waves, columns = stage.scene.waves[facility], stage.state.parcels
    waiting = np.flatnonzero(
        stage.at_facility(facility)
        & (columns["sorted_at"] == NEVER)
        & (columns["gate_at"] <= waves.cutoff[number])
    )
    if not len(waiting):
        return
    ordered = waiting[np.lexsort((waiting, columns["arrived_at"][waiting]))]
    done_at = _finished(stage, facility, waves, number, columns["arrived_at"][ordered])
    fits = done_at <= waves.ends[number] + stage.truth.overtime_s
    sorted_now = ordered[fits]
    columns["sorted_at"][sorted_now] = done_at[fits] + stage.truth.staging_s
    _tell(stage, facility, waves, number, int(fits.sum()), int((~fits).sum()))
    kept = afterwards.mishaps(stage, facility, sorted_now)
    if len(kept):
        _missort(stage, facility, kept)
        handoff.ask_for_windows(stage, facility, kept)
        anew = kept[columns["next_load"][kept] == ONWARD]
        onward.find_ways(stage, facility, anew)


def _finished(stage: Stage, facility: int, waves: Waves, number: int, arrived: Ints) -> Ints:
    """When a single sorter is through with each parcel, in the order of arrival."""
    begins, ends = int(waves.starts[number]), int(waves.ends[number])
    factor = stage.world.sort_factor(
        stage.place(facility), waves.names[number], waves.dates[number]
    )
    per_parcel_s = (ends - begins) / (max(float(waves.capacity[number]), 1.0) * factor)
    turn = np.arange(len(arrived))
    ready = np.maximum(arrived, begins) - turn * per_parcel_s
    return (np.maximum.accumulate(ready) + (turn + 1) * per_parcel_s).astype(np.int64)


def _tell(
    stage: Stage, facility: int, waves: Waves, number: int, sorted_now: int, left: int
) -> None:
    name, wave = stage.place(facility), waves.names[number]
    station, ends = f"station:{name}", int(waves.ends[number])
    stage.journal.tell(
        "wave_started", station, stage.state.now, wave, facility=name, told=payload(wave=wave)
    )
    told = payload(wave=wave, sorted=sorted_now, left=left)
    stage.journal.tell("wave_ended", station, ends, wave, facility=name, told=told)


def _missort(stage: Stage, facility: int, parcels: Ints) -> None:
    """A few parcels are put on the wrong load of the same dock."""
    columns, loads = stage.state.parcels, stage.state.loads
    leaving = columns["next_load"][parcels] >= 0
    lot = stage.chance.uniform("missort", stage.scene.parcels.keys[parcels], facility)
    for parcel in parcels[leaving & (lot < stage.truth.missort_per_sort)].tolist():
        meant = int(columns["next_load"][parcel])
        wrong = [
            at
            for at in onward.leaving(stage, facility, int(columns["sorted_at"][parcel]))
            if loads.to[at] != loads.to[meant] and at != meant
        ]
        if wrong:
            columns["next_load"][parcel] = wrong[0]
            stage.state.detours[parcel] = []
            columns["leg"][parcel] = NOWHERE
