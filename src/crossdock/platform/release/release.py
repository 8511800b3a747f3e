"""Releases a run: every gate, then the papers, then the version in its manifest."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import polars as pl

from crossdock.measure import (
    GateFault,
    Overridden,
    Override,
    apart,
    not_checked,
    release_gates,
)
from crossdock.measure.handout import Paper, handout_papers
from crossdock.model import GateClosedError
from crossdock.platform.clock import SystemClock
from crossdock.platform.release.export import check_export, write_export
from crossdock.platform.store import RunFolder

FAULTS_SHOWN = 20
RECEIPT = "release.json"
EXPORT = "export"


@dataclass(frozen=True)
class ReleaseResult:
    """A released plan.

    Attributes
    ----------
    version
        1 for the first release of the run.
    content_hash
        SHA-256 of every paper: equal for equal papers.
    papers
        Files written, by kind.
    not_checked
        What the gates could not check for want of data.
    overridden
        What it went out with, and who answers for it.
    """

    run_path: Path
    export_path: Path
    version: int
    released_at: dt.datetime
    content_hash: str
    papers: dict[str, int]
    not_checked: tuple[str, ...]
    overridden: tuple[Overridden, ...] = ()

    def __str__(self) -> str:
        """The release in a few lines of a terminal."""
        counts = ", ".join(f"{count:,} {kind}" for kind, count in self.papers.items())
        lines = [f"version {self.version} in {self.export_path} ({counts})"]
        lines += [f"not checked: {sentence}" for sentence in self.not_checked]
        lines += [
            f"overridden by {each.override.by}: {each.fault}; reason: {each.override.reason}"
            for each in self.overridden
        ]
        return "\n".join(lines)


def release_run(
    run_path: Path,
    out: Path | None = None,
    *,
    released_at: dt.datetime | None = None,
    overrides: Sequence[Override] = (),
) -> ReleaseResult:
    """Check every gate of a run, write its papers and give it a version.

    Parameters
    ----------
    run_path
        The run folder.
    out
        Where the papers go; None: ``export`` in the run. A release that is there is replaced as
        a whole.
    released_at
        None: now.
    overrides
        Faults that somebody answers for; they are kept with the release.

    Raises
    ------
    GateClosedError
        A gate is not passed; the message lists what is not legal, and nothing is written.
    InvalidValueError
        An override cannot be.
    UsageError
        ``out`` holds files that are not a release.
    NotFoundError, InputUnusableError
        ``run_path`` is not a run.
    """
    run = RunFolder.open(run_path)
    export_path = run_path / EXPORT if out is None else out
    check_export(export_path, RECEIPT)
    tables, orders = _with_background(run.read_tables(), run.read_table("orders"))
    network = run.read_network()
    faults, overridden = apart(release_gates(tables, network), overrides)
    _refuse(faults)
    instant = SystemClock().now() if released_at is None else released_at
    papers = list(handout_papers(tables, orders, network, released_at=instant))
    result = ReleaseResult(
        run_path=run_path,
        export_path=export_path,
        version=_last_version(run) + 1,
        released_at=instant,
        content_hash=_content_hash(papers),
        papers=_counts(papers),
        not_checked=tuple(not_checked(tables, network)),
        overridden=tuple(overridden),
    )
    receipt = Paper(RECEIPT, json.dumps(_record(result), indent=2, sort_keys=True) + "\n")
    write_export(export_path, [*papers, receipt])
    run.with_manifest({"release": _record(result)})
    return result


def _with_background(
    tables: dict[str, pl.DataFrame], orders: pl.DataFrame
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """The plan with the parcels that were under way before it: they ride and are handed over."""
    if tables.get("background_parcels", pl.DataFrame()).is_empty():
        return tables, orders
    whole = {
        name: pl.concat([tables[name], tables[f"background_{name}"]])
        for name in ("parcels", "ledger")
    }
    return {**tables, **whole}, pl.concat([orders, tables["background_orders"]])


def _refuse(faults: list[GateFault]) -> None:
    if not faults:
        return
    shown = [f"  {fault}" for fault in faults[:FAULTS_SHOWN]]
    if len(faults) > FAULTS_SHOWN:
        shown.append(f"  ... and {len(faults) - FAULTS_SHOWN:,} more")
    raise GateClosedError(
        "\n".join([f"the plan is not released: {len(faults):,} faults", *shown]),
        remedy="mend what is listed and plan again; nothing was written",
    )


def _last_version(run: RunFolder) -> int:
    release = cast("dict[str, Any]", run.manifest.get("release") or {})
    return int(release.get("version", 0))


def _content_hash(papers: Iterable[Paper]) -> str:
    digest = hashlib.sha256()
    for paper in sorted(papers, key=lambda each: each.path):
        digest.update(f"{paper.path}\0{len(paper.text)}\0".encode())
        digest.update(paper.text.encode())
    return digest.hexdigest()


def _counts(papers: list[Paper]) -> dict[str, int]:
    """``tenders`` in rows; sheets, manifests and handoffs in documents, page and table as one."""
    tenders = next(paper for paper in papers if paper.path == "tenders.csv")
    counts = {"tenders": pl.read_csv(tenders.text.encode(), infer_schema=False).height}
    for kind in ("door_sheets", "manifests", "handoffs"):
        counts[kind] = sum(
            paper.path.startswith(f"{kind}/") and paper.path.endswith(".csv") for paper in papers
        )
    return counts


def _record(result: ReleaseResult) -> dict[str, Any]:
    entry = asdict(result)
    del entry["run_path"], entry["export_path"]
    overridden = [each.record() for each in result.overridden]
    return {**entry, "overridden": overridden, "released_at": result.released_at.isoformat()}
