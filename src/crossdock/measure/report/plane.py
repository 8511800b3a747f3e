"""A metro's map: degrees to pixels, north up, true to shape at its middle."""

from __future__ import annotations

import math

import polars as pl

from crossdock.measure.report.page import Page

WIDTH, HEIGHT, MARGIN = 640.0, 460.0, 16.0
_MILES_A_DEGREE = 69.09


class MetroPlane:
    """Where a metro's stops and station lie on its map.

    Attributes
    ----------
    station
        Pixels of the station; None where its place is not known.
    """

    def __init__(self, station: tuple[float, float] | None, spans: list[tuple[float, float]]):
        latitudes, longitudes = [lat for lat, _ in spans], [lon for _, lon in spans]
        self._south, self._west = min(latitudes), min(longitudes)
        middle = math.radians((self._south + max(latitudes)) / 2)
        self._narrow = math.cos(middle)
        high = max(max(latitudes) - self._south, 1e-6)
        wide = max((max(longitudes) - self._west) * self._narrow, 1e-6)
        self._pixels = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high)
        self._left = (WIDTH - wide * self._pixels) / 2
        self._bottom = (HEIGHT + high * self._pixels) / 2
        self.station = None if station is None else self._at(*station)

    @classmethod
    def around(cls, page: Page, place: str, parts: list[pl.DataFrame]) -> MetroPlane:
        """Plane that shows every stop and the station."""
        home = page.network["facilities"].filter(pl.col("facility_id") == place)
        located = home.drop_nulls(["latitude", "longitude"])
        station = located.select("latitude", "longitude").row(0) if located.height else None
        corners = [
            (float(corner["latitude"]), float(corner["longitude"]))
            for part in parts
            for corner in (
                part.select(pl.col("latitude", "longitude").min()).row(0, named=True),
                part.select(pl.col("latitude", "longitude").max()).row(0, named=True),
            )
        ]
        spans = [*corners, *([station] if station else [])]
        return cls(station, spans or [(0.0, 0.0)])

    def points(self, part: pl.DataFrame | None) -> list[tuple[int, int]]:
        """Stops in pixels, in their order."""
        if part is None:
            return []
        return [self._at(*row) for row in part.select("latitude", "longitude").iter_rows()]

    def tour(self, points: list[tuple[int, int]]) -> str:
        """Path from the station over its stops and back."""
        home = [] if self.station is None else [self.station]
        return "M" + "L".join(f"{x},{y}" for x, y in [*home, *points, *home]) if points else ""

    def scale_bar(self) -> dict[str, float]:
        """A round number of miles about a fifth of the map wide, and its pixels."""
        pixels_a_mile = self._pixels / _MILES_A_DEGREE
        fitting = [miles for miles in (0.5, 1, 2, 5, 10, 20, 50) if miles * pixels_a_mile <= 160]
        miles = max(fitting, default=0.5)
        return {"miles": miles, "pixels": round(miles * pixels_a_mile, 1)}

    def _at(self, latitude: float, longitude: float) -> tuple[int, int]:
        x = self._left + (longitude - self._west) * self._narrow * self._pixels
        y = self._bottom - (latitude - self._south) * self._pixels
        return round(x), round(y)
