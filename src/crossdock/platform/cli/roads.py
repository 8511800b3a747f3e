"""``crossdock roads``: an own road graph, and the ways that vehicles take on it."""

from __future__ import annotations

import math
from pathlib import Path

import click

from crossdock.platform.cli.options import FOLDER, quiet_option

VEHICLES = ("car", "van", "box-truck", "truck")

BUILD_EXAMPLE = """\b
Example:
  crossdock roads build baltimore.osm.pbf --out baltimore.roads
"""

MATRIX_EXAMPLE = """\b
Example:
  crossdock roads matrix baltimore.roads stops.csv --out matrix.parquet
  crossdock roads matrix baltimore.roads stops.csv --vehicle truck --limit-min 30 --out m.parquet
  crossdock roads matrix baltimore.roads stops.csv --traffic usual --at Mon-08 --out m.parquet
  crossdock roads matrix valhalla:http://127.0.0.1:8002 stops.csv --cache kept/ --out m.parquet
  crossdock roads matrix osrm:http://127.0.0.1:5000/driving stops.csv --out matrix.parquet
"""

ROUTE_EXAMPLE = """\b
Example:
  crossdock roads route baltimore.roads --from 39.290,-76.612 --to 39.283,-76.601 --out way.geojson
"""


class Position(click.ParamType[tuple[float, float]]):
    """``LAT,LON`` in degrees."""

    name = "LAT,LON"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        """Latitude and longitude."""
        try:
            latitude, longitude = (float(degrees) for degrees in value.split(","))
        except ValueError:
            latitude = longitude = math.nan
        if not (abs(latitude) <= 90 and abs(longitude) <= 180):
            self.fail(f"{value!r} is no place: give such as 39.290,-76.612", param, ctx)
        return latitude, longitude


vehicle_option = click.option(
    "--vehicle",
    type=click.Choice(VEHICLES),
    default="van",
    show_default=True,
    help="Whose signs, measures and speeds hold.",
)
snap_option = click.option(
    "--snap-m",
    type=click.FloatRange(min=0),
    default=500.0,
    show_default=True,
    help="How far a place may be from a road.",
)


@click.group(epilog="Example: crossdock roads build EXTRACT.osm.pbf --out GRAPH")
def roads() -> None:
    """Build a road graph; find times, distances and ways on it."""


@roads.command("build", epilog=BUILD_EXAMPLE)
@click.argument("extract", metavar="EXTRACT.osm.pbf", type=FOLDER)
@click.option("--out", type=FOLDER, required=True, help="File for the graph.")
@quiet_option
def build(extract: Path, out: Path, quiet: bool) -> None:
    """Make a road graph from an extract of OpenStreetMap.

    The graph holds one-way streets, speeds, access, limits of height, weight and length, lights and
    forbidden turns. OpenStreetMap data are under the ODbL: name the contributors with what you
    make of them.
    """
    from crossdock.platform.roads import read_osm, write_roads  # noqa: PLC0415 quick --help

    graph = read_osm(extract)
    write_roads(graph, out)
    if quiet:
        return
    kilometers = float(graph.length_m.sum(dtype="float64")) / 1000
    click.echo(
        f"{graph.source}: {kilometers:,.0f} km in {graph.edges:,} roads between {graph.nodes:,} "
        f"junctions, {len(graph.turns):,} forbidden turns, into {out}",
        err=True,
    )
    for what, count in graph.remarks:
        click.echo(f"left out: {count:,} {what}", err=True)
    click.echo(graph.attribution, err=True)


@roads.command("matrix", epilog=MATRIX_EXAMPLE)
@click.argument("source", metavar="GRAPH")
@click.argument("places", metavar="POINTS.csv", type=FOLDER)
@vehicle_option
@snap_option
@click.option(
    "--limit-min",
    type=click.FloatRange(min=0, min_open=True),
    help="Longest way that is looked for, in minutes; pairs farther apart are left empty.",
)
@click.option(
    "--traffic",
    metavar="TABLE.csv",
    type=FOLDER,
    help="Speeds by class of road and hour, or `usual`; with --at.",
)
@click.option("--at", metavar="DAY-HOUR", help="Local hour of departure, such as Mon-08.")
@click.option("--cache", type=FOLDER, help="Folder in which matrices are kept.")
@click.option("--out", type=FOLDER, required=True, help="Parquet file for the matrix.")
@quiet_option
def matrix(
    source: str,
    places: Path,
    vehicle: str,
    snap_m: float,
    limit_min: float | None,
    traffic: Path | None,
    at: str | None,
    cache: Path | None,
    out: Path,
    quiet: bool,
) -> None:
    """Find seconds and metres of the quickest ways between all places.

    GRAPH is a file of `crossdock roads build`, or a server: valhalla:URL, osrm:URL/PROFILE; the
    environment variable CROSSDOCK_ROADS_AUTHORIZATION is its Authorization header. POINTS.csv has
    the columns id, latitude, longitude. Written are from_id, to_id, duration_s, distance_m. Exit 4:
    a place is on no road, or there is no way between two.
    """
    from crossdock.platform.roads import (  # noqa: PLC0415 quick --help
        MatrixRequest,
        MatrixStore,
        fill_matrix,
        parse_hour,
        read_traffic,
        write_matrix,
    )

    if (traffic is None) != (at is None):
        raise click.UsageError("--traffic and --at go together")
    found = fill_matrix(
        MatrixRequest(
            source,
            places,
            vehicle,
            snap_m,
            math.inf if limit_min is None else limit_min * 60,
            None if traffic is None else read_traffic(traffic),
            (0, 0) if at is None else parse_hour(at),
            None if cache is None else MatrixStore(cache),
        )
    )
    write_matrix(found, out)
    if not quiet:
        for remark in found.remarks:
            click.echo(remark, err=True)
        click.echo(f"{found.table.height:,} pairs, into {out}", err=True)


@roads.command("route", epilog=ROUTE_EXAMPLE)
@click.argument("graph", metavar="GRAPH", type=FOLDER)
@click.option("--from", "start", type=Position(), required=True, help="Where it begins.")
@click.option("--to", "end", type=Position(), required=True, help="Where it ends.")
@vehicle_option
@snap_option
@click.option("--out", type=FOLDER, help="File for the way. Default: standard output.")
def route(
    graph: Path,
    start: tuple[float, float],
    end: tuple[float, float],
    vehicle: str,
    snap_m: float,
    out: Path | None,
) -> None:
    """Draw the quickest way between two places, as GeoJSON for a map."""
    import json  # noqa: PLC0415 quick --help

    from crossdock.platform.roads import draw_way  # noqa: PLC0415
    from crossdock.platform.store import write_json  # noqa: PLC0415

    way = draw_way(graph, vehicle, (start, end), snap_m)
    if out is None:
        click.echo(json.dumps(way))
    else:
        write_json(out, way)
