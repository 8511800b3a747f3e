"""The learned ETA model: distributions by group, and its file."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from crossdock.model import InputUnusableError
from crossdock.predict.eta.learned.groups import Curves, Shares

FORMAT = b"crossdock-eta/1\n"
_SHIPPED = Path(__file__).parents[1] / "data" / "eta_model.bin"


@dataclass(frozen=True)
class EtaModel:
    """How the parts of a path went, in history.

    Attributes
    ----------
    name
        Written with each prediction.
    facts
        What it was learned from: ``days``, ``parcels``, ``first_date``, ``last_date``.
    curves
        Quantile functions: ``delay`` (s, of a departure), ``road`` (actual over planned transit),
        ``detour`` (s late at the last facility after a missed connection), ``street`` (s, actual
        less planned at a stop), ``redo_hour`` (s of the local day, of a stop that was not planned),
        ``partner_hour`` (the same at a partner), ``counter`` (s until collected), ``scan_lag`` (s).
    shares
        Probabilities: ``unsorted``, ``detour_never``, ``skipped``, ``redo`` (delivery days),
        ``early`` (the same, of a handoff before the planned one),
        ``first_failure``, ``after_failure``, ``gap`` (delivery days), ``again_failure``,
        ``partner`` (delivery days), ``collected``, ``missed_scan``.
    """

    name: str
    facts: Mapping[str, Any]
    curves: Mapping[str, Curves]
    shares: Mapping[str, Shares]

    def to_bytes(self) -> bytes:
        """The model as a file: a line with the version, then compressed JSON."""
        cells = {
            "name": self.name,
            "facts": dict(self.facts),
            "curves": {name: curve.cells() for name, curve in self.curves.items()},
            "shares": {name: share.cells() for name, share in self.shares.items()},
        }
        text = json.dumps(cells, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return FORMAT + zlib.compress(text.encode(), 9)

    @classmethod
    def from_bytes(cls, data: bytes) -> EtaModel:
        """The model that `to_bytes` wrote.

        Raises
        ------
        InputUnusableError
            ``data`` is no ETA model, or one of another version.
        """
        head, line, body = data.partition(b"\n")
        if head + line != FORMAT:
            version = head[:40].decode("ascii", "replace")
            told = version if version.startswith("crossdock-eta/") else "no ETA model"
            raise InputUnusableError(
                f"the ETA model cannot be read: it is {told}, not {FORMAT.decode().strip()}",
                remedy="build it again with this version: scripts/build_eta_model.py",
            )
        try:
            cells = json.loads(zlib.decompress(body))
            return cls(
                name=cells["name"],
                facts=cells["facts"],
                curves={name: Curves.of(curve) for name, curve in cells["curves"].items()},
                shares={name: Shares.of(share) for name, share in cells["shares"].items()},
            )
        except (zlib.error, ValueError, KeyError) as error:
            raise InputUnusableError(
                "the ETA model cannot be read: the file is damaged",
                remedy="build it again: scripts/build_eta_model.py",
            ) from error


@cache
def default_eta_model() -> EtaModel:
    """The model of the built-in network that ships with the package."""
    return EtaModel.from_bytes(_SHIPPED.read_bytes())
