"""What is wrong with a plan, rule by rule, in words."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

TOLD_A_RULE = 20


class Faults:
    """Faults by rule; a rule that is broken often tells its first faults and counts the rest."""

    def __init__(self) -> None:
        self._by_rule: dict[str, list[str]] = {}

    def add(self, rule: str, fault: str) -> None:
        self._by_rule.setdefault(rule, []).append(fault)

    def expect(self, rule: str, holds: bool, fault: str) -> None:
        if not holds:
            self.add(rule, fault)

    def add_each(self, rule: str, faults: Iterable[str]) -> None:
        for fault in faults:
            self.add(rule, fault)

    def add_rows(self, rule: str, broken: pl.DataFrame, text: str) -> None:
        """One fault a row of ``broken``; ``text`` names its columns in braces."""
        self.add_each(rule, (text.format(**row) for row in broken.iter_rows(named=True)))

    def lines(self) -> list[str]:
        lines: list[str] = []
        for rule, found in self._by_rule.items():
            lines += [f"{rule}: {fault}" for fault in found[:TOLD_A_RULE]]
            if len(found) > TOLD_A_RULE:
                lines.append(f"{rule}: and {len(found) - TOLD_A_RULE} more ({len(found)} in all)")
        return lines
