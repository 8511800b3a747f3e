"""What happened to a plan as plain data: the figures of the page, for those who draw their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.measure.frames import Tables
from crossdock.measure.ledger import summarize
from crossdock.measure.report.lived import Days, Lived, lived_record
from crossdock.measure.report.page import Page
from crossdock.model.network import Network


def report_record(
    tables: Tables, manifest: Mapping[str, Any], network: Network, lived: Lived
) -> dict[str, Any]:
    """The report of a plan as plain data: see `crossdock.measure.report.lived.lived_record`.

    Parameters
    ----------
    tables, manifest, network
        As `crossdock.measure.report.render_report` takes them.
    lived
        What happened so far.
    """
    page = Page(tables, manifest, network, summarize(tables, network), None)
    return lived_record(Days(page, lived))
