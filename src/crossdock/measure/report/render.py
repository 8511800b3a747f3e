"""Puts the parts of the page together; nothing in it is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast

import jinja2

from crossdock.measure.frames import LADDER_NAMES, Tables
from crossdock.measure.ledger import RunSummary, summarize
from crossdock.measure.report.costs import cost_content
from crossdock.measure.report.figures import FILTERS
from crossdock.measure.report.headline import headline_cards, verdict_sentence
from crossdock.measure.report.lanes import lane_content
from crossdock.measure.report.lastmile import lastmile_content
from crossdock.measure.report.lived import Days, Lived, lived_content
from crossdock.measure.report.network_map import map_content
from crossdock.measure.report.notes import decision_content, notes_content
from crossdock.measure.report.page import Page
from crossdock.measure.report.promises import gap_content, promise_content
from crossdock.model.network import Network


def render_report(
    tables: Tables,
    manifest: Mapping[str, Any],
    network: Network,
    *,
    baseline: RunSummary | Tables | None = None,
    lived: Lived | None = None,
) -> str:
    """Render a plan, and what happened to it, as one self-contained HTML page.

    Parameters
    ----------
    tables
        Run tables as planned; ``rejects`` too, where there are any.
    manifest
        Read where present: ``seed, policy, assumptions, stages, versions, linehaul`` (with
        ``cost_usd, bound_usd, gap, stopped_by``).
    network
        The network the plan was made on.
    baseline
        What the plan is compared with: a `RunSummary`, or the tables of a run on the same network.
    lived
        What happened: the page leads with it, the plan follows. None: nothing has happened yet.

    Returns
    -------
    str
        UTF-8 text that refers to nothing outside itself; all text of the run is escaped.
    """
    page = Page(tables, manifest, network, summarize(tables, network), _summary(baseline, network))
    return (
        _templates()
        .get_template("report.html.j2")
        .render(
            title=_title(page),
            lived=None if lived is None else _lived(page, lived),
            verdict=verdict_sentence(page),
            cards=headline_cards(page),
            map=map_content(page),
            costs=cost_content(page),
            promises=promise_content(page),
            lanes=lane_content(page),
            lastmile=lastmile_content(page),
            gaps=gap_content(page),
            decisions=decision_content(page),
            notes=notes_content(page),
            names=page.names,
            ladder_names=LADDER_NAMES,
            compared=page.baseline is not None,
        )
    )


def _summary(baseline: RunSummary | Tables | None, network: Network) -> RunSummary | None:
    if baseline is None or isinstance(baseline, RunSummary):
        return baseline
    return summarize(baseline, network, name="baseline")


def _lived(page: Page, lived: Lived) -> dict[str, Any]:
    dates = _dates(page)
    title = f"What happened to the orders of {dates}" if dates else "What happened"
    return {"title": title, **lived_content(Days(page, lived))}


def _title(page: Page) -> str:
    dates = _dates(page)
    return f"Plan of {dates}" if dates else "Plan"


def _dates(page: Page) -> str:
    dates = page.table("parcels")["ship_date"].drop_nulls().unique().sort()
    if dates.is_empty():
        return ""
    first, last = dates[0], dates[-1]
    start = f"{first:%A} {first.day} {first:%B %Y}"
    return start if first == last else f"{start} to {last.day} {last:%B}"


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("crossdock.measure.report", "partials"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = cast("dict[str, Callable[..., Any]]", environment.filters)  # pyright: ignore[reportUnknownMemberType]
    filters.update(FILTERS)
    return environment
