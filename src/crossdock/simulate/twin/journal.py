"""What the world tells: events as they happen, with missed and doubled scans, odd clocks, delays.

Events wait here until they are received. What befalls a message is a hash of what it says, so the
log is the same whether the twin is stepped or run through.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.model.event import EVENTS
from crossdock.model.tables import INSTANT
from crossdock.simulate.twin.chance import Chance, keys_of
from crossdock.simulate.twin.truth import Truth

Ints = NDArray[np.int64]

TENANT = "default"
_MICRO = 1_000_000
_SCANS = ("arrived_facility", "departed_facility")
"""Kinds that a tired hand may miss."""

_USUAL_DELAY_S = {"position": 4.0, "partner": 1_800.0}
_DELAY_S = 20.0

_COLUMNS = {
    "kind": pl.String,
    "source": pl.String,
    "subject": pl.String,
    "parcel": pl.Int64,
    "facility_id": pl.String,
    "vehicle_id": pl.String,
    "driver_id": pl.String,
    "occurred_s": pl.Int64,
    "payload": pl.String,
    "told_s": pl.Int64,
}


_TEXT = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def payload(**cells: object) -> str:
    """JSON text with sorted keys; empty cells are left out."""
    return _TEXT.encode(
        {name.rstrip("_"): value for name, value in cells.items() if value is not None}
    )


class Journal:
    """Takes what happens; gives what was received.

    Parameters
    ----------
    parcel_ids, parcel_keys
        By parcel number.
    """

    def __init__(
        self,
        chance: Chance,
        truth: Truth,
        parcel_ids: Sequence[str],
        parcel_keys: NDArray[np.uint64],
    ) -> None:
        self._chance = chance
        self._truth = truth
        self.now = 0
        """When what is told next is known: nothing is received earlier."""
        self._ids = pl.Series("parcel_id", parcel_ids, dtype=pl.String)
        self._keys = parcel_keys
        self._new: dict[str, list[object]] = {name: [] for name in _COLUMNS}
        self._waiting = pl.DataFrame(schema=EVENTS)

    def tell(
        self,
        kind: str,
        source: str,
        at: int,
        subject: str,
        *,
        facility: str | None = None,
        vehicle: str | None = None,
        driver: str | None = None,
        told: str = "{}",
        parcel: int = -1,
    ) -> None:
        """One event; ``subject`` makes its id unique within its source, kind and instant."""
        new = self._new
        new["kind"].append(kind)
        new["source"].append(source)
        new["subject"].append(subject)
        new["parcel"].append(parcel)
        new["facility_id"].append(facility)
        new["vehicle_id"].append(vehicle)
        new["driver_id"].append(driver)
        new["occurred_s"].append(at)
        new["payload"].append(told)
        new["told_s"].append(self.now)

    def tell_parcels(
        self,
        kind: str,
        source: str | Sequence[str],
        at: int | Ints,
        parcels: Ints,
        *,
        facility: str | None = None,
        vehicle: str | None = None,
        driver: str | None = None,
        told: str | Sequence[str] = "{}",
    ) -> None:
        """One event a parcel."""
        count = len(parcels)
        if not count:
            return
        new = self._new
        new["kind"] += [kind] * count
        new["source"] += [source] * count if isinstance(source, str) else source
        new["subject"] += [""] * count
        new["parcel"] += parcels.tolist()
        new["facility_id"] += [facility] * count
        new["vehicle_id"] += [vehicle] * count
        new["driver_id"] += [driver] * count
        new["occurred_s"] += [at] * count if isinstance(at, int) else at.tolist()
        new["payload"] += [told] * count if isinstance(told, str) else told
        new["told_s"] += [self.now] * count

    def received(self, until: int) -> pl.DataFrame:
        """Events received before ``until``, by reception; each is given once."""
        self._seal()
        early = pl.col("received_at").cast(pl.Int64) < until * _MICRO
        out = self._waiting.filter(early)
        self._waiting = self._waiting.filter(~early)
        return out.sort("received_at", "source", "source_event_id")

    @property
    def next_at(self) -> int:
        """When the earliest message that waits is received; the end of time where none waits."""
        self._seal()
        first = self._waiting["received_at"].cast(pl.Int64).min()
        return first // _MICRO if isinstance(first, int) else 2**62

    def forget(self, column: str, name: str, after: int) -> None:
        """Take back what was foretold of a load's or route's future."""
        self._seal()
        told = pl.col("payload").str.contains(f'"{column}":"{name}"', literal=True)
        future = pl.col("occurred_at").cast(pl.Int64) > after * _MICRO
        self._waiting = self._waiting.filter(~(told & future))

    def frames(self) -> Mapping[str, pl.DataFrame]:
        """What waits, for saving."""
        self._seal()
        return {"waiting": self._waiting}

    def restore(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Take up what waited."""
        self._waiting = frames["waiting"]

    def _seal(self) -> None:
        """Decide what befalls each new message."""
        if not self._new["kind"]:
            return
        rows = pl.DataFrame(self._new, schema=_COLUMNS)
        self._new = {name: [] for name in _COLUMNS}
        self._waiting = pl.concat([self._waiting, self._received(rows)])

    def _received(self, rows: pl.DataFrame) -> pl.DataFrame:
        about, parcel = self._about(rows), rows["parcel"].to_numpy()
        sources = self._by_name(rows["source"])
        chance, truth = self._chance, self._truth
        opening = rows["payload"].str.contains('"opening":true', literal=True)
        scans = (rows["kind"].is_in(_SCANS) & ~opening).to_numpy()
        missed = scans & (chance.uniform("missed scan", about) < truth.missed_scan)
        wrong = chance.uniform("wrong clock", sources) < truth.wrong_clock_share
        drift = np.where(
            wrong,
            chance.between(-truth.wrong_clock_s, truth.wrong_clock_s, "clock", sources),
            chance.between(-1.5, 1.5, "clock", sources),
        )
        occurred = rows["occurred_s"].to_numpy()
        # A thousandth of a second tells messages of one second apart.
        exact = occurred * _MICRO + (chance.uniform("moment", about) * 999_000).astype(np.int64)
        known = np.maximum(exact, rows["told_s"].to_numpy() * _MICRO)
        ids = pl.Series(self._ids.gather(np.maximum(parcel, 0))).set(pl.Series(parcel < 0), None)
        whole = rows.with_columns(
            tenant=pl.lit(TENANT),
            parcel_id=ids,
            occurred_at=pl.Series(exact + (drift * _MICRO).astype(np.int64)).cast(INSTANT),
            received_at=pl.Series(known + self._delay_us(rows, about)).cast(INSTANT),
        ).with_columns(
            source_event_id=pl.format(
                "{}-{}-{}", "kind", pl.coalesce("parcel_id", "subject"), "occurred_s"
            )
        )
        events = whole.filter(~pl.Series(missed)).select(list(EVENTS))
        again = whole.filter(
            pl.Series(scans & ~missed & (chance.uniform("doubled", about) < truth.doubled_scan))
        ).with_columns(
            pl.format("{}-2", "source_event_id").alias("source_event_id"),
            pl.col("occurred_at", "received_at") + pl.duration(seconds=7),
        )
        resent = whole.filter(
            pl.Series(~missed & (chance.uniform("resent", about) < truth.repeated_message))
        ).with_columns(pl.col("received_at") + pl.duration(seconds=41))
        return pl.concat([events, again.select(list(EVENTS)), resent.select(list(EVENTS))])

    def _delay_us(self, rows: pl.DataFrame, about: NDArray[np.uint64]) -> Ints:
        chance, truth = self._chance, self._truth
        partner = rows["source"].str.starts_with("partner:").to_numpy()
        usual = np.where(
            partner,
            _USUAL_DELAY_S["partner"],
            np.where(rows["kind"].to_numpy() == "position", _USUAL_DELAY_S["position"], _DELAY_S),
        )
        delay = usual * chance.exponential("delay", about)
        handheld = rows["source"].str.starts_with("vehicle:").to_numpy() & (
            rows["kind"].to_numpy() != "position"
        )
        offline = handheld & (chance.uniform("offline", about) < truth.offline_share)
        late = chance.uniform("uploaded", about) * truth.offline_s
        return ((delay + np.where(offline, late, 0.0)) * _MICRO).astype(np.int64)

    def _about(self, rows: pl.DataFrame) -> NDArray[np.uint64]:
        """Key of each message: what kind, of whom, when."""
        parcel = rows["parcel"].to_numpy()
        subject = self._by_name(rows["subject"])
        whom = np.where(parcel >= 0, self._keys[np.maximum(parcel, 0)], subject)
        kind = self._by_name(rows["kind"])
        instant = rows["occurred_s"].to_numpy().astype(np.uint64)
        return whom ^ (kind * np.uint64(3)) ^ (instant * np.uint64(0x9E3779B97F4A7C15))

    def _by_name(self, names: pl.Series) -> NDArray[np.uint64]:
        distinct = names.unique()
        keys = keys_of(distinct.to_list())
        table = pl.DataFrame({"name": distinct, "key": pl.Series(keys, dtype=pl.UInt64)})
        named = names.to_frame("name").join(table, on="name", how="left", maintain_order="left")
        return named["key"].to_numpy()
