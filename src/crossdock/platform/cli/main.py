"""The ``crossdock`` command: which commands there are, and how a run of one ends.

Nothing heavy is imported before a command is chosen, so that ``crossdock --help`` is immediate.
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from typing import NamedTuple

import click

INTERRUPTED = 130


class _Entry(NamedTuple):
    module: str
    attribute: str
    summary: str


COMMANDS = {
    "demo": _Entry("demo", "demo", "Run one peak Monday of the built-in network."),
    "network": _Entry("network", "network", "Write or check the files that describe a network."),
    "plan": _Entry("plan", "plan", "Plan orders: loads, routes, promises and costs."),
    "run": _Entry("run", "run", "Plan, release, play the days, and measure what happened."),
    "resume": _Entry("run", "resume", "Finish a run that was stopped."),
    "rebuild": _Entry("run", "rebuild", "Prove a run's tables from its event log."),
    "release": _Entry("release", "release", "Check a plan and write what people work from."),
    "explain": _Entry("explain", "explain", "Say why a parcel, load or route is as it is."),
    "diff": _Entry("diff", "diff", "Compare two runs, with reasons."),
    "compare": _Entry("compare", "compare", "Compare two policies on the same luck."),
    "route": _Entry("route", "route", "Plan the routes of a vehicle routing problem."),
    "roads": _Entry("roads", "roads", "Build a road graph; find times and ways on it."),
    "hos": _Entry("hos", "hos", "Audit duty logs; hours left; legal plans of stops."),
    "comply": _Entry("comply", "comply", "Answer cases of rules; judge a trip before it leaves."),
    "eld": _Entry("eld", "eld", "Read files of electronic logging devices; draw a driver's day."),
    "serve": _Entry("serve", "serve", "Serve the live tower over a store."),
    "admin": _Entry("admin", "admin", "Make keys and users of a store; check its audit log."),
    "bench": _Entry("bench", "bench", "Measure Crossdock on this machine."),
}
"""Every command: its module beside this one, the name in it, one line for the list."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command ``cmd_name``; None when there is none."""
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        module = importlib.import_module(f"crossdock.platform.cli.{entry.module}")
        command: click.Command = getattr(module, entry.attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


def _print_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from importlib.metadata import version  # noqa: PLC0415

        click.echo(f"crossdock {version('crossdock')}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: crossdock demo",
)
@click.option("--quiet", is_flag=True, help="Show no progress.")
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
@click.pass_context
def crossdock(ctx: click.Context, quiet: bool) -> None:
    """Plan, run and measure an e-commerce delivery network."""
    ctx.obj = quiet


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 done, 2 wrong usage or unusable input, 3 some rows rejected, 4 infeasible or not found,
    130 interrupted, 1 anything unforeseen. An error is one line on stderr, with its remedy in a
    second; ``CROSSDOCK_DEBUG=1`` shows where it arose.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code = crossdock.main(arguments, prog_name="crossdock", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except (click.Abort, KeyboardInterrupt):
        return _interrupted()
    except BrokenPipeError:
        return _reader_left()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return 2
    except click.ClickException as error:
        return _usage_error(error)
    except Exception as error:  # the edge of the program: nothing above can answer it
        return _failed(error)


def _interrupted() -> int:
    click.echo("interrupted", err=True)
    return INTERRUPTED


def _reader_left() -> int:
    """``crossdock ... | head``: the reader has seen enough, which is no error."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())  # or the interpreter complains at its end
    return 0


def _usage_error(error: click.ClickException) -> int:
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else ""
    _say(error.format_message(), f"see `{command or 'crossdock'} --help`")
    return 2


def _failed(error: Exception) -> int:
    from crossdock.model import CrossdockError, InterruptedRunError  # noqa: PLC0415 heavy

    _trace(error)
    if isinstance(error, InterruptedRunError):
        if error.remedy:
            click.echo(f"interrupted: {error.message}; {error.remedy}", err=True)
            return INTERRUPTED
        return _interrupted()
    if isinstance(error, CrossdockError):
        _say(error.message, error.remedy)
        return error.exit_code
    said = " ".join(str(error).split())
    _say(
        f"unexpected {type(error).__name__}: {said}",
        "this is a bug: please report it with the output of the same command "
        "under CROSSDOCK_DEBUG=1",
    )
    return 1


def _say(message: str, remedy: str) -> None:
    click.echo(f"error: {' '.join(message.split())}", err=True)
    if remedy:
        click.echo(f"remedy: {remedy}", err=True)


def _trace(error: Exception) -> None:
    if os.environ.get("CROSSDOCK_DEBUG") == "1":
        traceback.print_exception(error)
