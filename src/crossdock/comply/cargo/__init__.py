"""Cargo: tiedowns, their strength together, containment, looks on the way (49 CFR 393, 392.9)."""

from crossdock.comply.cargo.securement import (
    TIEDOWN_KINDS,
    Article,
    Tiedown,
    aggregate_wll_lb,
    cargo_verdicts,
    check_due,
    minimum_tiedowns,
    required_wll_lb,
    unmarked_wll_lb,
)

__all__ = [
    "TIEDOWN_KINDS",
    "Article",
    "Tiedown",
    "aggregate_wll_lb",
    "cargo_verdicts",
    "check_due",
    "minimum_tiedowns",
    "required_wll_lb",
    "unmarked_wll_lb",
]
