"""How each lane can be driven: the driver mode, its seats and its time, lane table at once."""

from __future__ import annotations

import numpy as np
import polars as pl

from crossdock.comply.hos import US_70_8, solo_transit_s, team_transit_s
from crossdock.model.units import SECONDS_PER_HOUR, SECONDS_PER_MINUTE

PRE_TRIP_S = 15 * SECONDS_PER_MINUTE
DOCK_S = 30 * SECONDS_PER_MINUTE
"""Drop and hook, or handing over a loaded trailer, at each end (†)."""
RELAY_SWAP_S = 30 * SECONDS_PER_MINUTE
POOLED_DRIVE_FACTOR = 1.15
POOLED_TERMINAL_S = 2 * SECONDS_PER_HOUR
"""A carrier's scheduled trailer: detour by its terminals, and an hour at each end of it (†)."""

LANE_KEY = ("from_facility_id", "to_facility_id")


def lane_modes(lanes: pl.DataFrame) -> pl.DataFrame:
    """Ways to run each lane: one row a lane and speed that is legal there.

    Parameters
    ----------
    lanes
        Frame of `crossdock.model.tables.LANES`.

    Returns
    -------
    polars.DataFrame
        LANES' columns (``relay_facility_id`` only where the mode is relay) and ``speed`` (solo,
        team, pooled), ``mode`` (solo_turn, solo_layover, relay, team), ``seats``,
        ``transit_s``, ``transit_p90_s``, ``relay_share`` (share of the driving before the swap),
        ``back_miles``, ``back_toll_usd``, ``back_drive_s``. A lane's own ``driver_mode`` is
        binding, save that a turn too long for one duty is a lay-over. A team that is no faster
        than a solo is left out: it can never be of use.
    """
    timed = _with_relay(_with_way_back(lanes.filter(pl.col(LANE_KEY[0]) != pl.col(LANE_KEY[1]))))
    wanted = pl.col("driver_mode")
    solo = _solo(timed).filter(wanted.is_null() | wanted.is_in(["solo_turn", "solo_layover"]))
    rolling = _rolling(timed).filter(wanted.is_null() | wanted.is_in(["team", "relay"]))
    rolling = (
        rolling.join(solo.select(*LANE_KEY, solo_transit_s="transit_s"), on=LANE_KEY, how="left")
        .filter(
            pl.col("solo_transit_s").is_null() | (pl.col("transit_s") < pl.col("solo_transit_s"))
        )
        .drop("solo_transit_s")
    )
    ways = pl.concat([solo, rolling, _pooled(timed)], how="vertical")
    relayed = pl.col("mode") == "relay"
    return (
        ways.with_columns(
            relay_facility_id=pl.when(relayed & (pl.col("speed") == "team")).then(
                "relay_facility_id"
            )
        )
        .drop("driver_mode", "relays")
        .sort(*LANE_KEY, "speed")
    )


def _seconds(hours: pl.Expr) -> pl.Expr:
    return (hours * SECONDS_PER_HOUR).round().cast(pl.Int64)


def _with_way_back(lanes: pl.DataFrame) -> pl.DataFrame:
    """Lanes with the driving of the same lane the other way (its own where that is unknown)."""
    back = lanes.select(
        from_facility_id="to_facility_id",
        to_facility_id="from_facility_id",
        back_miles="miles",
        back_toll_usd="toll_usd",
        back_drive_s=_seconds(pl.col("drive_h_p50")),
    )
    return (
        lanes.join(back, on=LANE_KEY, how="left", maintain_order="left")
        .with_columns(
            drive_s=_seconds(pl.col("drive_h_p50")),
            drive_p90_s=_seconds(pl.max_horizontal("drive_h_p50", "drive_h_p90")),
        )
        .with_columns(
            toll_usd=pl.col("toll_usd").fill_null(0.0),
            back_miles=pl.coalesce("back_miles", "miles"),
            back_toll_usd=pl.coalesce("back_toll_usd", "toll_usd", pl.lit(0.0)),
            back_drive_s=pl.coalesce("back_drive_s", "drive_s"),
        )
    )


