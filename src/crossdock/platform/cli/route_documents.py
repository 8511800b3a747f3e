"""``crossdock route plan`` and what goes with it: the product's own problems as documents."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from crossdock.platform.cli.options import FOLDER, quiet_option

if TYPE_CHECKING:
    from crossdock.platform.roads import RoadSource
    from crossdock.platform.routing.documents import FaultyDocumentError

SKIPPED = 3
INFEASIBLE = 4
INTERRUPTED = 130
DOCUMENTS = ("problem", "plan", "events")

roads_option = click.option(
    "--roads",
    "roads_source",
    metavar="GRAPH",
    help='For distances {"kind": "roads"}: a graph of `crossdock roads build`, an extract '
    "(.osm.pbf), valhalla:URL, or osrm:URL/PROFILE.",
)
roads_cache_option = click.option(
    "--roads-cache", type=FOLDER, help="Folder in which matrices over roads are kept."
)


PLAN_EXAMPLE = """\b
Example:
  crossdock route plan docs/examples/route_problem.json --time 5 --out plan.json
  crossdock route plan over_roads.json --roads chicago.roads --time 10 --out plan.json
"""


@click.command("plan", epilog=PLAN_EXAMPLE)
@click.argument("problem_path", metavar="PROBLEM.json", type=FOLDER)
@click.option(
    "--time",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds of wall clock, loading and reading included.",
)
@click.option(
    "--iterations",
    type=click.IntRange(min=0),
    help="Of the search: without --time the same seed gives the same plan.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the search.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes that search side by side. Default: one a core.",
)
@click.option("--start", "start_path", type=FOLDER, help="A plan of this problem to begin with.")
@click.option(
    "--skip-bad", is_flag=True, help="Plan the good rows; the plan lists the others in `skipped`."
)
@roads_option
@roads_cache_option
@click.option("--out", type=FOLDER, required=True, help="File for the plan.")
@quiet_option
@click.pass_context
def plan(
    ctx: click.Context,
    problem_path: Path,
    seconds: float | None,
    iterations: int | None,
    seed: int,
    workers: int | None,
    start_path: Path | None,
    skip_bad: bool,
    roads_source: str | None,
    roads_cache: Path | None,
    out: Path,
    quiet: bool,
) -> None:
    """Plan the routes of a problem of your own.

    PROBLEM.json holds depots, vehicles, jobs, shipments and distances, with units in the names of
    fields; `crossdock route schema problem` prints its schema. A problem with faults is refused,
    and every one of them is named. Exit 3: rows were skipped. Exit 4: not everything required fits.
    Ctrl-C writes the best plan so far.
    """
    began_s = time.perf_counter()  # what is imported from here on takes a second or two
    from crossdock.platform.routing.documents import (  # noqa: PLC0415 quick --help
        FaultyDocumentError,
        SearchAsked,
        plan_file,
    )
    from crossdock.platform.store import write_json  # noqa: PLC0415

    asked = SearchAsked(seconds, iterations, seed, workers or os.cpu_count() or 1)
    try:
        planned = plan_file(
            problem_path, asked, start_path=start_path, skip_bad=skip_bad, began_s=began_s,
            roads=_roads(roads_source, roads_cache),
        )  # fmt: skip
    except FaultyDocumentError as error:
        refuse_faulty(ctx, error)
    write_json(out, planned.document)
    tell_and_end(ctx, planned.document, out, quiet=quiet)


REPLAN_EXAMPLE = """\b
Example:
  crossdock route replan docs/examples/route_problem.json plan.json \\
    --events docs/examples/route_events.json --time 5 --out new.json
