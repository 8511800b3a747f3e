"""Where parcels ended."""

from __future__ import annotations

from typing import Any

from crossdock.measure.actual import FINAL_STATES
from crossdock.measure.report.lived.days import Days, Ratio
from crossdock.measure.words import plain

_NAMES = {"open_exception": "Still open"}


def ends_content(days: Days) -> dict[str, Any]:
    """One row an end, in the order of the states; those without parcels too."""
    parcels = days.table("parcels")
    counts: dict[str, int] = dict(parcels.group_by("final_state").len().drop_nulls().iter_rows())
    others = sorted(set(counts) - set(FINAL_STATES))
    return {
        "parcels": parcels.height,
        "rows": [
            {
                "state": state if state in FINAL_STATES else "open_exception",
                "name": _NAMES.get(state) or plain(state),
                "parcels": counts.get(state, 0),
                "share": Ratio.of(counts.get(state, 0), parcels.height),
            }
            for state in (*FINAL_STATES, *others)
        ],
    }
