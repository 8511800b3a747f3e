"""Is a plan what it says: every stop served in time, every limit kept? Knows nothing of the engine.

Splits and the cycle are not judged here.
"""

from __future__ import annotations

from crossdock.comply.hos.planning import FRESH, HosPlan, PlanClocks, PlanLimits, PlanStop

OFF = {"OFF", "SB"}


def faults(
    plan: HosPlan, stops: list[PlanStop], limits: PlanLimits, *clocks: PlanClocks
) -> list[str]:
    """What is wrong with a feasible plan, in words."""
    wrong = _unserved(plan, stops)
    for driver in range(plan.drivers):
        told = clocks[driver] if driver < len(clocks) else FRESH
        log = [(each.activity, each.start_s, each.end_s) for each in plan.duty_log(driver)]
        wrong += [f"driver {driver}: {fault}" for fault in log_faults(log, limits, told)]
    return wrong + _short_rests(plan, limits, clocks[0] if clocks else FRESH)


def _unserved(plan: HosPlan, stops: list[PlanStop]) -> list[str]:
    wrong: list[str] = []
    now, driven, nexts = 0, 0, 0
    for segment in plan.segments:
        if segment.start_s != now or segment.end_s < now:
            wrong.append(f"{segment} does not begin at {now}")
        now = segment.end_s
        if segment.stop != nexts:
            wrong.append(f"{segment} is not for stop {nexts}")
        if segment.kind == "drive":
            driven += segment.end_s - segment.start_s
        if segment.kind == "service":
            stop = stops[nexts]
            if driven != stop.drive_s:
                wrong.append(f"{driven} driven to stop {nexts} instead of {stop.drive_s}")
            if segment.end_s - segment.start_s != stop.service_s:
                wrong.append(f"{segment} is not the service of {stop}")
            if not any(opens <= segment.start_s <= closes for opens, closes in stop.windows):
                wrong.append(f"{segment} is outside of the windows of {stop}")
            driven, nexts = 0, nexts + 1
    if nexts != len(stops) or now != plan.completes_s:
        wrong.append(f"ends at {now} with {nexts} stops served, not at {plan.completes_s}")
    return wrong


def _short_rests(plan: HosPlan, limits: PlanLimits, clocks: PlanClocks) -> list[str]:
    run: list = []
    run_s = clocks.resting_s
    wrong: list[str] = []
    for segment in [*plan.segments, None]:
        off = segment is not None and (
            segment.kind in {"break", "wait", "rest", "split"} or segment.start_s == segment.end_s
        )
        if off:
            run.append(segment)
            run_s += segment.end_s - segment.start_s
            continue
        if any(each.kind == "rest" for each in run) and run_s < limits.reset_s:
            wrong.append(f"a rest in {run} is no reset")
        run, run_s = [], 0
    return wrong


def log_faults(
    log: list[tuple[str, int, int]], limits: PlanLimits, clocks: PlanClocks = FRESH
) -> list[str]:
    """Driving beyond the limits, second by second where a limit is met."""
    wrong: list[str] = []
    driven, since = clocks.driving_s, clocks.since_break_s
    used = clocks.driving_s if clocks.window_s is None else clocks.window_s
    opened = -used if used else None
    off_from, idle_from = -clocks.resting_s, -max(clocks.resting_s, clocks.not_driving_s)
    for status, start, end in log:
        if off_from is not None and start - off_from >= limits.reset_s:
            driven, since, opened = 0, 0, None
        if idle_from is not None and start - idle_from >= limits.pause_s:
            since = 0
        if status in OFF:
            off_from = start if off_from is None else off_from
            idle_from = start if idle_from is None else idle_from
            continue
        off_from = None
        opened = start if opened is None else opened
        if status != "D":
            idle_from = start if idle_from is None else idle_from
            continue
        idle_from = None
        driven += end - start
        since += end - start
        if driven > limits.driving_s:
            wrong.append(f"{driven} driven at {end}")
        if since > limits.drive_before_pause_s:
            wrong.append(f"{since} driven without a pause at {end}")
        if end - opened > limits.window_s:
            wrong.append(f"driving at {end}, the window opened at {opened}")
    return wrong