"""


@click.command("replan", epilog=REPLAN_EXAMPLE)
@click.argument("problem_path", metavar="PROBLEM.json", type=FOLDER)
@click.argument("plan_path", metavar="PLAN.json", type=FOLDER)
@click.option(
    "--events", "events_path", type=FOLDER, required=True, help="What has happened, and now."
)
@click.option(
    "--time",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds of wall clock, loading and reading included.",
)
@click.option(
    "--iterations",
    type=click.IntRange(min=0),
    help="Of the search: without --time the same seed gives the same plan.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the search.")
@roads_option
@roads_cache_option
@click.option("--problem-out", type=FOLDER, help="File for the problem as it now is.")
@click.option("--out", type=FOLDER, required=True, help="File for the new plan.")
@quiet_option
@click.pass_context
def replan(
    ctx: click.Context,
    problem_path: Path,
    plan_path: Path,
    events_path: Path,
    seconds: float | None,
    iterations: int | None,
    seed: int,
    roads_source: str | None,
    roads_cache: Path | None,
    problem_out: Path | None,
    out: Path,
    quiet: bool,
) -> None:
    """Plan the rest of a day again, after orders, vehicles, drivers or traffic have changed.

    Vehicles are where PLAN.json has them at `now`; what they have served is done, what they have on
    board they bring. Events: order_added, order_cancelled, order_moved, vehicle_broken, driver_out,
    traffic (`crossdock route schema events`).
    """
    began_s = time.perf_counter()
    from crossdock.platform.routing.documents import (  # noqa: PLC0415 quick --help
        FaultyDocumentError,
        SearchAsked,
        replan_files,
    )
    from crossdock.platform.store import write_json  # noqa: PLC0415

    asked = SearchAsked(seconds, iterations, seed)
    try:
        found = replan_files(
            problem_path, plan_path, events_path, asked, began_s=began_s,
            roads=_roads(roads_source, roads_cache),
        )  # fmt: skip
    except FaultyDocumentError as error:
        refuse_faulty(ctx, error)
    write_json(out, found.document)
    if problem_out is not None:
        write_json(problem_out, found.problem)
    if not quiet:
        changes = found.document["changes"]
        done = sum(len(each["stops"]) for each in found.document["done"])
        click.echo(
            f"{done:,} stops done before; {len(changes['moved']):,} go to another vehicle, "
            f"{len(changes['etas']):,} times move, {len(changes['added']):,} are new",
            err=True,
        )
    tell_and_end(ctx, found.document, out, quiet=quiet)


EXPLAIN_EXAMPLE = """\b
Example:
  crossdock route explain docs/examples/route_problem.json plan.json --stop A-113
"""


@click.command("explain", epilog=EXPLAIN_EXAMPLE)
@click.argument("problem_path", metavar="PROBLEM.json", type=FOLDER)
@click.argument("plan_path", metavar="PLAN.json", type=FOLDER)
@click.option("--stop", metavar="ID", help="Why this stop is on its route, and not on another.")
@roads_option
@roads_cache_option
@click.option("--out", type=FOLDER, help="File for the same as JSON.")
@click.pass_context
def explain(
    ctx: click.Context,
    problem_path: Path,
    plan_path: Path,
    stop: str | None,
    roads_source: str | None,
    roads_cache: Path | None,
    out: Path | None,
) -> None:
    """Say what each route costs, how much it may slip, what binds it; or why a stop is where it is.

    Every route is timed anew, and every other place of a stop is a route that was timed: what is
    said to be feasible keeps every limit.
    """
    from crossdock.platform.routing.documents import (  # noqa: PLC0415 quick --help
        FaultyDocumentError,
        explain_plan,
        explain_stop_of,
        explanation_text,
        question_of,
        read_object_of,
        read_plan,
        read_rows,
        stop_text,
    )
    from crossdock.platform.store import write_json  # noqa: PLC0415

    try:
        roads = _roads(roads_source, roads_cache)
        rows = read_rows(read_object_of(problem_path), problem_path.name, roads=roads)
        question = question_of(rows.document, roads)
        plan = read_plan(read_object_of(plan_path), plan_path.name)
        if stop is None:
            told = explain_plan(question, plan, plan_path.name)
            lines = explanation_text(told)
        else:
            told = explain_stop_of(question, plan, stop, plan_path.name)
            lines = stop_text(told)
    except FaultyDocumentError as error:
        refuse_faulty(ctx, error)
    if out is not None:
        write_json(out, told)
    for line in lines:
        click.echo(line)


DIFF_EXAMPLE = """\b
Example:
  crossdock route diff plan.json new.json
"""


@click.command("diff", epilog=DIFF_EXAMPLE)
@click.argument("was_path", metavar="A.json", type=FOLDER)
@click.argument("now_path", metavar="B.json", type=FOLDER)
@click.option(
    "--tolerance",
    "tolerance_s",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds by which the begin of service may differ unnoticed.",
)
@click.option("--out", type=FOLDER, help="File for the same as JSON.")
@click.pass_context
def diff(
    ctx: click.Context, was_path: Path, now_path: Path, tolerance_s: float, out: Path | None
) -> None:
    """Say where plan B differs from plan A: stops that moved, routes, times, costs by kind."""
    from crossdock.platform.routing.documents import (  # noqa: PLC0415 quick --help
        FaultyDocumentError,
        diff_plans,
        difference_text,
        read_object_of,
        read_plan,
    )
    from crossdock.platform.store import write_json  # noqa: PLC0415

    try:
        was, now = (read_plan(read_object_of(path), path.name) for path in (was_path, now_path))
    except FaultyDocumentError as error:
        refuse_faulty(ctx, error)
    told = diff_plans(was, now, tolerance_s)
    if out is not None:
        write_json(out, told)
    for line in difference_text(told):
        click.echo(line)


EXPORT_EXAMPLE = """\b
Example:
  crossdock route export docs/examples/route_plan.json --as pdf \\
    --timezone America/Chicago --out manifests.pdf
