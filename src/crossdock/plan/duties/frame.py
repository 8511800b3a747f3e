"""Duties as rows of the DUTIES table."""

from __future__ import annotations

import datetime as dt

from crossdock.comply.hos import Segment
from crossdock.plan.duties.trip import CrewDuty


def instant(second: int) -> dt.datetime:
    """UTC instant of seconds since 1970."""
    return dt.datetime.fromtimestamp(second, dt.UTC)


def duty_rows(
    duty: CrewDuty,
    *,
    driver_ids: tuple[str, ...],
    carrier_id: str,
    domiciles: tuple[str, ...],
    load_id: str,
    return_load_id: str | None = None,
) -> list[dict[str, object]]:
    """One row a segment; what follows the dock work at the far end belongs to the return load.

    The duty's id is its outbound load's with the seat's number.
    """
    rows: list[dict[str, object]] = []
    for seat, segments in enumerate(duty.seats):
        head = {
            "duty_id": f"{load_id}-{seat + 1}",
            "driver_id": driver_ids[seat],
            "carrier_id": carrier_id,
            "domicile_facility_id": domiciles[seat],
        }
        for seq, segment in enumerate(segments, start=1):
            back = return_load_id is not None and segment.start_s >= duty.turned_s
            rows.append(
                {
                    **head,
                    "load_id": return_load_id if back else load_id,
                    "seq": seq,
                    **_times(segment),
                }
            )
    return rows


def _times(segment: Segment) -> dict[str, object]:
    return {
        "activity": segment.activity,
        "starts_at": instant(segment.start_s),
        "ends_at": instant(segment.end_s),
    }
