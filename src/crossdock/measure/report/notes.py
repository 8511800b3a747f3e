"""Why, on what grounds, and how honestly: decisions, assumptions, bound, seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import polars as pl

from crossdock.measure.decisions import Decision, read_decision
from crossdock.measure.report.page import Page

MOST_DECISIONS = 6
"""Decisions shown of each question: those that save most."""
MOST_ADVICE = 10


def decision_content(page: Page) -> dict[str, Any]:
    """Decisions by question, with what they saved, and break-even advice."""
    decisions = page.table("decisions")
    by_question = [
        _question(str(question), [read_decision(row) for row in part.to_dicts()])
        for (question,), part in decisions.group_by("question", maintain_order=True)
    ]
    advice = decisions.filter(
        pl.col("reason").str.to_lowercase().str.contains("break-even|pays|from which volume")
    )
    return {
        "questions": sorted(by_question, key=lambda each: (-each["saved_usd"], each["question"])),
        "advice": [read_decision(row) for row in advice.head(MOST_ADVICE).to_dicts()],
        "advice_left_out": max(0, advice.height - MOST_ADVICE),
    }


def notes_content(page: Page) -> dict[str, Any]:
    """Assumptions, the solver's bound and gap, seconds by stage, versions."""
    manifest = page.manifest
    stages = [_mapping(each) for each in _list(manifest.get("stages"))]
    longest = max((float(stage.get("seconds", 0.0)) for stage in stages), default=0.0) or 1.0
    return {
        "assumptions": [
            *map(str, _list(manifest.get("assumptions"))),
            *(
                text
                for text in page.network.assumptions
                if text not in _list(manifest.get("assumptions"))
            ),
        ],
        "solver": _solver(_mapping(manifest.get("linehaul"))),
        "stages": [
            {
                "name": stage.get("stage", ""),
                "seconds": float(stage.get("seconds", 0.0)),
                "peak_mb": stage.get("peak_mb"),
                "width": 100 * float(stage.get("seconds", 0.0)) / longest,
            }
            for stage in stages
        ],
        "seconds": sum(float(stage.get("seconds", 0.0)) for stage in stages),
        "versions": _mapping(manifest.get("versions")),
        "seed": manifest.get("seed"),
        "policy": manifest.get("policy"),
    }


def _question(question: str, decisions: list[Decision]) -> dict[str, Any]:
    by_saving = sorted(decisions, key=_stakes)
    return {
        "question": question,
        "count": len(decisions),
        "saved_usd": sum(each.saved_usd or 0.0 for each in decisions),
        "decisions": by_saving[:MOST_DECISIONS],
    }


def _stakes(decision: Decision) -> tuple[float, float, str]:
    """Largest saving first, then, where none is stored, the dearest next option."""
    next_usd = min((each.cost_usd or 0.0 for each in decision.alternatives), default=0.0)
    return -(decision.saved_usd or 0.0), -next_usd, decision.subject


def _solver(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Plan value, bound and gap as the manifest has them; a gap is shown only with its bound."""
    bound, cost = entry.get("bound_usd"), entry.get("cost_usd", entry.get("objective_usd"))
    gap = entry.get("gap")
    if gap is None and bound is not None and cost:
        gap = (cost - bound) / cost
    return {"cost_usd": cost, "bound_usd": bound, "gap": gap, "stopped_by": entry.get("stopped_by")}


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return list(cast("list[Any]", value)) if isinstance(value, list | tuple) else []