"""


@click.command("export", epilog=EXPORT_EXAMPLE)
@click.argument("plan_path", metavar="PLAN.json", type=FOLDER)
@click.option("--as", "form", type=click.Choice(("csv", "geojson", "pdf")), required=True)
@click.option(
    "--timezone",
    default="UTC",
    show_default=True,
    help="Of the times on manifests, as America/Chicago.",
)
@click.option("--out", type=FOLDER, required=True, help="File to write.")
@click.pass_context
def export(ctx: click.Context, plan_path: Path, form: str, timezone: str, out: Path) -> None:
    """Write a plan for others: stops as CSV, routes as GeoJSON, a manifest a driver as PDF."""
    from crossdock.platform.routing.documents import (  # noqa: PLC0415 quick --help
        FaultyDocumentError,
        plan_csv,
        plan_geojson,
        plan_pdf,
        read_object_of,
        read_plan,
    )
    from crossdock.platform.store import write_file  # noqa: PLC0415

    try:
        plan = read_plan(read_object_of(plan_path), plan_path.name)
    except FaultyDocumentError as error:
        refuse_faulty(ctx, error)
    forms = {"csv": lambda: plan_csv(plan).encode(), "geojson": lambda: plan_geojson(plan),
             "pdf": lambda: plan_pdf(plan, timezone)}  # fmt: skip
    write_file(out, forms[form]())


@click.command("schema")
@click.argument("document", type=click.Choice(DOCUMENTS))
def schema(document: str) -> None:
    """Print the JSON schema (draft 2020-12) of a document."""
    import json  # noqa: PLC0415

    from crossdock.platform.routing.documents import json_schema  # noqa: PLC0415 quick --help

    click.echo(json.dumps(json_schema(document), indent=1, ensure_ascii=False))


def _roads(source: str | None, cache: Path | None) -> RoadSource | None:
    """The roads that are named; None where none are."""
    if source is None:
        if cache is not None:
            raise click.UsageError("--roads-cache goes with --roads")
        return None
    from crossdock.platform.roads import MatrixStore, RoadSource  # noqa: PLC0415 quick --help

    return RoadSource(source, None if cache is None else MatrixStore(cache), for_one=True)


def refuse_faulty(ctx: click.Context, error: FaultyDocumentError) -> NoReturn:
    """Name every fault of a document, one a line, and end."""
    for fault in error.faults:
        click.echo(f"fault: {' '.join(str(fault).split())}", err=True)
    if error.more:
        click.echo("fault: and more", err=True)
    click.echo(f"error: {error.count} in {error.what}", err=True)
    click.echo(f"remedy: {error.remedy}", err=True)
    ctx.exit(error.exit_code)


def tell_and_end(ctx: click.Context, told: dict[str, Any], out: Path, *, quiet: bool) -> None:
    """Say what a plan came to, and end with its exit code."""
    totals, skipped = told["totals"], told["skipped"]
    for each in skipped:
        place = f"{each['row']}: " if each["row"] else ""
        said = f"skipped: {place}{each['field']} {each['reason']}; {each['remedy']}"
        click.echo(" ".join(said.split()), err=True)
    if not quiet:
        left = f", {totals['unassigned']:,} left out" if totals["unassigned"] else ""
        click.echo(
            f"{totals['stops']:,} stops on {totals['routes']:,} routes, "
            f"{totals['distance_m'] / 1000:,.1f} km, {totals['cost_usd']:,.2f} USD{left}, "
            f"in {told['wall_s']:.1f} s, into {out}",
            err=True,
        )
    if told["interrupted"]:
        ctx.exit(INTERRUPTED)
    if not told["complete"]:
        click.echo("error: not everything that must be served fits; see `unassigned`", err=True)
        ctx.exit(INFEASIBLE)
    if skipped:
        ctx.exit(SKIPPED)
