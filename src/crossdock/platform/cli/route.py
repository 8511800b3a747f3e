"""``crossdock route``: vehicle routing problems of any kind, from a file to routes."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from crossdock.platform.cli.options import FOLDER, quiet_option
from crossdock.platform.cli.route_documents import diff, explain, export, plan, replan, schema

INFEASIBLE = 4
INTERRUPTED = 130
POLICIES = ("greedy", "lazy", "random", "best")
ROUNDINGS = ("exact", "round", "dimacs", "trunc")

SOLVE_EXAMPLE = """\b
Example:
  crossdock route solve docs/examples/tour.vrp --time 5 --out routes.json
"""

DYNAMIC_EXAMPLE = """\b
Example:
  crossdock route dynamic ORTEC.txt --policy best --seed 1 --time 10 --out day.json
"""


GROUP_EXAMPLE = """\b
Example:
  crossdock route plan docs/examples/route_problem.json --time 5 --out plan.json
"""


@click.group(epilog=GROUP_EXAMPLE)
def route() -> None:
    """Plan routes: a problem of your own or a benchmark instance in, legal routes out."""


@route.command("solve", epilog=SOLVE_EXAMPLE)
@click.argument("instance_path", metavar="INSTANCE", type=FOLDER)
@click.option(
    "--time",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    required=True,
    help="Seconds of wall clock, loading and reading included.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the search.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes that search side by side. Default: one a core.",
)
@click.option(
    "--round",
    "rounding",
    type=click.Choice(ROUNDINGS),
    help="Distances: real, nearest whole, one decimal, whole part. Default: by the kind.",
)
@click.option("--out", type=FOLDER, required=True, help="File for the routes.")
@quiet_option
@click.pass_context
def solve(
    ctx: click.Context,
    instance_path: Path,
    seconds: float,
    seed: int,
    workers: int | None,
    rounding: str | None,
    out: Path,
    quiet: bool,
) -> None:
    """Find cheap routes for a benchmark instance within a time limit.

    INSTANCE is VRPLIB (CVRP, VRPTW, MDVRPTW, HFVRP, PCVRPTW, VRPB, MTVRPTWR, SDVRPTW, GVRP,
    explicit matrices), the text of Solomon, of Gehring and Homberger or of Li and Lim, or a route
    of the Amazon challenge. The format is told by the content. Ctrl-C writes the best routes so
    far; exit 4 says that not everything that must be served is.
    """
    began_s = time.perf_counter()  # what is imported from here on takes a second or two
    from crossdock.plan.routing import Rounding  # noqa: PLC0415 quick --help
    from crossdock.platform.routing import solve_file  # noqa: PLC0415
    from crossdock.platform.store import write_json  # noqa: PLC0415

    solved = solve_file(
        instance_path,
        seconds,
        seed,
        Rounding(rounding) if rounding else None,
        workers=(os.cpu_count() or 1) if workers is None else workers,
        began_s=began_s,
    )
    write_json(out, solved.document)
    told, solution = solved.document, solved.solution
    if not quiet:
        left = f", {len(solution.unassigned):,} stops left out" if solution.unassigned else ""
        click.echo(
            f"{told['instance']}: {len(solution.routes):,} routes, cost {told['cost']:,}{left}, "
            f"in {told['wall_s']:.1f} s, into {out}",
            err=True,
        )
    if solution.interrupted:
        ctx.exit(INTERRUPTED)
    if not solution.complete:
        click.echo("error: not everything that must be served fits; see `unassigned`", err=True)
        ctx.exit(INFEASIBLE)


@route.command("dynamic", epilog=DYNAMIC_EXAMPLE)
@click.argument("instance_path", metavar="INSTANCE", type=FOLDER)
@click.option(
    "--policy",
    type=click.Choice(POLICIES),
    default="best",
    show_default=True,
    help="What leaves: all, only what must, half of the rest, what sampled futures advise.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Of the requests, and of the policy's own draws.",
)
@click.option(
    "--time",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    required=True,
    help="Seconds of wall clock, an epoch.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes that ask futures side by side. Default: one a core.",
)
@click.option("--out", type=FOLDER, required=True, help="File for the routes of each epoch.")
@quiet_option
def dynamic(
    instance_path: Path,
    policy: str,
    seed: int,
    seconds: float,
    workers: int | None,
    out: Path,
    quiet: bool,
) -> None:
    """Play a day on which requests appear by the hour, and some have to leave.

    The game of the EURO Meets NeurIPS 2022 competition. INSTANCE is one of ORTEC's, with windows
    and an explicit matrix of seconds; the same seed gives the requests that the competition's own
    environment gives. The cost is the driving of all routes, in seconds.
    """
    from crossdock.plan.routing.dynamic import EpochResult, PolicyName  # noqa: PLC0415 quick --help
    from crossdock.platform.routing import dispatch_file  # noqa: PLC0415
    from crossdock.platform.store import write_json  # noqa: PLC0415

    def tell(result: EpochResult) -> None:
        if not quiet:
            left = sum(map(len, result.routes))
            click.echo(
                f"epoch {result.epoch}: {left:,} requests in {len(result.routes):,} routes, "
                f"cost {result.cost:,}",
                err=True,
            )

    told = dispatch_file(
        instance_path,
        PolicyName(policy),
        seed,
        seconds,
        tell,
        workers=(os.cpu_count() or 1) if workers is None else workers,
    )
    write_json(out, told)
    if not quiet:
        click.echo(f"{policy}: cost {told['cost']:,}, into {out}", err=True)


for _command in (plan, replan, explain, diff, export, schema):
    route.add_command(_command)
