"""Why a ratio changed: what moved between parts, and what the parts themselves did.

A ratio is the sum over parts (services, lanes, facilities) of their share w of the denominator
times their own ratio r. The midpoint (Bennet) decomposition leaves no residual::

    R1 - R0 = sum of (w1 - w0) * ((r0 + r1) / 2 - (R0 + R1) / 2)      mix
            + sum of (w0 + w1) / 2 * (r1 - r0)                        rate

The shares sum to one, so that measuring the mix from the mean ratio changes no sum: a part that
grows helps if it is better than the whole. A part that one side does not have has there the ratio
that it has on the other: all of its effect is mix.
"""

from __future__ import annotations

import polars as pl

from crossdock.model import InvalidValueError

DRIVERS = ("key", "before", "after", "share_before", "share_after", "mix", "rate", "total")
OTHERS = "(others)"
"""What the parts of a grain leave of the network's figure."""


def kpi_drivers(
    before: pl.DataFrame,
    after: pl.DataFrame,
    name: str,
    grain: str,
    *,
    before_name: str | None = None,
) -> pl.DataFrame:
    """Mix and rate effects of each part on the change of a ratio.

    Parameters
    ----------
    before, after
        Schema ``KPIS``: two runs, or a plan and its run.
    name
        The ratio; ``before_name`` if it has another name before, as a plan's.
    grain
        Parts to split by: service, lane, facility, carrier, day, delivery_mode.

    Returns
    -------
    polars.DataFrame
        ``key, before, after`` (ratios), ``share_before, share_after`` (of the denominator),
        ``mix, rate, total``, largest effect first; ``total`` sums to the change of the ratio.

    Raises
    ------
    InvalidValueError
        A side does not have the ratio, or its denominator is 0.
    """
    old, old_ratio = _parts(before, before_name or name, grain, "before")
    new, new_ratio = _parts(after, name, grain, "after")
    joined = old.join(new, on="key", how="full", coalesce=True).with_columns(
        pl.col("share_before", "share_after").fill_null(0.0)
    )
    then, now = pl.coalesce("before", "after"), pl.coalesce("after", "before")
    middle = (old_ratio + new_ratio) / 2
    mix = (pl.col("share_after") - pl.col("share_before")) * ((then + now) / 2 - middle)
    rate = (pl.col("share_before") + pl.col("share_after")) / 2 * (now - then)
    return (
        joined.with_columns(mix=mix, rate=rate)
        .with_columns(total=pl.col("mix") + pl.col("rate"))
        .sort(pl.col("total").abs(), "key", descending=[True, False])
        .select(DRIVERS)
    )


def _parts(kpis: pl.DataFrame, name: str, grain: str, side: str) -> tuple[pl.DataFrame, float]:
    """Ratio and share of the denominator by key, and the ratio of the whole."""
    rows = kpis.filter(pl.col("name") == name)
    whole = rows.filter(pl.col("grain") == "network")
    if whole.is_empty() or not whole["denominator"][0]:
        raise InvalidValueError(
            f"{side} has no {name}", remedy="name a KPI that both sides have, see `kpis`"
        )
    above, below = float(whole["numerator"][0]), float(whole["denominator"][0])
    parts = rows.filter(pl.col("grain") == grain).select("key", "numerator", "denominator")
    rest = pl.DataFrame(
        {
            "key": [OTHERS],
            "numerator": [above - float(parts["numerator"].sum())],
            "denominator": [below - float(parts["denominator"].sum())],
        }
    )
    some = (pl.col("denominator").abs() > 1e-9 * below) & (pl.col("denominator") != 0)
    told = pl.concat([parts, rest]).filter(some)
    return (
        told.select(
            "key",
            (pl.col("numerator") / pl.col("denominator")).alias(side),
            (pl.col("denominator") / below).alias(f"share_{side}"),
        ),
        above / below,
    )
