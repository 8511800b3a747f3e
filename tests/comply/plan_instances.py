"""Stop sequences, clocks and limits for the planner's properties."""

from __future__ import annotations

from hypothesis import strategies as st

from crossdock.comply.hos import US_70_8
from crossdock.comply.hos.planning import FRESH, PlanClocks, PlanLimits, PlanStop, limits_of

HALF_HOUR = 1_800
US = limits_of(US_70_8)


@st.composite
def small_limits(draw) -> PlanLimits:
    """Rules of the same form with a step of 1: a pause has several steps, unlike on a grid."""
    return PlanLimits(
        driving_s=draw(st.integers(6, 11)),
        window_s=draw(st.integers(9, 16)),
        drive_before_pause_s=draw(st.integers(4, 8)),
        pause_s=draw(st.integers(1, 4)),
        reset_s=draw(st.integers(4, 10)),
        cycle_s=1 << 40,
        cycle_days=0,
        restart_s=0,
    )


@st.composite
def clocks_of(draw, limits: PlanLimits, step: int) -> PlanClocks:
    if draw(st.booleans()):
        return FRESH
    driven = draw(st.integers(0, limits.driving_s // step))
    return PlanClocks(
        driving_s=driven * step,
        window_s=draw(st.integers(driven, limits.window_s // step + 2)) * step,
        since_break_s=draw(st.integers(0, limits.drive_before_pause_s // step)) * step,
        resting_s=draw(st.just(0) | st.integers(0, limits.reset_s // step)) * step,
        not_driving_s=draw(st.integers(0, 3)) * step,
    )


@st.composite
def routes(draw, step: int, longest: int, most_stops: int = 4) -> list[PlanStop]:
    """Windows near the times at which a driver without limits would come, so that they bind."""
    stops: list[PlanStop] = []
    at = 0
    for _ in range(draw(st.integers(1, most_stops))):
        drive = draw(st.just(0) | st.integers(0, longest // 3) | st.integers(0, longest))
        service = draw(st.integers(0, 4))
        at += drive
        windows: list[tuple[int, int]] = []
        opens = max(0, at + draw(st.integers(-6, 24)))
        for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
            closes = opens + draw(st.sampled_from((0, 1, 2, 4, 10, 30)))
            windows.append((opens * step, closes * step))
            opens = closes + draw(st.integers(1, 8))
        if draw(st.integers(0, 3)) == 0:
            windows = [(0, 400 * step)]
        stops.append(PlanStop(drive * step, service * step, tuple(windows)))
        at += service + draw(st.sampled_from((0, 0, 20)))
    return stops
