"""The routes of a facility on a date of a draft, as a script changes them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]


class PlanDay:
    """A facility-day of a plan. What it changes goes by the version that it read last.

    Parameters
    ----------
    path
        Of the day.
    get, post, save
        Ask the server for an object, for a change under a key, for a file.
    """

    def __init__(
        self,
        path: str,
        get: Callable[[str, Mapping[str, str] | None], Row],
        post: Callable[[str, object, str | None], Row],
        save: Callable[[str, Mapping[str, str]], bytes],
    ) -> None:
        self._path, self._get, self._post, self._save = path, get, post, save
        self._version: int | None = None

    @property
    def version(self) -> int:
        """Number of the last edit that is known of; asked for where none was read."""
        return self._version if self._version is not None else int(self.read()["version"])

    def read(self) -> Row:
        """Its routes with their strips of time and stops, and the vehicles left over."""
        found = self._get(self._path, None)
        self._version = int(found["version"])
        return found

    def preview(self, parcel_ids: Sequence[str], to_vehicle_id: str | None = None) -> list[Row]:
        """Stops weighed on every vehicle, or on one; nothing is changed."""
        asked: Row = {"version": self.version, "parcel_ids": list(parcel_ids)}
        if to_vehicle_id is not None:
            asked["to_vehicle_id"] = to_vehicle_id
        return self._post(f"{self._path}/preview", asked, None)["weighed"]

    def move(
        self, parcel_ids: Sequence[str], to_vehicle_id: str, *, behind: int | None = None
    ) -> Row:
        """Have the stops of parcels served by another vehicle, ``behind`` so many of its stops."""
        asked = {"parcel_ids": list(parcel_ids), "to_vehicle_id": to_vehicle_id, "behind": behind}
        return self._edit("moves", asked)

    def lock(
        self,
        *,
        vehicle_ids: Sequence[str] = (),
        parcel_ids: Sequence[str] = (),
        locked: bool = True,
    ) -> Row:
        """Lock routes, or stops on their vehicle; or free them."""
        asked = {"vehicle_ids": list(vehicle_ids), "parcel_ids": list(parcel_ids)}
        return self._edit("locks", {**asked, "locked": locked})

    def optimise(self, *, seconds: float = 20.0) -> str:
        """Have what is not locked planned anew; the id of the job that does it."""
        asked = {"version": self.version, "seconds": seconds}
        self._version = None  # the job changes the day
        return self._post(f"{self._path}/optimise", asked, _new_key())["job_id"]

    def end_search(self, job_id: str) -> None:
        """Have such a job end now with what it has found; `cancel_job` discards that."""
        self._post(f"{self._path}/optimise/{job_id}/end", {}, _new_key())

    def changes(self, *, against: str | None = None, at: int | None = None) -> Row:
        """Differences from another plan, or from this one after an edit; 0: as it was made."""
        asked = {} if against is None else {"against": against}
        if at is not None:
            asked["at"] = str(at)
        return self._get(f"{self._path}/changes", asked)

    def export(self, kind: str = "csv") -> bytes:
        """Stops as ``csv``, routes as ``geojson``, what each driver takes along as ``pdf``."""
        return self._save(f"{self._path}/export", {"format": kind})

    def _edit(self, act: str, asked: Row) -> Row:
        made = self._post(f"{self._path}/{act}", {"version": self.version, **asked}, _new_key())
        self._version = int(made["version"])
        return made


def _new_key() -> str:
    return str(uuid.uuid4())
