"""Options that several commands share, spelled once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

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
