"""How well? Figures, comparisons, explanations, gates and papers of a plan."""

from crossdock.measure.causes import cost_causes
from crossdock.measure.diff import PlanRecord, RunDiff, diff_runs, network_changes
from crossdock.measure.explain import Explanation, explain_subject
from crossdock.measure.gates import (
    OVERRIDABLE,
    GateFault,
    Overridden,
    Override,
    apart,
    not_checked,
    release_gates,
)
from crossdock.measure.kpis import network_kpi, plan_kpis
from crossdock.measure.ledger import RunSummary, cost_by_kind, summarize

__all__ = [
    "OVERRIDABLE",
    "Explanation",
    "GateFault",
    "Overridden",
    "Override",
    "PlanRecord",
    "RunDiff",
    "RunSummary",
    "apart",
    "cost_by_kind",
    "cost_causes",
    "diff_runs",
    "explain_subject",
    "network_changes",
    "network_kpi",
    "not_checked",
    "plan_kpis",
    "release_gates",
    "summarize",
]
