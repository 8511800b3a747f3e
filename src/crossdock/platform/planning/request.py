"""What a plan is asked for, and what came of it."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from crossdock.model import InputUnusableError, UsageError
from crossdock.model.seeds import DEFAULT_SEED
from crossdock.platform.engine import ENGINE_KINDS
from crossdock.platform.store import check_place

if TYPE_CHECKING:  # heavy
    import polars as pl

    from crossdock.model import Network

DEFAULT_PARCELS = 20_000
PEAK_MONDAY = dt.date(2026, 11, 30)
"""Day of the generated orders unless another is asked for: Cyber Monday 2026."""
BUILT_IN_METROS = 45
POLICIES = ("crossdock", "baseline")
PLAN_STAGES = {
    "network": 0.0,
    "orders": 0.01,
    "locate": 0.02,
    "warm start": 0.05,
    "promise": 0.25,
    "linehaul": 0.30,
    "lastmile": 0.60,
    "costs": 0.85,
    "baseline": 0.87,
    "report": 0.96,
}
"""Stages of a plan in their order, each with the share of the time that is past when it begins †
(as measured on the demo; stages that a plan has not are left out)."""
_LONGEST_SCOPE = 16
_LARGEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class PlanRequest:
    """The options of ``crossdock plan``, checked when built.

    Attributes
    ----------
    out
        Run folder to write.
    network_dir
        Folder of network files; None: the built-in network.
    orders_file
        Orders to plan; None: ``parcels`` generated ones.
    parcels
        Orders to generate; None with an orders file, else 20,000 unless given.
    metros
        Cut the built-in network to its largest metros; None: all 45.
    start_date
        First ship date; None: the earliest local order date of the file. For generated orders it
        is the peak Monday 2026-11-30 unless given.
    seed
        Root of every random stream.
    workers
        Items that run at once; by default one a core.
    engine
        ``local`` or ``ray``.
    policy
        ``crossdock``, or ``baseline``: the written-down habit of a good spreadsheet planner.
    quiet
        Show no progress.
    warm_start
        The network is moving already: the generated orders of the two operating days before are
        in it.
    id_scope
        Goes into every id of a parcel, load and route: letters and digits, at most 16.

    Raises
    ------
    UsageError
        An option is out of its range, or two options exclude each other.
    InputUnusableError
        A named file or folder does not exist.
    """

    out: Path
    network_dir: Path | None = None
    orders_file: Path | None = None
    parcels: int | None = None
    metros: int | None = None
    start_date: dt.date | None = None
    seed: int = DEFAULT_SEED
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    engine: str = "local"
    policy: str = "crossdock"
    quiet: bool = False
    warm_start: bool = False
    id_scope: str = ""

    def __post_init__(self) -> None:
        self._check_inputs()
        self._check_numbers()
        _one_of("engine", self.engine, ENGINE_KINDS)
        _one_of("policy", self.policy, POLICIES)
        check_place(self.out)
        if self.orders_file is None:
            _complete(self, "parcels", DEFAULT_PARCELS)
            _complete(self, "start_date", PEAK_MONDAY)

    def _check_inputs(self) -> None:
        if self.orders_file is not None and self.parcels is not None:
            raise UsageError(
                "--orders and --parcels exclude each other",
                remedy="--orders plans a file, --parcels generates orders",
            )
        if self.network_dir is not None and self.metros is not None:
            raise UsageError(
                "--network and --metros exclude each other",
                remedy="--metros cuts the built-in network; leave facilities out of your own",
            )
        if self.orders_file is not None and not self.orders_file.is_file():
            raise InputUnusableError(
                f"no orders file {self.orders_file}", remedy="check the path after --orders"
            )
        if self.network_dir is not None and not self.network_dir.is_dir():
            raise InputUnusableError(
                f"no network folder {self.network_dir}",
                remedy="check the path, or write one: crossdock network init DIR",
            )

    def _check_numbers(self) -> None:
        _in_range("parcels", self.parcels, 1, 10_000_000)
        _in_range("metros", self.metros, 1, BUILT_IN_METROS)
        _in_range("seed", self.seed, 0, _LARGEST_SEED)
        if self.warm_start and (self.orders_file is not None or self.network_dir is not None):
            raise UsageError(
                "a warm start is made of generated orders of the built-in network",
                remedy="leave out --orders and --network, or start cold",
            )
        _in_range("workers", self.workers, 1, 1_024)
        if self.id_scope and not (self.id_scope.isalnum() and len(self.id_scope) <= _LONGEST_SCOPE):
            raise UsageError(
                f"the scope of ids cannot be {self.id_scope!r}",
                remedy=f"use letters and digits, at most {_LONGEST_SCOPE}",
            )


class PlanWatcher(Protocol):
    """Who watches a plan being made."""

    def stage(self, name: str) -> None:
        """One of `PLAN_STAGES` begins."""
        ...

    def orders(self, network: Network, located: pl.DataFrame) -> None:
        """The network and the orders that are planned are known."""
        ...


@dataclass(frozen=True)
class PlanOutcome:
    """What a finished plan left behind.

    Attributes
    ----------
    run_path
        The run folder.
    planned
        Orders in the plan.
    rejected
        Orders that are in ``rejects.csv`` instead.
    """

    run_path: Path
    planned: int
    rejected: int


def _in_range(option: str, value: int | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:
        raise UsageError(
            f"--{option} must be from {low:,} to {high:,}, not {value:,}",
            remedy="give a number in this range or leave it out",
        )


def _one_of(option: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(
            f"--{option} cannot be {value!r}", remedy=f"choose one of: {', '.join(allowed)}"
        )


def _complete(request: PlanRequest, name: str, default: object) -> None:
    if getattr(request, name) is None:
        object.__setattr__(request, name, default)
