"""Options that several commands share, spelled once."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from crossdock.platform.planning import PlanRequest

Command = TypeVar("Command", bound=Callable[..., Any])

FOLDER = click.Path(path_type=Path)
"""A path that the command itself checks, so that its error has a remedy."""


def _quiet_anywhere(ctx: click.Context, _: click.Parameter, quiet: bool) -> bool:
    return quiet or ctx.find_object(bool) is True


def quiet_option(command: Command) -> Command:
    """``--quiet``, here or before the command's name."""
    option = click.option(
        "--quiet", is_flag=True, callback=_quiet_anywhere, help="Show no progress."
    )
    return option(command)


def seed_option(command: Command) -> Command:
    """``--seed N``: the root of every random stream."""
    from crossdock.platform.planning import DEFAULT_SEED  # noqa: PLC0415

    return click.option(
        "--seed",
        type=int,
        default=DEFAULT_SEED,
        show_default=True,
        help="Root of every random stream; the same seed and files give the same plan.",
    )(command)


def workers_option(command: Command) -> Command:
    """``--workers N``: items that run at once."""
    return click.option(
        "--workers",
        type=int,
        default=None,
        help="Processes that plan at once; by default one a core. The plan does not depend on it.",
    )(command)


def engine_option(command: Command) -> Command:
    """``--engine local|ray``: where the work runs."""
    from crossdock.platform.engine import ENGINE_KINDS  # noqa: PLC0415

    return click.option(
        "--engine",
        type=click.Choice(ENGINE_KINDS),
        default="local",
        show_default=True,
        help="Where the work runs: on this machine, or on Ray.",
    )(command)


def planning_options(command: Command) -> Command:
    """What is planned and how: the options of ``plan`` and ``run``, read by `plan_request`."""
    from crossdock.platform.planning import (  # noqa: PLC0415
        BUILT_IN_METROS,
        DEFAULT_PARCELS,
        POLICIES,
    )

    options: list[Callable[[Command], Command]] = [
        click.option(
            "--network", "network_dir", type=FOLDER, help="Network files. Default: built in."
        ),
        click.option(
            "--orders",
            "orders_file",
            type=FOLDER,
            help="Orders, CSV or Parquet. Default: generated.",
        ),
        click.option(
            "--parcels", type=int, help=f"Orders to generate. [default: {DEFAULT_PARCELS}]"
        ),
        click.option(
            "--metros",
            type=int,
            help=f"Built-in network: largest N of its {BUILT_IN_METROS} metros.",
        ),
        click.option(
            "--start-date",
            type=click.DateTime(["%Y-%m-%d"]),
            help="First ship date. Default: the earliest local order date of the file.",
        ),
        seed_option,
        workers_option,
        engine_option,
        click.option(
            "--policy",
            type=click.Choice(POLICIES),
            default="crossdock",
            show_default=True,
            help="baseline: how a good spreadsheet planner would do it, to compare with.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def plan_request(
    *, start_date: dt.datetime | None, workers: int | None, **asked: Any
) -> PlanRequest:
    """The request that `planning_options`, ``--out`` and ``--quiet`` spell."""
    from crossdock.platform.planning import PlanRequest  # noqa: PLC0415

    return PlanRequest(
        start_date=start_date.date() if start_date else None,
        workers=(os.cpu_count() or 1) if workers is None else workers,
        **asked,
    )


def watching_options(command: Command) -> Command:
    """Whether and how a run is watched: ``--no-serve``, ``--speed``, ``--port``."""
    options: list[Callable[[Command], Command]] = [
        click.option(
            "--no-serve", is_flag=True, help="Run through without serving the live tower."
        ),
        click.option(
            "--speed",
            metavar="X",
            callback=_speed,
            default="60",
            show_default=True,
            help="Seconds of the day in a second, 1 to 600; or max.",
        ),
        click.option(
            "--port",
            type=click.IntRange(1, 65_535),
            default=8_000,
            show_default=True,
            help="Where the tower is served.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _speed(_: click.Context, __: click.Parameter, told: str) -> float | None:
    """A pace of the day: 1 to 600, or ``max`` (None)."""
    if told == "max":
        return None
    try:
        speed = float(told)
    except ValueError:
        speed = 0.0
    if not 1.0 <= speed <= 600.0:
        raise click.BadParameter(f"{told!r} is not from 1 to 600, nor max")
    return speed