def _with_relay(lanes: pl.DataFrame) -> pl.DataFrame:
    """Lanes with the share of driving before the relay, and whether both halves are turns."""
    half = lanes.select(*LANE_KEY, "drive_s")
    first = half.rename({"to_facility_id": "relay_facility_id", "drive_s": "first_s"})
    second = half.rename({"from_facility_id": "relay_facility_id", "drive_s": "second_s"})
    joined = lanes.join(
        first, on=("from_facility_id", "relay_facility_id"), how="left", maintain_order="left"
    ).join(second, on=("relay_facility_id", "to_facility_id"), how="left", maintain_order="left")
    # Halves unknown: the relay point is taken to lie in the middle.
    share = pl.when(pl.col("first_s").is_null() | pl.col("second_s").is_null()).then(0.5)
    joined = joined.with_columns(
        relay_share=share.otherwise(pl.col("first_s") / (pl.col("first_s") + pl.col("second_s")))
    )
    there_and_back_s = pl.col("drive_s") + pl.col("back_drive_s")
    longer_share = pl.max_horizontal("relay_share", 1 - pl.col("relay_share"))
    fits = longer_share * there_and_back_s <= US_70_8.driving_s
    return joined.with_columns(relays=pl.col("relay_facility_id").is_not_null() & fits).drop(
        "first_s", "second_s"
    )


def _way(
    lanes: pl.DataFrame, speed: str, mode: pl.Expr, seats: pl.Expr, p50: np.ndarray, p90: np.ndarray
) -> pl.DataFrame:
    return lanes.with_columns(
        mode.alias("mode"),
        seats.cast(pl.Int64).alias("seats"),
        speed=pl.lit(speed),
        transit_s=pl.Series(p50, dtype=pl.Int64),
        transit_p90_s=pl.Series(p90, dtype=pl.Int64),
    )


def _turns(drive: pl.Expr, back: pl.Expr) -> pl.Expr:
    """Out and back in one duty: 11 h of driving fit the 14 h window with all dock work."""
    return (
        pl.when(drive + back <= US_70_8.driving_s)
        .then(pl.lit("solo_turn"))
        .otherwise(pl.lit("solo_layover"))
    )


def _solo(lanes: pl.DataFrame) -> pl.DataFrame:
    turn = _turns(pl.col("drive_s"), pl.col("back_drive_s"))
    forced = pl.col("driver_mode") == "solo_layover"
    return _way(
        lanes,
        "solo",
        pl.when(forced).then(pl.lit("solo_layover")).otherwise(turn),
        pl.lit(1),
        solo_transit_s(lanes["drive_s"].to_numpy()),
        solo_transit_s(lanes["drive_p90_s"].to_numpy()),
    )


def _rolling(lanes: pl.DataFrame) -> pl.DataFrame:
    """Relay where the lane has a point for it (and does not ask for a team), else a team."""
    relay = pl.col("relays") & (pl.col("driver_mode").fill_null("relay") != "team")
    relayed = lanes.select(relay).to_series().to_numpy()
    p50, p90 = (lanes[name].to_numpy() for name in ("drive_s", "drive_p90_s"))
    return _way(
        lanes,
        "team",
        pl.when(relay).then(pl.lit("relay")).otherwise(pl.lit("team")),
        pl.lit(2),
        np.where(relayed, p50 + RELAY_SWAP_S, team_transit_s(p50)),
        np.where(relayed, p90 + RELAY_SWAP_S, team_transit_s(p90)),
    )


def _pooled(lanes: pl.DataFrame) -> pl.DataFrame:
    """Drivers change at the carrier's terminals before 8 h at the wheel: it rolls."""
    drive_s = pooled_drive_s(lanes["drive_s"].to_numpy())
    seats = pooled_seats(drive_s)
    one = pl.Series(seats == 1)
    turn = _turns(pl.lit(pl.Series(drive_s)), pl.lit(pl.Series(drive_s)))
    return _way(
        lanes,
        "pooled",
        pl.when(one).then(turn).otherwise(pl.lit("relay")),
        pl.lit(pl.Series(seats)),
        drive_s + POOLED_TERMINAL_S,
        pooled_drive_s(lanes["drive_p90_s"].to_numpy()) + POOLED_TERMINAL_S,
    )


def pooled_drive_s(drive_s: np.ndarray) -> np.ndarray:
    """Driving of a carrier's scheduled trailer on a lane of ``drive_s``."""
    return np.rint(drive_s * POOLED_DRIVE_FACTOR).astype(np.int64)


def pooled_seats(drive_s: np.ndarray) -> np.ndarray:
    """Drivers in turn on a scheduled trailer, none over 8 h at the wheel."""
    return np.maximum(-(-drive_s // US_70_8.drive_before_interruption_s), 1)
