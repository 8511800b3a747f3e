"""What is in the box: measures, weight, value by kind of goods."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from crossdock.model.order import MAX_WEIGHT_KG
from crossdock.model.units import CM3_PER_M3


class _Goods(NamedTuple):
    """A kind of goods; medians and sigmas of lognormals. All are assumptions †."""

    share: float
    litres: float
    litres_sigma: float
    kg_per_litre: float
    density_sigma: float
    value_usd: float
    value_sigma: float


_KINDS = (
    _Goods(0.27, 8.4, 0.55, 0.12, 0.35, 48, 0.6),  # clothing
    _Goods(0.10, 5.4, 0.60, 0.19, 0.40, 70, 0.7),  # shoes and accessories
    _Goods(0.14, 3.6, 0.60, 0.26, 0.40, 32, 0.6),  # beauty, health
    _Goods(0.13, 7.8, 0.80, 0.19, 0.45, 120, 0.9),  # electronics
    _Goods(0.08, 3.0, 0.50, 0.40, 0.30, 24, 0.5),  # books, media
    _Goods(0.15, 20.5, 0.80, 0.11, 0.50, 55, 0.7),  # home
    _Goods(0.08, 19.0, 0.70, 0.10, 0.40, 36, 0.6),  # toys
    _Goods(0.05, 17.0, 0.55, 0.33, 0.40, 42, 0.5),  # pet, grocery
)
_LITRES_RANGE = (0.3, 180.0)
_ASPECT_RANGE = (1.0, 2.4)
_SHORTEST_CM = 2.0
_WEIGHT_RANGE_KG = (0.08, MAX_WEIGHT_KG * 0.8)
_MORE_PIECES_SHARE = 0.015  # orders of two or three equal pieces †


def draw_goods(parcels: int, rng: np.random.Generator) -> pl.DataFrame:
    """Measures of each order's piece, within the parcel limits.

    Returns
    -------
    polars.DataFrame
        ``weight_kg, length_cm, width_cm, height_cm, declared_value_usd, pieces``.
    """
    table = np.array(_KINDS, dtype=np.float64)
    kind = table[rng.choice(len(table), size=parcels, p=table[:, 0] / table[:, 0].sum())]
    _, litres, litres_sigma, density, density_sigma, value, value_sigma = kind.T
    volume_l = np.clip(litres * np.exp(litres_sigma * rng.standard_normal(parcels)), *_LITRES_RANGE)
    weight_kg = volume_l * density * np.exp(density_sigma * rng.standard_normal(parcels))
    # Length and width as multiples of the height; the largest box is 135 cm long, 325 with girth.
    length_ratio, width_ratio = np.sort(rng.uniform(*_ASPECT_RANGE, (2, parcels)), axis=0)[::-1]
    height_cm = np.cbrt(volume_l * CM3_PER_M3 / 1000 / (length_ratio * width_ratio))
    usd = value * np.exp(value_sigma * rng.standard_normal(parcels))
    more = rng.random(parcels) < _MORE_PIECES_SHARE
    return pl.DataFrame(
        {
            "weight_kg": np.clip(weight_kg, *_WEIGHT_RANGE_KG).round(2),
            "length_cm": _rounded_cm(height_cm * length_ratio),
            "width_cm": _rounded_cm(height_cm * width_ratio),
            "height_cm": _rounded_cm(height_cm),
            "declared_value_usd": usd.round(2),
            "pieces": np.where(more, rng.integers(2, 4, parcels), 1),
        }
    )


def _rounded_cm(
    length_cm: NDArray[np.float64],
) -> NDArray[np.float64]:
    return np.maximum(length_cm, _SHORTEST_CM).round(1)
