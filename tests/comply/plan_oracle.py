"""The earliest legal end of a stop sequence by trying everything on a grid of time.

Independent of the engine: only what a driver can do in the next step, from every state that can be
reached. Of states at the same place and instant, those that are worse in nothing suffice.
"""

from __future__ import annotations

from typing import NamedTuple

from crossdock.comply.hos.planning import PlanClocks, PlanLimits, PlanStop


class _State(NamedTuple):
    stop: int
    drive_left: int
    driven: int
    window: int  # -1: not open
    broken: int
    resting: int
    not_driving: int


def grid_end(
    stops: list[PlanStop], limits: PlanLimits, clocks: PlanClocks, step: int, latest: int
) -> int | None:
    """Earliest end in steps-of-``step`` seconds, or None if there is none up to ``latest``.

    All data are multiples of ``step``.
    """
    most = limits.driving_s // step
    window = limits.window_s // step
    before = limits.drive_before_pause_s // step
    pause = limits.pause_s // step
    reset = limits.reset_s // step

    def settled(state: _State) -> _State:
        """Counters emptied by what the driver has behind him; capped where more means nothing."""
        if state.not_driving >= pause:
            state = state._replace(broken=0, not_driving=pause)
        if state.resting >= reset:
            state = state._replace(driven=0, broken=0, window=-1, resting=reset)
        return state._replace(window=min(state.window, window))

    fresh = not clocks.window_s and not clocks.driving_s
    used = clocks.driving_s if clocks.window_s is None else clocks.window_s
    first = settled(
        _State(
            0,
            stops[0].drive_s // step,
            clocks.driving_s // step,
            -1 if fresh else used // step,
            clocks.since_break_s // step,
            clocks.resting_s // step,
            max(clocks.not_driving_s, clocks.resting_s) // step,
        )
    )
    states: dict[int, set[_State]] = {0: {first}}
    for now in range(latest // step + 1):
        todo = _best(states.pop(now, set()))
        seen = set(todo)
        while todo:
            state = todo.pop()
            stop = stops[state.stop]
            opened = state.window >= 0
            rested = settled(
                state._replace(
                    window=state.window + 1 if opened else -1,
                    resting=state.resting + 1,
                    not_driving=state.not_driving + 1,
                )
            )
            states.setdefault(now + 1, set()).add(rested)
            if state.drive_left > 0:
                if state.driven < most and max(state.window, 0) < window and state.broken < before:
                    driven = settled(
                        state._replace(
                            drive_left=state.drive_left - 1,
                            driven=state.driven + 1,
                            window=max(state.window, 0) + 1,
                            broken=state.broken + 1,
                            resting=0,
                            not_driving=0,
                        )
                    )
                    states.setdefault(now + 1, set()).add(driven)
                continue
            if not any(opens <= now * step <= closes for opens, closes in stop.windows):
                continue
            length = stop.service_s // step
            if state.stop == len(stops) - 1:
                # No other way ends earlier only if the service is the same: it is.
                return (now + length) * step
            served = settled(
                state._replace(
                    stop=state.stop + 1,
                    drive_left=stops[state.stop + 1].drive_s // step,
                    window=max(state.window, 0) + length if length else state.window,
                    resting=state.resting if length == 0 else 0,
                    not_driving=state.not_driving + length,
                )
            )
            if length:
                states.setdefault(now + length, set()).add(served)
            elif served not in seen:
                seen.add(served)
                todo.append(served)
    return None


def _best(states: set[_State]) -> list[_State]:
    places: dict[tuple[int, int], list[_State]] = {}
    for state in sorted(states, key=_use):
        kept = places.setdefault((state.stop, state.drive_left), [])
        if not any(
            all(mine <= its for mine, its in zip(_use(other), _use(state), strict=True))
            for other in kept
        ):
            kept.append(state)
    return [state for kept in places.values() for state in kept]


def _use(state: _State) -> tuple[int, ...]:
    return (state.driven, state.window, state.broken, -state.resting, -state.not_driving)
