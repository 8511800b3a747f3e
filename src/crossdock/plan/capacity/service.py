"""A carrier's service as money: the expected cost of parcels that come too late."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

LATE_PARCEL_USD = 8.0
"""What one parcel that misses its sort wave costs in care and credit (†)."""

DEFAULT_SERVICE_SCORE = 0.95
_Z90 = 1.2815515655446004
_LEAST_SIGMA_S = 60.0

Floats = npt.NDArray[np.float64]


def expected_lateness_usd(
    parcels: Floats,
    service_score: Floats,
    slack_s: Floats,
    transit_s: Floats,
    transit_p90_s: Floats,
) -> Floats:
    """Expected cost of lateness of a load, USD.

    The load is on time when the carrier keeps its word, which it does with probability
    ``service_score`` (null: 0.95), and when the road does not take longer than the slack, with the
    spread of a normal through the lane's p50 and p90. A load without a time to keep has infinite
    slack.
    """
    sigma_s = np.maximum((transit_p90_s - transit_s) / _Z90, _LEAST_SIGMA_S)
    score = np.where(np.isnan(service_score), DEFAULT_SERVICE_SCORE, service_score)
    on_time = score * np.asarray(ndtr(slack_s / sigma_s), dtype=np.float64)
    return (1.0 - on_time) * parcels * LATE_PARCEL_USD
