"""Is the cargo held: how many tiedowns, how strong together, when to look again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from crossdock.comply.cargo.rules import (
    CHAIN_WLL_LB,
    CHECK_H,
    CHECK_MI,
    FIRST_CHECK_MI,
    HALF_WLL,
    PER_TIEDOWN_FT,
    SHORT_FT,
    SHORT_LB,
    WEBBING_WLL_LB,
    WLL_SHARE,
)
from crossdock.comply.verdict import Verdict, about, failed, not_checked, passed
from crossdock.model import InvalidValueError

TIEDOWN_KINDS = ("indirect_cross", "direct", "same_side_loop")

_ROUNDING = 1e-9
"""Lengths in feet are decimal fractions: 20 ft is not "a fraction more" for a rounding error."""


@dataclass(frozen=True)
class Tiedown:
    """A strap or chain.

    Attributes
    ----------
    kind
        ``indirect_cross``: from an anchor over or around the article to an anchor on the other
        side, in full; ``direct``: from an anchor to the article, half; ``same_side_loop``: from
        an anchor around the article back to the same side, half.
    wll_lb
        Working load limit of its weakest part, the anchor points included.
    """

    kind: Literal["indirect_cross", "direct", "same_side_loop"]
    wll_lb: float


@dataclass(frozen=True)
class Article:
    """A piece of cargo that can shift.

    Attributes
    ----------
    blocked_forward
        Whether a headerboard, bulkhead, other secured cargo or blocking stops it forward.
    contained
        Whether walls of adequate strength hold it with no void to shift in; None: not known.
    tiedowns
        None: not known.
    """

    article_id: str
    weight_lb: float
    length_ft: float
    blocked_forward: bool = False
    contained: bool | None = None
    tiedowns: tuple[Tiedown, ...] | None = None

    def __post_init__(self) -> None:
        if not (0 <= self.weight_lb < 1e9 and 0 < self.length_ft < 1e6):
            raise InvalidValueError(
                f"article {self.article_id} weighs {self.weight_lb} lb over {self.length_ft} ft",
                remedy="give a weight that is not negative and a length above 0",
            )


def minimum_tiedowns(length_ft: float, weight_lb: float, *, blocked_forward: bool) -> int:
    """The least number of tiedowns of an article (393.110(b)-(c))."""
    if blocked_forward:
        return max(1, _pieces(length_ft))
    if length_ft <= SHORT_FT.value + _ROUNDING:
        return 1 if weight_lb <= SHORT_LB.value else 2
    if length_ft <= PER_TIEDOWN_FT.value + _ROUNDING:
        return 2
    return 2 + _pieces(length_ft - PER_TIEDOWN_FT.value)


def aggregate_wll_lb(tiedowns: Iterable[Tiedown]) -> float:
    """What tiedowns hold together: in full across, half for the others (393.106(d))."""
    return sum(
        tiedown.wll_lb * (1.0 if tiedown.kind == "indirect_cross" else HALF_WLL.value)
        for tiedown in tiedowns
    )


def required_wll_lb(weight_lb: float) -> float:
    """What they must hold together for an article of that weight (393.106(d))."""
    return WLL_SHARE.value * weight_lb


def unmarked_wll_lb(material: Literal["webbing", "chain"], size_in: float) -> float:
    """Working load limit of a tiedown that bears no mark (393.108).

    Raises
    ------
    InvalidValueError
        A size that the table does not have.
    """
    table = WEBBING_WLL_LB if material == "webbing" else CHAIN_WLL_LB
    for size, wll in table.items():
        if math.isclose(size, size_in):
            return wll.value
    raise InvalidValueError(
        f"{material} of {size_in} in is not in the table of 393.108",
        remedy=f"use one of: {', '.join(f'{size:g}' for size in table)}",
    )


def cargo_verdicts(articles: Sequence[Article]) -> tuple[Verdict, ...]:
    """Count and strength of the tiedowns of each article."""
    return tuple(
        verdict for article in articles for verdict in about(article.article_id, _article(article))
    )


def check_due(
    *,
    driven_mi: float,
    since_check_mi: float,
    since_check_h: float,
    checked: bool,
    duty_changed: bool = False,
    sealed: bool = False,
) -> bool:
    """Whether the driver must look at the load now (392.9(b)).

    Parameters
    ----------
    driven_mi
        Since the start of the trip.
    checked
        Whether it was looked at since the start.
    sealed
        Sealed and ordered not to be opened, or loaded so that nobody can look.
    """
    if sealed:
        return False
    if not checked:
        return driven_mi >= FIRST_CHECK_MI.value
    return duty_changed or since_check_mi >= CHECK_MI.value or since_check_h >= CHECK_H.value


def _article(article: Article) -> tuple[Verdict, ...]:
    count, strength = "cargo.tiedown_count", "cargo.aggregate_wll"
    name = article.article_id
    if article.contained:
        return (
            passed(
                "cargo.containment",
                "49 CFR 393.102, 393.106(b)",
                f"{name} is contained by the walls of the vehicle",
            ),
        )
    if article.tiedowns is None:
        return (
            not_checked(
                count,
                "49 CFR 393.110",
                f"neither walls that contain {name} nor its tiedowns are told",
            ),
        )
    needed = minimum_tiedowns(
        article.length_ft, article.weight_lb, blocked_forward=article.blocked_forward
    )
    used = len(article.tiedowns)
    sentence = f"{name} has {used} tiedowns and needs {needed}"
    held, required = aggregate_wll_lb(article.tiedowns), required_wll_lb(article.weight_lb)
    strong = f"the tiedowns of {name} hold {held:,.0f} lb together and {required:,.0f} lb is needed"
    return (
        (passed if used >= needed else failed)(count, SHORT_FT.citation, sentence),
        (passed if held >= required else failed)(strength, WLL_SHARE.citation, strong),
    )


def _pieces(length_ft: float) -> int:
    return math.ceil(length_ft / PER_TIEDOWN_FT.value - _ROUNDING)
