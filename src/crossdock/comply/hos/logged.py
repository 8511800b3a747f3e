"""The duty logs of a network's file (``duty_log`` of the tables that a user gives)."""

from __future__ import annotations

import polars as pl

from crossdock.comply.hos.timeline import Segment


def logged_segments(duty_log: pl.DataFrame) -> dict[str, list[Segment]]:
    """Segments of each driver in order; where two entries overlap, the earlier one keeps the time.

    Parameters
    ----------
    duty_log
        ``driver_id``, ``status``, ``from``, ``to`` (instants).
    """
    logs: dict[str, list[Segment]] = {}
    rows = duty_log.sort("driver_id", "from", "to").select(
        "driver_id", "status", pl.col("from").dt.epoch("s"), pl.col("to").dt.epoch("s")
    )
    for driver_id, status, from_s, to_s in rows.iter_rows():
        log = logs.setdefault(driver_id, [])
        start_s = max(from_s, log[-1].end_s) if log else from_s
        if to_s > start_s:
            log.append(Segment(status, start_s, to_s))
    return logs
